// A client that means no harm, on a connection of its own to a server that is attacked: how long it waits for its answers.
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { REQUEST } from "./attack.ts";

/** An empty message of gRPC. */
const BODY = Buffer.alloc(5);
/** Shorter, and a percentile is of too few. */
const WATCHED_MS = 1_000;
/** A server that is attacked may never answer. */
const LOST_MS = 5_000;
/** A p99 below this is not told from the noise of the machine. */
const FLOOR_MS = 1;

export class Victim {
  readonly #session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
  }

  static async connected(port: number): Promise<Victim> {
    const session = connect(`http://127.0.0.1:${port}`);
    await once(session, "connect");
    return new Victim(session);
  }

  async requests(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.#request();
  }

  /** One request after the other, for a second and until that is over. */
  async p99Ms(until: Promise<unknown> = Promise.resolve()): Promise<number> {
    let going = true;
    const over = until.finally(() => {
      going = false;
    });
    const times: number[] = [];
    const began = performance.now();
    while (going || performance.now() - began < WATCHED_MS) {
      const from = performance.now();
      await this.#request();
      times.push(performance.now() - from);
    }
    await over;
    times.sort((a, b) => a - b);
    return Math.max(FLOOR_MS, times[Math.floor(times.length * 0.99)] ?? 0);
  }

  close(): void {
    this.#session.destroy();
  }

  #request(): Promise<void> {
    return new Promise((answered, failed) => {
      const stream = this.#session.request(Object.fromEntries(REQUEST));
      stream.once("error", failed);
      stream.setTimeout(LOST_MS, () => stream.close()); // It counts as having taken so long.
      stream.resume().once("close", answered);
      stream.end(BODY);
    });
  }
}
