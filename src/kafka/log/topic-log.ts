// The log of a topic: what was fetched of its partitions, in the one order in which it arrived. Its newest part is kept in memory as far as
// the memory for logs allows; readers are cursors over it and read what is older from Kafka.
//
// A log is given records that all its readers may see: one for committed records and one for all, where both are wanted.
import { Members } from "../../core/members.ts";
import { fail, type Status } from "../../core/status.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import { batchEnd, Chunk } from "./chunk.ts";
import { Cursor, type CursorOwner, type CursorQuery } from "./cursor.ts";
import { Fifo } from "./fifo.ts";
import { RANGE_MEMORY_PART } from "./limits.ts";
import { Listeners } from "./listeners.ts";
import { CurrentEnd } from "./log-end.ts";
import { type Holder, LogMemory } from "./log-memory.ts";
import type { LogCursor, LogEnd, LogView, PartitionStart } from "./log-view.ts";
import { RangeCache } from "./range-cache.ts";
import type { RangeSource } from "./range-source.ts";
import type { SharedRecords } from "./shared-records.ts";
import { EARLIEST, moved, nextOf, UNREAD, type Vector } from "./vector.ts";

export interface LogOptions {
  readonly topic: string;
  readonly memory: LogMemory;
  readonly ranges: RangeSource;
  /** For what was read from there; its own when absent. */
  readonly rangeMemory?: LogMemory;
}

export class TopicLog implements Holder, LogView {
  readonly topic: string;
  /** For cursors. */
  readonly ranges: RangeSource;
  readonly extents: RangeCache;
  readonly listeners = new Listeners<LogCursor>();
  readonly shared: SharedRecords;
  readonly #memory: LogMemory;
  readonly #chunks = new Fifo<Chunk>();
  readonly #cursors = new Members<LogCursor>();
  #waiting = new Set<LogCursor>();
  readonly #starts: (PartitionStart | undefined)[] = [];
  #partitions: readonly number[] = [];
  #end: Vector = [];
  #latest: LogEnd | undefined;
  #first = 0;
  #hit: { chunk: Chunk; index: number } | undefined;

  constructor({ topic, memory, ranges, rangeMemory = new LogMemory(memory.bytesMax * RANGE_MEMORY_PART) }: LogOptions) {
    this.topic = topic;
    this.#memory = memory;
    this.shared = memory.shared;
    this.ranges = ranges;
    this.extents = new RangeCache(topic, ranges, rangeMemory);
  }

  /** From now on records of this partition are appended. Readers without partitions of their own read it too, from here. Once a partition. */
  open(partition: number, start: PartitionStart): void {
    this.#begin(partition, start);
    this.#partitions = [...this.#starts.keys()].filter((read) => this.#starts[read]);
  }

