// Which values a header has among some records, or which keys they have, so that a reader who wants others need not look at the records: it may
// be told of a value that is not there, but never misses one that is. Eight bits a record; one of twenty answers is a false hope.
import type { BatchRecord } from "../wire/stored-record.ts";
import { hash64 } from "./hash64.ts";

const BITS_A_RECORD = 8;
const BITS_MIN = 64;

/** As `hash64` gives it. */
export type ValueHash = readonly [low: number, high: number];

export class ValueFilter {
  readonly #words: Uint32Array;
  readonly #mask: number;

  /** Of the values of that header; of the keys without one. */
  constructor(records: readonly BatchRecord[], header: string | undefined) {
    let bits = BITS_MIN;
    while (bits < records.length * BITS_A_RECORD) bits *= 2;
    this.#words = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
    const add = (value: string): void => this.#add(hash64(value));
    for (const record of records) {
      if (header !== undefined) record.eachValueText(header, add);
      else {
        const key = record.keyText();
        if (key !== undefined) add(key);
      }
    }
  }

  /** False: no record has it. */
  mayHave([low, high]: ValueHash): boolean {
    return this.#has(low & this.#mask) && this.#has(high & this.#mask);
  }

  #add([low, high]: ValueHash): void {
    for (const bit of [low & this.#mask, high & this.#mask]) this.#words[bit >>> 5]! |= 1 << (bit & 31);
  }

  #has(bit: number): boolean {
    return (this.#words[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }
}
