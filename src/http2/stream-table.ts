// The streams of a connection by number, and what is remembered of those that are over: frames for them may still be on their way.
import { Registry } from "../core/members.ts";
import { RESET_STREAMS_MAX } from "./limits.ts";
import type { Stream } from "./stream.ts";

/** Streams that ended as they should and are remembered, to tell a frame that comes too late from one for a stream that never was. */
const ENDED_MAX = 64;

export class StreamTable {
  readonly #streams = new Registry<number, Stream>();
  /** In the order they were reset. */
  readonly #reset = new Set<number>();
  readonly #ended = new Int32Array(ENDED_MAX);
  #endedCount = 0;

  get size(): number {
    return this.#streams.size;
  }
  get(id: number): Stream | undefined {
    return this.#streams.get(id);
  }
  add(stream: Stream): void {
    this.#streams.set(stream.id, stream);
  }
  /** A copy, which may be walked while streams end. */
  all(): Stream[] {
    return this.#streams.values();
  }

  ended(id: number): void {
    this.#streams.delete(id);
    this.#ended[this.#endedCount++ % ENDED_MAX] = id;
  }

  /** By us: the peer may not know it yet. */
  reset(id: number): void {
    this.#streams.delete(id);
    this.#reset.add(id);
    if (this.#reset.size <= RESET_STREAMS_MAX) return;
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest);
      break;
    }
  }

  wasReset(id: number): boolean {
    return this.#reset.has(id);
  }
  hasEnded(id: number): boolean {
    return this.#ended.includes(id);
  }
}
