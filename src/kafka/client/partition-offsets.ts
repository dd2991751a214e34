// What of one partition is done: offsets that were delivered and are not done yet, and from them the offset to commit and what is done
// beyond it. Offsets that hold no record for us (markers, compacted or aborted records, what an earlier owner has done) are done by themselves.
import type { OffsetRange } from "./commit-metadata.ts";

/** Offsets that are done before they are delivered; past it they are forgotten, and done when they are delivered and done again. */
export const AHEAD_OFFSETS_MAX = 100_000;

export class PartitionOffsets {
  /** In order: offsets are delivered in order, and a Set keeps it. */
  readonly #outstanding = new Set<number>();
  /** Done before they were delivered: the caller may read ahead some other way. */
  readonly #ahead = new Set<number>();
  readonly #aheadMax: number;
  #forgotten = 0;
  readonly #skipped: readonly OffsetRange[];
  /** Everything below was delivered or passed over. */
  #position: number;

  /** `begin`: the first offset that was not done; `skipped`: done ones beyond it, in order. */
  constructor(begin: number, skipped: readonly OffsetRange[], aheadMax = AHEAD_OFFSETS_MAX) {
    this.#position = begin;
    this.#skipped = skipped;
    this.#aheadMax = aheadMax;
  }

  get position(): number {
    return this.#position;
  }
  get outstanding(): number {
    return this.#outstanding.size;
  }

  /** How many were done before they were delivered and are not known to be so any more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Whether an earlier owner has done it. */
  isSkipped(offset: number): boolean {
    for (const { from, to } of this.#skipped) if (offset >= from && offset < to) return true;
    return false;
  }

  /** A record was delivered; in order. */
  delivered(offset: number): void {
    if (!this.#ahead.delete(offset)) this.#outstanding.add(offset);
    this.#position = offset + 1;
  }

  /** Everything before `next` has been seen. */
  passed(next: number): void {
    this.#position = Math.max(this.#position, next);
    for (const offset of this.#ahead) if (offset < next) this.#ahead.delete(offset); // Never to be delivered.
  }

  /** Ignores what is done already; what was not delivered yet is done when it is. Says whether anything changed. */
  done(offsets: readonly number[]): boolean {
    let changed = false;
    for (const offset of offsets) {
      if (offset >= this.#position) this.#doneAhead(offset);
      else changed = this.#outstanding.delete(offset) || changed;
    }
    return changed;
  }

  #doneAhead(offset: number): void {
    if (this.#ahead.size < this.#aheadMax || this.#ahead.has(offset)) this.#ahead.add(offset);
    else this.#forgotten += 1;
  }

  /** The first offset that is not done. */
  get committed(): number {
    for (const offset of this.#outstanding) return offset;
    let committed = this.#position;
    for (const { from, to } of this.#skipped) if (committed >= from && committed < to) committed = to;
    return committed;
  }

  /** Done offsets beyond the committed one. */
  doneBeyond(): readonly OffsetRange[] {
    const ranges: OffsetRange[] = [];
    let from = -1;
    for (const offset of this.#outstanding) {
      if (from >= 0 && offset > from) ranges.push({ from, to: offset });
      from = offset + 1;
    }
    if (from >= 0 && this.#position > from) ranges.push({ from, to: this.#position });
    return this.#withSkipped(ranges);
  }

  /** What an earlier owner had done and we have not come to yet is still done. */
  #withSkipped(ranges: OffsetRange[]): readonly OffsetRange[] {
    const { committed } = this;
    for (const { from, to } of this.#skipped) {
      const start = Math.max(from, this.#position);
      if (to <= start || start < committed) continue;
      const last = ranges.at(-1);
      if (last?.to === start) ranges[ranges.length - 1] = { from: last.from, to };
      else ranges.push({ from: start, to });
    }
    return ranges;
  }
}
