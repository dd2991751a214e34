// The part of a reader that is behind the log's tail: it asks Kafka for one bounded range after the other, and knows when it has reached
// the tail in every partition.
import { fail, type Status } from "../../core/status.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import { batchEnd } from "./chunk.ts";
import { RANGE_BYTES_MAX } from "./limits.ts";
import type { RangePart, RangeReader, RangeRecords, RangeSource } from "./range-source.ts";
import { nextOf, UNREAD, type Vector } from "./vector.ts";

/** The log and the reader, as far as they matter here. */
export interface RangeUse {
  readonly topic: string;
  readonly ranges: RangeSource;
  /** Where a partition begins in memory. */
  beginOf(partition: number): number;
  /** The partitions that are wanted. */
  partitions(): readonly number[];
  /** There is something to read. */
  wake(): void;
  failed(status: Status): void;
}

/** Records of one partition, and the reader's vector before them. */
export interface RangeSlice {
  readonly partition: number;
  readonly records: readonly BatchRecord[];
  readonly before: Vector;
}

export class RangeReading implements RangeReader {
  readonly #use: RangeUse;
  #own: number[];
  #asked: readonly RangePart[] = [];
  #call: { cancel(): void } | undefined;
  #parts: readonly RangeRecords[] = [];
  #part = 0;
  #at = 0;

  constructor(use: RangeUse, own: number[]) {
    this.#use = use;
    this.#own = own;
  }

  /** The next records; "waiting" for Kafka; "joined" when there is nothing left below the tail. */
  next(): RangeSlice | "waiting" | "joined" {
    while (this.#part < this.#parts.length) {
      const part = this.#parts[this.#part]!;
      if (this.#at < part.records.length) return this.#slice(part);
      this.#own[part.partition] = part.next;
      this.#part++;
      this.#at = 0;
    }
    this.#parts = [];
    if (this.#call) return "waiting";
    const asked = this.#behind();
    if (asked.length === 0) return "joined";
    this.#asked = asked;
    this.#call = this.#use.ranges.read(this.#use.topic, { parts: asked, bytesMax: RANGE_BYTES_MAX }, this);
    return "waiting";
  }

  /** The reader's vector. */
  get own(): Vector {
    return this.#own;
  }

  cancel(): void {
    this.#call?.cancel();
    this.#call = undefined;
  }

  read(parts: readonly RangeRecords[]): void {
    if (!this.#call) return;
    this.#call = undefined;
    this.#parts = parts.flatMap((part) => this.#cut(part));
    this.#part = 0;
    this.#at = 0;
    if (this.#parts.length > 0) this.#use.wake();
    else this.#use.failed(fail("INTERNAL", `a range of topic '${this.#use.topic}' came back without going on`).status);
  }

  failed(status: Status): void {
    if (!this.#call) return;
    this.#call = undefined;
    this.#use.failed(status);
  }

  #slice({ partition, records }: RangeRecords): RangeSlice {
    const end = batchEnd(records, this.#at);
    const slice = records.slice(this.#at, end);
    const before = this.#own.slice();
    this.#at = end;
    this.#own[partition] = slice.at(-1)!.offset + 1;
    return { partition, records: slice, before };
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

  /** Only what was asked for, and only if it goes on. */
  #cut({ partition, records, next }: RangeRecords): RangeRecords[] {
    const asked = this.#asked.find((part) => part.partition === partition);
    if (!asked || next <= asked.from) return [];
    const wanted = records.filter(({ offset }) => offset >= asked.from && offset < asked.below);
    return [{ partition, records: wanted, next: Math.min(next, asked.below) }];
  }
}
