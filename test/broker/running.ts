// A broker that runs for a test, and a client that asks it any API in any version.
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { Frames } from "../../src/broker/network/frames.ts";
import type { BrokerOptions } from "../../src/broker/options.ts";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import { concat } from "../../src/core/bytes.ts";
import { type Api, decodeResponse, encodeRequest } from "../../src/kafka/wire/api/api.ts";
import { encodeBatch } from "../../src/kafka/wire/encode-batch.ts";
import { Writer } from "../../src/kafka/wire/writer.ts";

const API_VERSIONS = 18;

/** Asks one request after the other, or several at once. */
export class Asker {
  readonly socket: Socket;
  readonly #frames = new Frames();
  readonly #waiting: { resolve(frame: Uint8Array): void; reject(reason: unknown): void }[] = [];
  #correlation = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      for (const frame of this.#frames.push(chunk)) this.#waiting.shift()?.resolve(frame);
    });
    socket.once("close", () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("the broker has closed the connection"));
    });
  }

  static async to({ port }: { readonly port: number }): Promise<Asker> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Asker(socket);
  }

  /** Rejects when the broker closes the connection instead. */
  async ask<Request, Response>(api: Api<Request, Response>, request: Request, version = api.versions.max): Promise<Response> {
    this.send(api, request, version);
    const frame = await new Promise<Uint8Array>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    const headerBytes = version >= api.flexibleFrom && api.key !== API_VERSIONS ? 5 : 4;
    return decodeResponse(api, frame.subarray(headerBytes), version);
  }

  /** For what is not answered. */
  send<Request>(api: Api<Request, unknown>, request: Request, version = api.versions.max): void {
    const head = new Writer("classic")
      .int16(api.key)
      .int16(version)
      .int32(++this.#correlation)
      .nullableString("asker");
    if (version >= api.flexibleFrom) head.int8(0);
    const whole = concat([...head.pieces(), ...encodeRequest(api, request, version)]);
    this.socket.write(concat([...new Writer("classic").int32(whole.length).pieces(), whole]));
  }
}

export interface Running {
  readonly broker: RunningBroker;
  readonly asker: Asker;
}

/** In memory unless told otherwise; ends with the test, and so does its folder. */
export const running = async (context: TestContext, options: BrokerOptions = {}): Promise<Running> => {
  const broker = await startBroker(options);
  const asker = await Asker.to(broker);
  context.after(async () => {
    asker.socket.destroy();
    await broker.close();
    if (options.data !== undefined) rmSync(options.data, { recursive: true, force: true });
  });
  return { broker, asker };
};

/** One batch of records with these values. */
export const batchOf = (values: readonly string[], timestampMs = 1_000): Uint8Array =>
  concat(
    encodeBatch(
      values.map((value) => ({ key: null, value: Buffer.from(value), headers: [] })),
      { timestampMs },
    ).pieces,
  );
