// A part of an index: a table from 64-bit hashes to positions, 16 bytes a slot, filled once and dropped as a whole.
import type { Kept } from "./log-memory.ts";

/** Low and high half of the hash, low half of the offset, partition and high half of the offset. */
const WORDS = 4;
const SLOT_BYTES = 16;
/** So full a table may be, or looking up takes long. */
const FILL = 7 / 8;
const HIGH = 0x100000000;
/** What a slot holds: partitions below 2^16, offsets below 2^48. */
const PARTITIONS_MAX = 0x10000;
const OFFSET_MAX = HIGH * 0x10000;

/** Where a record lies. */
export interface RecordPlace {
  readonly partition: number;
  readonly offset: number;
}

export class IndexSegment implements Kept {
  readonly slots: number;
  readonly cost: number;
  dropped = false;
  count = 0;
  #words: Uint32Array;
  readonly #mask: number;

  /** A power of two. */
  constructor(slots: number) {
    this.slots = slots;
    this.cost = slots * SLOT_BYTES;
    this.#words = new Uint32Array(slots * WORDS);
    this.#mask = slots - 1;
  }

  get full(): boolean {
    return this.count >= this.slots * FILL;
  }

  /** There is room. A place that a slot cannot hold is left out, and any once it was dropped. */
  add([low, high]: readonly [number, number], { partition, offset }: RecordPlace): void {
    if (this.dropped || partition >= PARTITIONS_MAX || offset >= OFFSET_MAX) return;
    const words = this.#words;
    let slot = low & this.#mask;
    while (!this.#free(slot)) slot = (slot + 1) & this.#mask;
    const at = slot * WORDS;
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = offset % HIGH;
    words[at + 3] = partition * 0x10000 + Math.floor(offset / HIGH);
    this.count++;
  }

  /** Visits the places of a hash, in the order they were added. */
  find([low, high]: readonly [number, number], visit: (place: RecordPlace) => void): void {
    const words = this.#words;
    if (this.dropped) return;
    for (let slot = low & this.#mask; !this.#free(slot); slot = (slot + 1) & this.#mask) {
      const at = slot * WORDS;
      if (words[at] !== low || words[at + 1] !== high) continue;
      const last = words[at + 3]!;
      visit({ partition: last >>> 16, offset: (last & 0xffff) * HIGH + words[at + 2]! });
    }
  }

  forget(): void {
    this.#words = new Uint32Array(0);
  }

  #free(slot: number): boolean {
    return this.#words[slot * WORDS] === 0 && this.#words[slot * WORDS + 1] === 0;
  }
}
