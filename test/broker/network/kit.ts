// A listener with handlers of a test's own, and a client that writes and reads raw bytes.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Handler, RequestContext } from "../../../src/broker/api.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import { type Listener, listen } from "../../../src/broker/network/server.ts";
import type { Log } from "../../../src/core/log.ts";
import { Writer } from "../../../src/kafka/wire/writer.ts";
import { ManualClock } from "../../kit/clock.ts";

export const PRODUCE = 0;
export const OTHER = 3;

type Answer = (body: Uint8Array, context: RequestContext) => Promise<readonly Uint8Array[] | null>;

export const handler = (key: number, answer: Answer): Handler => ({
  key,
  name: `api ${key}`,
  versions: { min: 0, max: 1 },
  toldFrom: 0,
  flexibleFrom: Number.POSITIVE_INFINITY,
  answer,
});

/** A whole request, its length first. */
export const request = (correlation: number, body: Uint8Array, of: { readonly key?: number; readonly version?: number } = {}): Buffer => {
  const head = new Writer("classic")
    .int16(of.key ?? OTHER)
    .int16(of.version ?? 1)
    .int32(correlation)
    .nullableString("test");
  const whole = Buffer.concat([...head.pieces(), body]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(whole.length);
  return Buffer.concat([length, whole]);
};

/** Reads answers as pairs of correlation id and body. */
export class RawClient {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  readonly closed: Promise<unknown>;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, "close");
    socket.on("error", () => {});
  }

  static async to({ port }: Pick<Listener, "port">): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawClient(socket);
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  async answer(): Promise<{ readonly correlation: number; readonly body: Buffer }> {
    const whole = await this.#take(await this.#length());
    return { correlation: whole.readInt32BE(0), body: whole.subarray(4) };
  }

  async #length(): Promise<number> {
    return (await this.#take(4)).readInt32BE(0);
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) {
      const chunk: Buffer | null = this.socket.read();
      if (chunk) this.#bytes = Buffer.concat([this.#bytes, chunk]);
      else await once(this.socket, "readable");
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}

export interface Served {
  readonly listener: Listener;
  readonly clock: ManualClock;
  /** What was logged from `warn` up. */
  readonly complaints: readonly string[];
  client(): Promise<RawClient>;
}

/** Ends with the test. */
export const serve = async (
  context: TestContext,
  handlers: readonly Handler[],
  authenticate: "first" | "never" = "never",
): Promise<Served> => {
  const clock = new ManualClock();
  const complaints: string[] = [];
  const complain: Log["warn"] = (message, facts) => void complaints.push(`${message}: ${facts?.["reason"]}`);
  const log: Log = { debug: () => {}, info: () => {}, warn: complain, error: complain };
  const broker = { clock } as unknown as Broker; // Connections use nothing else of it.
  const listener = await listen(broker, handlers, { host: "127.0.0.1", port: 0, log, authenticate: authenticate === "first" });
  const clients: RawClient[] = [];
  context.after(async () => {
    for (const { socket } of clients) socket.destroy();
    await listener.close();
  });
  const client = async (): Promise<RawClient> => {
    const made = await RawClient.to(listener);
    clients.push(made);
    return made;
  };
  return { listener, clock, complaints, client };
};