  /**
   * What a fetch of one partition brought, in order: records below what was appended before are passed over. `next` is where fetching goes
   * on; with no records it only moves the log's place.
   */
  append(partition: number, records: readonly BatchRecord[], next: number): void {
    const reached = nextOf(this.#end, partition);
    let from = 0;
    while (from < records.length && records[from]!.offset < reached) from++;
    while (from < records.length) {
      const end = batchEnd(records, from);
      const batch = from === 0 && end === records.length ? records : records.slice(from, end);
      this.#push(partition, batch, end === records.length ? next : batch.at(-1)!.offset + 1);
      from = end;
    }
    if (next <= nextOf(this.#end, partition)) return;
    this.#move(partition, next);
    this.#wake();
  }

  /**
   * The partition's records between what was appended and this offset are not there any more (`forward`), or what was appended no longer
   * stands (the log was truncated, the topic made anew). Readers that wait for certain records end with `status`; in the second case all
   * readers do, and the log begins anew.
   */
  restart(partition: number, start: PartitionStart, status: Status): void {
    const forward = start.offset >= nextOf(this.#end, partition);
    for (const cursor of this.#cursors.all()) if (!forward || cursor.waits) cursor.end(status);
    if (!forward) this.#clear();
    this.#begin(partition, start);
  }

  /** The offset after the last known record of each partition: the log's own, or what the partition's end was when it was opened. */
  ends(): Vector {
    return this.latest.ends;
  }

  /** The same, with the position that readers are told. */
  get latest(): LogEnd {
    this.#latest ??= new CurrentEnd(this.#end, this.#partitions, this.#starts);
    return this.#latest;
  }

  /** The partitions that are read. */
  partitions(): readonly number[] {
    return this.#partitions;
  }

  cursor(query: CursorQuery, owner: CursorOwner): Cursor {
    const cursor = new Cursor(this, query, owner);
    this.#cursors.add(cursor);
    return cursor;
  }

  /** How many readers there are. */
  get readers(): number {
    return this.#cursors.size;
  }

  /** Ends all readers, and gives its memory back. */
  close(status: Status = fail("UNAVAILABLE", `topic '${this.topic}' is not read any more`).status): void {
    for (const cursor of this.#cursors.all()) cursor.end(status);
    this.#clear();
  }

  /** The record of that offset, if it is in memory. */
  recordAt(partition: number, offset: number): BatchRecord | undefined {
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const chunk = this.#chunks.at(index)!;
      if (chunk.partition !== partition || chunk.offsetAt(0) > offset) continue;
      for (let at = 0; at < chunk.length; at++) if (chunk.offsetAt(at) === offset) return chunk.record(at);
      return undefined;
    }
    return undefined;
  }

  // For cursors and the memory.

  dropFirst(): void {
    this.#chunks.shift();
    this.#first++;
  }

  get first(): number {
    return this.#first;
  }
  get next(): number {
    return this.#first + this.#chunks.length;
  }
  chunk(sequence: number): Chunk | undefined {
    return this.#chunks.at(sequence - this.#first);
  }
  get end(): Vector {
    return this.#end;
  }
  get begin(): Vector {
    return this.#chunks.at(0)?.before ?? this.#end;
  }
  beginOf(partition: number): number {
    const start = this.#starts[partition];
    if (!start) return UNREAD;
    const begin = Math.max(nextOf(this.begin, partition), start.offset);
    return start.earliest && begin === start.offset ? EARLIEST : begin;
  }
  startOf(partition: number): PartitionStart | undefined {
    return this.#starts[partition];
  }
  wait(cursor: LogCursor): void {
    this.#waiting.add(cursor);
  }
  left(cursor: LogCursor): void {
    this.#cursors.delete(cursor);
    this.#waiting.delete(cursor);
  }

  #begin(partition: number, start: PartitionStart): void {
    this.#starts[partition] = start;
    this.#move(partition, start.offset);
  }

  #move(partition: number, next: number): void {
    this.#end = moved(this.#end, partition, next);
    this.#latest = undefined;
  }

  #push(partition: number, records: readonly BatchRecord[], next: number): void {
    const chunk = new Chunk(this.next, records, { partition, before: this.#end, next });
    this.#chunks.push(chunk);
    this.#move(partition, next);
    if (!this.listeners.empty) this.#tell(chunk, records);
    this.#memory.take(chunk, this);
    this.#wake();
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const cursor of waiting) cursor.appended();
  }

  #tell(chunk: Chunk, records: readonly BatchRecord[]): void {
    const hit = { chunk, index: 0 };
    this.#hit = hit;
    for (; hit.index < records.length; hit.index++) this.listeners.find(records[hit.index]!, this.#found);
    this.#hit = undefined;
  }

  readonly #found = (cursor: LogCursor): void => cursor.found(this.#hit!.chunk, this.#hit!.index);

  #clear(): void {
    this.extents.clear();
    for (let chunk = this.#chunks.shift(); chunk; chunk = this.#chunks.shift()) {
      this.#first++;
      this.#memory.giveBack(chunk);
    }
  }
}
