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

/** The readers of one server stream, each on a call of its own. */
export class Readers {
  readonly #counters: MessageCounter[] = [];
  #wanted = Number.POSITIVE_INFINITY;
  #settle: ((failure?: Error) => void) | undefined;

  open(sessions: readonly ClientHttp2Session[], { path, readers }: ReadersOptions): void {
    for (let at = 0; at < readers; at++) this.#read(sessions[at % sessions.length]!, path); // There is at least one.
  }

  /** Resolves when each reader has so many messages; rejects when a stream ends. */
  async reach(messages: number): Promise<ReadersResult> {
    const began = performance.now();
    this.#wanted = messages;
    await new Promise<void>((resolve, reject) => {
      this.#settle = (failure) => (failure ? reject(failure) : resolve());
      this.#look();
    });
    const delivered = this.#counters.reduce((sum, { count }) => sum + count, 0);
    return { delivered, elapsedMs: performance.now() - began };
  }

  #look(): void {
    if (this.#counters.every(({ count }) => count >= this.#wanted)) this.#settle?.();
  }

  #read(session: ClientHttp2Session, path: string): void {
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" });
    const counter = new MessageCounter();
    this.#counters.push(counter);
    stream.on("data", (chunk: Buffer) => {
      const wasShort = counter.count < this.#wanted;
      counter.add(chunk);
      if (wasShort && counter.count >= this.#wanted) this.#look();
    });
    stream.on("error", () => {}); // `close` follows.
    stream.on("close", () => this.#settle?.(new Error(`a stream ended after ${counter.count} messages`)));
    stream.end(EMPTY_FRAME);
  }
}
