// The part of a reader that is behind the log's tail: it reads one bounded range after the other out of what all such readers share, and knows
// when it has reached the tail in every partition. It holds no records: what was dropped before it came to it is read again.
import { fail, type Status } from "../../core/status.ts";
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX } from "./limits.ts";
import type { PackedRecords } from "./packed-records.ts";
import type { Extent, ExtentWaiter, RangeCache } from "./range-cache.ts";
import type { RangePart } from "./range-source.ts";
import { nextOf, UNREAD, type Vector } from "./vector.ts";

/** The log and the reader, as far as they matter here. */
export interface RangeUse {
  readonly topic: string;
  readonly extents: RangeCache;
  /** Where a partition begins in memory. */
  beginOf(partition: number): number;
  /** The partitions that are wanted. */
  partitions(): readonly number[];
  /** There is something to read. */
  wake(): void;
  failed(status: Status): void;
}

/** Records of one partition, `from` and up to and without `end` of what is packed, and the reader's vector before them. */
export interface RangeSlice {
  readonly partition: number;
  readonly packed: PackedRecords;
  readonly from: number;
  readonly end: number;
  readonly before: Vector;
}

/** What is read next: a reader has it for sure when it comes, and later unless it was dropped. */
interface Reading {
  readonly extent: Extent;
  fresh: PackedRecords | undefined;
  readonly below: number;
}

export class RangeReading implements ExtentWaiter {
  readonly #use: RangeUse;
  #own: number[];
  #asked: readonly RangePart[] = [];
  #call: { cancel(): void } | undefined;
  #readings: Reading[] = [];
  #over = false;

  constructor(use: RangeUse, own: number[]) {
    this.#use = use;
    this.#own = own;
    use.extents.entered();
  }

  /** The next records; "waiting" for Kafka; "joined" when there is nothing left below the tail: the last that it says. */
  next(): RangeSlice | "waiting" | "joined" {
    for (;;) {
      for (let reading = this.#readings[0]; reading; reading = this.#readings[0]) {
        const slice = this.#slice(reading);
        if (slice) return slice;
        this.#readings.shift();
      }
      if (this.#call) return "waiting";
      const behind = this.#behind();
      if (behind.length === 0) {
        this.#leave();
        return "joined";
      }
      this.#readings = behind.flatMap((part) => this.#kept(part));
      if (this.#readings.length > 0) continue;
      this.#asked = behind;
      this.#call = this.#use.extents.ask(behind, this);
      return "waiting";
    }
  }

  /** The reader's vector. */
  get own(): Vector {
    return this.#own;
  }

  cancel(): void {
    this.#call?.cancel();
    this.#call = undefined;
    this.#leave();
  }

  read(extents: readonly Extent[]): void {
    if (!this.#call) return;
    this.#call = undefined;
    for (const extent of extents) this.#begin(extent);
    if (extents.length === 0 || this.#readings.length > 0) this.#use.wake();
    else this.#use.failed(fail("INTERNAL", `a range of topic '${this.#use.topic}' came back without going on`).status);
  }

  failed(status: Status): void {
    if (!this.#call) return;
    this.#call = undefined;
    this.#use.failed(status);
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#use.extents.left();
  }

  /** Only what was asked for, and only if it goes on. */
  #begin(extent: Extent): void {
    const asked = this.#asked.find(({ partition }) => partition === extent.partition);
    if (!asked || extent.next <= asked.from) return;
    this.#readings.push({ extent, fresh: extent.packed, below: asked.below });
  }

  #kept({ partition, from, below }: RangePart): Reading[] {
    const extent = this.#use.extents.find(partition, from);
    return extent ? [{ extent, fresh: extent.packed, below }] : [];
  }

  /** Undefined when it was read, or is not there any more. */
  #slice(reading: Reading): RangeSlice | undefined {
    const { extent, below, fresh } = reading;
    const { partition, next, length } = extent;
    const packed = fresh ?? extent.packed;
    reading.fresh = undefined;
    if (packed === undefined && length > 0) return undefined;
    const from = packed?.indexFrom(this.#own[partition]!) ?? 0;
    const end = packed ? sliceEnd(packed, from, below) : 0;
    if (packed === undefined || end === from) {
      this.#own[partition] = Math.max(this.#own[partition]!, Math.min(next, below));
      return undefined;
    }
    const before = this.#own.slice();
    this.#own[partition] = packed.offsetAt(end - 1) + 1;
    return { partition, packed, from, end, before };
  }

  #behind(): RangePart[] {
    const behind: RangePart[] = [];
    for (const partition of this.#use.partitions()) {
      const below = this.#use.beginOf(partition);
      // A partition that came later is read from where the log began with it.
      if (nextOf(this.#own, partition) === UNREAD) this.#set(partition, below);
      const from = this.#own[partition]!;
      if (from < below) behind.push({ partition, from, below });
    }
    return behind;
  }

  #set(partition: number, next: number): void {
    while (this.#own.length <= partition) this.#own.push(UNREAD);
    this.#own[partition] = next;
  }
}

/** So many as a batch may have, below that offset. */
const sliceEnd = (packed: PackedRecords, from: number, below: number): number => {
  let bytes = 0;
  let end = from;
  for (const last = Math.min(packed.length, from + BATCH_RECORDS_MAX); end < last; end++) {
    if (packed.offsetAt(end) >= below) break;
    bytes += packed.bytesAt(end);
    if (end > from && bytes > BATCH_BYTES_MAX) break;
  }
  return end;
};
