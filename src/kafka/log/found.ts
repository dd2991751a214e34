// Positions that were found for a reader by look-ups: a number each, so that a reader that does not read pins nothing.
import type { Chunk } from "./chunk.ts";
import { Fifo } from "./fifo.ts";
import { BATCH_RECORDS_MAX, FOUND_MAX } from "./limits.ts";

export class Found {
  /** Made when the first is found: many wait, and some of them for ever. */
  #positions: Fifo<number> | undefined;
  #last = -1;
  #full = false;

  get length(): number {
    return this.#positions?.length ?? 0;
  }

  /** It was full once, and records after the last one may be missing. */
  get overflowed(): boolean {
    return this.#full;
  }

  /** False when there are too many: from now on none is taken. The same position twice in a row is one. */
  push({ sequence }: Chunk, index: number): boolean {
    const position = sequence * BATCH_RECORDS_MAX + index;
    if (position === this.#last) return true;
    this.#positions ??= new Fifo();
    if (this.#positions.length >= FOUND_MAX) {
      this.#full = true;
      return false;
    }
    this.#last = position;
    this.#positions.push(position);
    return true;
  }

  /** Of the first one, if there is one: the chunk, … */
  get sequence(): number {
    return Math.floor(this.#first / BATCH_RECORDS_MAX);
  }
  /** … and the record in it. */
  get index(): number {
    return this.#first % BATCH_RECORDS_MAX;
  }

  shift(): void {
    this.#positions?.shift();
  }

  clear(): void {
    this.#positions?.clear();
    this.#last = -1;
    this.#full = false;
  }

  get #first(): number {
    return this.#positions?.at(0) ?? -1;
  }
}
