// Positions that were found for a reader by look-ups: a number each, so that a reader that does not read pins nothing.
import type { Chunk } from "./chunk.ts";
import { Fifo } from "./fifo.ts";
import { BATCH_RECORDS_MAX, FOUND_MAX } from "./limits.ts";

export class Found {
  readonly #positions = new Fifo<number>();
  #last = -1;
  #full = false;

  get length(): number {
    return this.#positions.length;
  }

  /** It was full once, and records after the last one may be missing. */
  get overflowed(): boolean {
    return this.#full;
  }

  /** False when there are too many: from now on none is taken. The same position twice in a row is one. */
  push({ sequence }: Chunk, index: number): boolean {
    const position = sequence * BATCH_RECORDS_MAX + index;
    if (position === this.#last) return true;
    if (this.#positions.length >= FOUND_MAX) {
      this.#full = true;
      return false;
    }
    this.#last = position;
    this.#positions.push(position);
    return true;
  }

  /** The first one; there is one. */
  first(): { readonly sequence: number; readonly index: number } {
    const position = this.#positions.at(0)!;
    return { sequence: Math.floor(position / BATCH_RECORDS_MAX), index: position % BATCH_RECORDS_MAX };
  }

  shift(): void {
    this.#positions.shift();
  }

  clear(): void {
    this.#positions.clear();
    this.#last = -1;
    this.#full = false;
  }
}
