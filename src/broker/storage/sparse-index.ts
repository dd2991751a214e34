// From offset or time to a position in a segment: one entry for every few kilobytes of batches; what lies between is searched in place.
import { INDEX_INTERVAL_BYTES } from "./limits.ts";

/** Offset, position, largest timestamp before the position. */
const WIDTH = 3;
const FIRST_ENTRIES = 16;

/** Where a batch begins, as far as an index knows. */
export interface IndexEntry {
  readonly offset: number;
  readonly position: number;
}

const BEGIN = { position: 0 } as const;

export class SparseIndex {
  #entries: Float64Array;
  #count: number;

  /** Of entries that `bytes` gave. */
  constructor(entries: Float64Array = new Float64Array(0)) {
    this.#entries = entries;
    this.#count = entries.length / WIDTH;
  }

  /** How many entries there are. */
  get count(): number {
    return this.#count;
  }

  /** A batch was added; `maxTimestampBefore` is of all batches before it. Noted when the last entry is far enough away. */
  note(entry: IndexEntry, maxTimestampBefore: number): void {
    const last = this.#count === 0 ? Number.NEGATIVE_INFINITY : this.#position(this.#count - 1);
    if (entry.position - last >= INDEX_INTERVAL_BYTES) this.add(entry, maxTimestampBefore);
  }

  /** Noted in any case. */
  add({ offset, position }: IndexEntry, maxTimestampBefore: number): void {
    const at = this.#count * WIDTH;
    if (at + WIDTH > this.#entries.length) {
      const larger = new Float64Array(Math.max(FIRST_ENTRIES * WIDTH, this.#entries.length * 2));
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries[at] = offset;
    this.#entries[at + 1] = position;
    this.#entries[at + 2] = maxTimestampBefore;
    this.#count++;
  }

  /** Where to look for the batch of an offset: at a batch that begins at it or before. */
  byOffset(offset: number): { readonly offset?: number; readonly position: number } {
    return this.#entry(this.#last((at) => this.#entries[at * WIDTH]! <= offset));
  }

  /** Where to look for the first record that is not older: everything before this position is older. */
  byTimestamp(timestamp: number): { readonly offset?: number; readonly position: number } {
    return this.#entry(this.#last((at) => this.#entries[at * WIDTH + 2]! < timestamp));
  }

  /** The base offset of the batch that begins at a position; undefined where the index does not say. */
  offsetAt(position: number): number | undefined {
    const at = this.#last((index) => this.#position(index) <= position);
    return at >= 0 && this.#position(at) === position ? this.#entries[at * WIDTH] : undefined;
  }

  /** For the constructor of another run; little-endian. */
  bytes(): Uint8Array {
    const entries = this.#entries.slice(0, this.#count * WIDTH);
    return new Uint8Array(entries.buffer, entries.byteOffset, entries.byteLength);
  }

  #position(at: number): number {
    return this.#entries[at * WIDTH + 1]!;
  }

  #entry(at: number): { readonly offset?: number; readonly position: number } {
    return at < 0 ? BEGIN : { offset: this.#entries[at * WIDTH]!, position: this.#position(at) };
  }

  /** The last entry that fits, where all that fit come first; -1 for none. */
  #last(fits: (at: number) => boolean): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (fits(middle)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
