// The newest batches of each log, kept in memory for readers at its end, within one bound over all logs.
import type { BatchFacts } from "./batch-facts.ts";
import { HELD_BATCH_BYTES, TAIL_BYTES_MAX } from "./limits.ts";

export interface HeldBatch {
  readonly facts: BatchFacts;
  readonly bytes: Uint8Array;
}

const costOf = ({ bytes }: HeldBatch): number => bytes.length + HELD_BATCH_BYTES;

/** Shared by all logs of a broker. */
export class TailMemory {
  readonly #bytesMax: number;
  /** One entry a batch, oldest first. */
  #order: Tail[] = [];
  #first = 0;
  #bytes = 0;

  constructor(bytesMax = TAIL_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  added(tail: Tail, bytes: number): void {
    this.#order.push(tail);
    this.#bytes += bytes;
    while (this.#bytes > this.#bytesMax && this.#first < this.#order.length) this.#order[this.#first++]!.dropFirst();
    if (this.#first > 1_024 && this.#first * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#first);
      this.#first = 0;
    }
  }

  removed(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Of one log. */
export class Tail {
  readonly #memory: TailMemory;
  #batches: HeldBatch[] = [];
  #first = 0;

  constructor(memory: TailMemory) {
    this.#memory = memory;
  }

  /** From this offset on everything is here; undefined when nothing is. */
  get startOffset(): number | undefined {
    return this.#batches[this.#first]?.facts.baseOffset;
  }

  add(batch: HeldBatch): void {
    this.#batches.push(batch);
    this.#memory.added(this, costOf(batch));
  }

  dropFirst(): void {
    const batch = this.#batches[this.#first];
    if (!batch) return;
    this.#first++;
    this.#memory.removed(costOf(batch));
    if (this.#first < 64 || this.#first * 2 < this.#batches.length) return;
    this.#batches = this.#batches.slice(this.#first);
    this.#first = 0;
  }

  /** All batches that begin before an offset. */
  dropBefore(offset: number): void {
    while ((this.startOffset ?? offset) < offset) this.dropFirst();
  }

  clear(): void {
    this.dropBefore(Number.POSITIVE_INFINITY);
  }

  /** From the batch that has the offset, or the first one after it, to the last that begins before `limit`. At least one, if there is any. */
  from(offset: number, bounds: { readonly limit: number; readonly bytesMax: number }): HeldBatch[] {
    const found: HeldBatch[] = [];
    let bytes = 0;
    for (let at = this.#at(offset); at < this.#batches.length; at++) {
      const batch = this.#batches[at]!;
      bytes += batch.bytes.length;
      if (batch.facts.baseOffset >= bounds.limit || (found.length > 0 && bytes > bounds.bytesMax)) break;
      found.push(batch);
    }
    return found;
  }

  /** The first batch that ends at the offset or later. */
  #at(offset: number): number {
    let low = this.#first;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#batches[middle]!.facts.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
