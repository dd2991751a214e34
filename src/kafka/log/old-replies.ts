// Records that were there before a reader came, at places that an index has named: from memory where they are still there, else from Kafka,
// those that lie near each other together.
import { Code, fail, type Status } from "../../core/status.ts";
import type { Batch } from "../../ports/service.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import { batchEnd } from "./chunk.ts";
import type { RecordPlace } from "./index-segment.ts";
import { BATCH_RECORDS_MAX, RANGE_BYTES_MAX, RECALL_SPAN } from "./limits.ts";
import type { Matcher } from "./matcher.ts";
import type { RangePart, RangeReader, RangeRecords } from "./range-source.ts";
import type { TopicLog } from "./topic-log.ts";
import { EARLIEST } from "./vector.ts";

export interface OldRepliesUse {
  readonly log: TopicLog;
  /** A place may name a record with another value. */
  readonly matcher: Matcher;
  wake(): void;
  failed(status: Status): void;
}

export class OldReplies implements RangeReader {
  readonly #use: OldRepliesUse;
  #places: readonly RecordPlace[];
  #records: readonly BatchRecord[] = [];
  #asked: RangePart | undefined;
  #call: { cancel(): void } | undefined;

  constructor(use: OldRepliesUse, places: readonly RecordPlace[]) {
    this.#use = use;
    this.#places = places;
  }

  /** The next records; "waiting" for Kafka; "over" when there are no more. */
  next(): Batch<BatchRecord> | "waiting" | "over" {
    while (this.#records.length === 0) {
      if (this.#call) return "waiting";
      if (this.#places.length === 0) return "over";
      this.#fromMemory();
      if (this.#records.length === 0 && this.#places.length > 0) this.#ask(this.#near());
    }
    const end = batchEnd(this.#records, 0);
    const batch = this.#records.slice(0, end);
    this.#records = this.#records.slice(end);
    return batch;
  }

  cancel(): void {
    this.#call?.cancel();
    this.#call = undefined;
  }

  read(parts: readonly RangeRecords[]): void {
    const asked = this.#asked;
    if (!this.#call || !asked) return;
    this.#call = undefined;
    const part = parts.find(({ partition }) => partition === asked.partition);
    const [first] = this.#places;
    const end = Math.min(part?.next ?? 0, asked.below);
    if (!part || end <= first!.offset) {
      this.#use.failed(fail("INTERNAL", `a range of topic '${this.#use.log.topic}' came back without going on`).status);
      return;
    }
    const begin = first!.offset;
    this.#records = part.records.filter((record) => record.offset >= begin && record.offset < end && this.#use.matcher.matches(record));
    this.#places = this.#places.filter(({ partition, offset }) => partition !== asked.partition || offset >= end);
    this.#use.wake();
  }

  /** What was deleted since the index named it is no reply any more: reading goes on from what is left. */
  failed(status: Status): void {
    if (!this.#call) return;
    this.#call = undefined;
    if (status.code !== Code.OUT_OF_RANGE || this.#asked?.from === EARLIEST) this.#use.failed(status);
    else this.#ask({ ...this.#near(), from: EARLIEST });
  }

  /** As many as are in memory, up to the first that is not. */
  #fromMemory(): void {
    const records: BatchRecord[] = [];
    let at = 0;
    for (; at < this.#places.length && records.length < BATCH_RECORDS_MAX; at++) {
      const { partition, offset } = this.#places[at]!;
      const record = this.#use.log.recordAt(partition, offset);
      if (!record) break;
      // A record that has the value twice was named twice.
      const last = records.at(-1);
      const again = last?.offset === offset && last.partition === partition;
      if (!again && this.#use.matcher.matches(record)) records.push(record);
    }
    this.#places = this.#places.slice(at);
    this.#records = records;
  }

  /** The first place, up to the last one near it. There is one. */
  #near(): RangePart {
    const { partition, offset: from } = this.#places[0]!;
    let last = from;
    for (const place of this.#places)
      if (place.partition === partition && place.offset > last && place.offset < from + RECALL_SPAN) last = place.offset;
    return { partition, from, below: last + 1 };
  }

  #ask(part: RangePart): void {
    this.#asked = part;
    const { log } = this.#use;
    this.#call = log.ranges.read(log.topic, { parts: [part], bytesMax: RANGE_BYTES_MAX }, this);
  }
}
