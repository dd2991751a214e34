// Many readers of one server stream, who only count what they are given.
import type { ClientHttp2Session } from "node:http2";
import type { ReadersOptions, ReadersResult } from "./options.ts";

const PREFIX_BYTES = 5;
/** An empty message. */
const EMPTY_FRAME = Buffer.alloc(PREFIX_BYTES);

/** Counts gRPC messages in chunks, without keeping any. */
export class MessageCounter {
  count = 0;
  /** Of the message that has begun: what is still to come; of a prefix, what is here. */
  #rest = 0;
  #prefix = Buffer.alloc(0);

  add(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#rest > 0) {
        const step = Math.min(this.#rest, chunk.length - at);
        this.#rest -= step;
        at += step;
        if (this.#rest === 0) this.count += 1;
        continue;
      }
      const missing = PREFIX_BYTES - this.#prefix.length;
      this.#prefix = Buffer.concat([this.#prefix, chunk.subarray(at, at + missing)]);
      at += missing;
      if (this.#prefix.length < PREFIX_BYTES) return;
      this.#rest = this.#prefix.readUInt32BE(1);
      this.#prefix = Buffer.alloc(0);
      if (this.#rest === 0) this.count += 1;
    }
  }
}

/** Reads until there are enough messages, or rejects when the stream ends before. */
const read = (session: ClientHttp2Session, { path, messages }: ReadersOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" });
    const counter = new MessageCounter();
    stream.on("data", (chunk: Buffer) => {
      counter.add(chunk);
      if (counter.count >= messages) stream.close();
    });
    stream.on("error", reject);
    stream.on("close", () =>
      counter.count >= messages ? resolve(counter.count) : reject(new Error(`a stream ended after ${counter.count} messages`)),
    );
    stream.end(EMPTY_FRAME);
  });

/** Opens all readers; resolves when each has its messages. */
export const readAll = async (sessions: readonly ClientHttp2Session[], options: ReadersOptions): Promise<ReadersResult> => {
  const began = performance.now();
  const all = Array.from({ length: options.readers }, (_, at) => read(sessions[at % sessions.length]!, options)); // There is at least one.
  const counts = await Promise.all(all);
  return { delivered: counts.reduce((sum, count) => sum + count, 0), elapsedMs: performance.now() - began };
};
