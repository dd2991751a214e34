// Finds bytes that were there before, for the encoders of lz4 and snappy: greedy, with one candidate a hash, and in longer steps where
// nothing is found, so that noise costs little.

/** The shortest that both formats can tell. */
export const REPEAT_BYTES_MIN = 4;
/** Both formats tell distances in two bytes. */
const DISTANCE_MAX = 0xffff;
const HASH_BITS = 13;
const NONE = -1;
/** After so many misses steps grow by one. */
const MISSES_PER_STEP_BITS = 5;

/** What of the bytes is looked at. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** No repeat begins among so many last bytes. */
  readonly noneBegins: number;
  /** Nor reaches into so many last bytes. */
  readonly noneEnds: number;
}

/** The repeat found last is told by the fields. */
export class Repeats {
  /** Where it begins, how far back the same is, and how long it is. */
  at = 0;
  distance = 0;
  length = 0;
  readonly #bytes: Uint8Array;
  readonly #beginsBefore: number;
  readonly #endsBefore: number;
  readonly #last = new Int32Array(1 << HASH_BITS).fill(NONE);
  #next: number;

  constructor(bytes: Uint8Array, { from, to, noneBegins, noneEnds }: Range) {
    this.#bytes = bytes;
    this.#next = from;
    this.#beginsBefore = to - Math.max(noneBegins, REPEAT_BYTES_MIN) + 1;
    this.#endsBefore = to - noneEnds;
  }

  /** Moves on to the next one; false when there is none. */
  find(): boolean {
    const bytes = this.#bytes;
    let misses = 0;
    for (let at = this.#next; at < this.#beginsBefore; at += 1 + (misses++ >> MISSES_PER_STEP_BITS)) {
      const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      const slot = Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
      const before = this.#last[slot]!;
      this.#last[slot] = at;
      if (before === NONE || at - before > DISTANCE_MAX || !this.#isSame(before, at)) continue;
      const length = this.#lengthOf(before, at);
      if (length < REPEAT_BYTES_MIN) continue;
      this.at = at;
      this.distance = at - before;
      this.length = length;
      this.#next = at + length;
      return true;
    }
    return false;
  }

  #isSame(a: number, b: number): boolean {
    const bytes = this.#bytes;
    return bytes[a] === bytes[b] && bytes[a + 1] === bytes[b + 1] && bytes[a + 2] === bytes[b + 2] && bytes[a + 3] === bytes[b + 3];
  }

  #lengthOf(before: number, at: number): number {
    const bytes = this.#bytes;
    let length = 0;
    while (at + length < this.#endsBefore && bytes[before + length] === bytes[at + length]) length++;
    return length;
  }
}
