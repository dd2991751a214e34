// One connection that says to a broker exactly what it is told to, in the right order or not, and what comes back: with the tables of the
// wire, and with frames that have no header.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { concat } from "../../src/core/bytes.ts";
import { type Api, decodeResponse, encodeRequest } from "../../src/kafka/wire/api/api.ts";
import { Writer } from "../../src/kafka/wire/writer.ts";

export const CLOSED = "closed";
const LENGTH_BYTES = 4;
const CORRELATION_BYTES = 4;
const API_VERSIONS = 18;
const ANSWER_TIMEOUT_MS = 20_000;

export class RawKafka {
  readonly #socket: Socket;
  #received = new Uint8Array(0);
  #ended = false;
  #wake = (): void => {};

  static async open(bootstrap: string): Promise<RawKafka> {
    const [host = "", port] = bootstrap.split(":");
    const socket = connect({ host, port: Number(port) });
    await once(socket, "connect");
    return new RawKafka(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = new Uint8Array(concat([this.#received, chunk]));
      this.#wake();
    });
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The answer, or that the connection was closed without one. */
  async ask<Request, Response>(api: Api<Request, Response>, version: number, request: Request): Promise<Response | typeof CLOSED> {
    const flexible = version >= api.flexibleFrom;
    const header = new Writer("classic").int16(api.key).int16(version).int32(1).string("raw");
    if (flexible) header.uvarint(0);
    const answer = await this.bare(concat([...header.pieces(), ...encodeRequest(api, request, version)]));
    if (answer === CLOSED) return CLOSED;
    const tagged = flexible && api.key !== API_VERSIONS;
    return decodeResponse(api, answer.subarray(CORRELATION_BYTES + (tagged ? 1 : 0)), version);
  }

  /** The frame that answers a frame. */
  async bare(frame: Uint8Array): Promise<Uint8Array | typeof CLOSED> {
    this.#socket.write(concat([...new Writer("classic").int32(frame.length).pieces(), frame]));
    const length = await this.#take(LENGTH_BYTES);
    if (length === CLOSED) return CLOSED;
    return this.#take(new DataView(length.buffer, length.byteOffset).getInt32(0));
  }

  /** Whether the other side ends the connection. */
  async closes(): Promise<boolean> {
    return (await this.#take(1)) === CLOSED;
  }

  async #take(length: number): Promise<Uint8Array | typeof CLOSED> {
    const overdue = setTimeout(() => this.#socket.destroy(), ANSWER_TIMEOUT_MS);
    while (this.#received.length < length && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    clearTimeout(overdue);
    if (this.#received.length < length) return CLOSED;
    const taken = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return taken;
  }
}
