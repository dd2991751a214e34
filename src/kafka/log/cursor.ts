// A reader of a topic's log. At the tail it reads what all readers there share, or what was found for it by a look-up; behind the tail it
// reads ranges from Kafka until it is there. What it has not asked for is an offset and nothing else.
import { NOWHERE } from "../../core/members.ts";
import type { Status } from "../../core/status.ts";
import type { Position } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import { type Chunk, Progress } from "./chunk.ts";
import { Found } from "./found.ts";
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX, SCAN_RECORDS_MAX } from "./limits.ts";
import type { LogCursor, LogView } from "./log-view.ts";
import type { Matcher } from "./matcher.ts";
import { bytesOf } from "./packed-records.ts";
import { RangeReading, type RangeUse } from "./range-reading.ts";
import { Standing } from "./standing.ts";
import { type Start, startOf } from "./start.ts";
import { nextOf, UNREAD, type Vector } from "./vector.ts";

export interface CursorQuery {
  /** Times are resolved to a Position by the caller. Offsets above what the log knows of are taken as they are. */
  readonly from: "earliest" | "latest" | Position;
  /** Undefined: everything. */
  readonly matcher?: Matcher | undefined;
  /** Undefined: all, also those that come later. */
  readonly partitions?: ReadonlySet<number> | undefined;
  /** It waits for certain records, such as the replies of a call: it ends when records may have been lost unread. */
  readonly waits?: boolean;
  /** What it reads is not made for others as well: it looks at records and keeps none. */
  readonly alone?: boolean;
}

/** Whoever reads. Both are called while something else is going on: the owner reads in a turn of its own. */
export interface CursorOwner {
  /** After `read` had nothing: now it may have. */
  wake(): void;
  /** The cursor is over, and closed. */
  ended(status: Status): void;
}

/** Nothing yet, but it is not known that there is nothing. */
const AGAIN = "again";
type Step = Batch<BatchRecord> | undefined | typeof AGAIN;

export class Cursor implements LogCursor {
  /** Bytes of the batch that was read last. */
  bytes = 0;
  readonly waits: boolean;
  readonly started = true;
  /** For the log. */
  place = NOWHERE;
  readonly #start: Start;
  readonly #log: LogView;
  readonly #owner: CursorOwner;
  readonly #matcher: Matcher | undefined;
  readonly #partitions: ReadonlySet<number> | undefined;
  readonly #alone: boolean;
  readonly #standing = new Standing();
  readonly #found = new Found();
  #range: RangeReading | undefined;
  /** The next chunk to be looked at, unless it listens. */
  #sequence = 0;
  #listens = false;
  #over = false;

  /** Throws OUT_OF_RANGE for a position below what there ever was. */
  constructor(log: LogView, query: CursorQuery, owner: CursorOwner) {
    this.#log = log;
    this.#owner = owner;
    this.#matcher = query.matcher;
    this.#partitions = query.partitions;
    this.waits = query.waits ?? false;
    this.#alone = query.alone ?? false;
    const partitions = this.#scope();
    this.#start = startOf(log, partitions, query.from);
    const { vector } = this.#start;
    const { end } = log;
    const atEnd = vector === end || partitions.every((partition) => vector[partition]! >= nextOf(end, partition));
    if (atEnd) this.#join(log.next, vector);
    else this.#fallBehind(vector.slice());
  }

  /** Where it began; made when it is looked at. */
  get start(): Position {
    return this.#start.position;
  }

  /** The next records, at most BATCH_RECORDS_MAX and BATCH_BYTES_MAX. Nothing: `wake` comes when there may be some. */
  read(): Batch<BatchRecord> | undefined {
    const budget = { records: SCAN_RECORDS_MAX };
    while (!this.#over) {
      const step = this.#step(budget);
      if (step !== AGAIN) return step;
      if (budget.records > 0) continue;
      this.#owner.wake();
      return undefined;
    }
    return undefined;
  }

  /** Has what comes found for it from now on, though nobody reads yet. Only for one that has begun at the end. */
  listen(): void {
    if (!this.#over && !this.#range && !this.#listens && this.#sequence === this.#log.next) this.#rest();
  }

  /** It has been given everything that the log has, and nothing was found for it since. */
  get caughtUp(): boolean {
    return !this.#over && !this.#range && this.#found.length === 0 && (this.#listens || this.#sequence === this.#log.next);
  }

  /** Nothing is heard of it any more. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#range?.cancel();
    this.#deafen();
    this.#log.left(this);
  }

  // For the log.

  end(status: Status): void {
    if (this.#over) return;
    this.close();
    this.#owner.ended(status);
  }

  appended(): void {
    this.#owner.wake();
  }

  found(chunk: Chunk, index: number): void {
    const { partition } = chunk;
    if (this.#partitions && !this.#partitions.has(partition)) return;
    const ahead = this.#standing.aheadIn(partition);
    if (ahead !== undefined && chunk.offsetAt(index) < ahead) return;
    if (!this.#matcher!.exact && !this.#matcher!.matches(chunk.record(index))) return;
    if (this.#found.length === 0) this.#standing.at(chunk.before);
    if (this.#found.push(chunk, index)) this.#owner.wake();
    else this.#deafen();
  }

  #step(budget: { records: number }): Step {
    if (this.#range) return this.#readRange(this.#range, budget);
    if (this.#found.length > 0) return this.#readFound();
    return this.#listens ? undefined : this.#scan(budget);
  }

  #readRange(range: RangeReading, budget: { records: number }): Step {
    const slice = range.next();
    if (slice === "waiting") return undefined;
    if (slice === "joined") {
      this.#join(this.#log.first, range.own);
      return AGAIN;
    }
    const { packed, from, end, partition, before } = slice;
    const matcher = this.#matcher;
    if (matcher && !matcher.mayMatch(packed)) {
      budget.records--;
      return AGAIN;
    }
    budget.records -= end - from;
    const place = new Progress(before, partition);
    const records: BatchRecord[] = [];
    for (let index = from; index < end; index++) {
      const record = packed.record(index, place);
      if (matcher?.matches(record) ?? true) records.push(record);
    }
    return this.#give(records);
  }

  #scan(budget: { records: number }): Step {
    if (this.#sequence < this.#log.first) {
      this.#fallBehind(this.#standing.vector());
      return AGAIN;
    }
    const chunk = this.#log.chunk(this.#sequence);
    if (!chunk) {
      this.#rest();
      return undefined;
    }
    this.#sequence++;
    const matcher = this.#matcher;
    const misses = matcher !== undefined && !chunk.mayMatch(matcher);
    budget.records -= misses ? 1 : chunk.length;
    const records = misses ? [] : this.#wanted(chunk);
    this.#standing.after(chunk, chunk.next);
    return this.#give(records);
  }

  #readFound(): Step {
    const records: BatchRecord[] = [];
    this.bytes = 0;
    while (this.#found.length > 0 && records.length < BATCH_RECORDS_MAX) {
      const { sequence, index } = this.#found;
      const chunk = this.#log.chunk(sequence);
      if (!chunk) {
        if (records.length > 0) return records;
        this.#fallBehind(this.#standing.vector());
        return AGAIN;
      }
      const shared = this.#standing.shared;
      const record = shared ? this.#log.shared.one(chunk, index) : chunk.record(index, this.#placeIn(chunk));
      const { bytes } = record;
      if (records.length > 0 && this.bytes + bytes > BATCH_BYTES_MAX) return records;
      this.bytes += bytes;
      records.push(record);
      this.#standing.after(chunk, record.offset + 1);
      this.#found.shift();
      if (this.#found.length === 0 && this.#found.overflowed) this.#resume(chunk, record.offset + 1);
    }
    return records;
  }

  /** Too many were found at once: what follows the last of them is scanned for. */
  #resume(chunk: Chunk, next: number): void {
    this.#found.clear();
    this.#sequence = chunk.sequence;
    this.#standing.setAhead(chunk.partition, next);
  }

  #wanted(chunk: Chunk): readonly BatchRecord[] {
    if (this.#partitions && !this.#partitions.has(chunk.partition)) return [];
    const { shared } = this.#standing;
    const matcher = this.#matcher;
    if (shared && !matcher) return this.#alone ? chunk.records() : this.#log.shared.all(chunk);
    const place = this.#placeIn(chunk);
    const from = this.#standing.aheadIn(chunk.partition) ?? 0;
    const records: BatchRecord[] = [];
    for (let index = 0; index < chunk.length; index++) {
      const record = chunk.record(index, place);
      if (record.offset < from || !(matcher?.matches(record) ?? true)) continue;
      records.push(shared ? this.#log.shared.one(chunk, index) : record);
    }
    return records;
  }

  #placeIn(chunk: Chunk): Progress {
    return new Progress(this.#standing.over(chunk.before), chunk.partition);
  }

  #give(records: readonly BatchRecord[]): Step {
    if (records.length === 0) return AGAIN;
    this.bytes = bytesOf(records);
    return records;
  }

  /** Everything in memory was looked at. */
  #rest(): void {
    this.#standing.atEnd(this.#log.end);
    if (!this.#matcher) {
      this.#log.wait(this);
      return;
    }
    this.#listens = true;
    for (const handle of this.#matcher.handles) this.#log.listeners.add(handle, this);
  }

  #deafen(): void {
    if (!this.#listens) return;
    this.#listens = false;
    for (const handle of this.#matcher!.handles) this.#log.listeners.remove(handle, this);
  }

  /** Goes on in memory, from that chunk and with that vector. */
  #join(sequence: number, own: Vector): void {
    const log = this.#log;
    this.#range = undefined;
    this.#sequence = sequence;
    const base = sequence === log.next ? log.end : log.begin;
    this.#standing.begin(base);
    if (own === base) return;
    for (const partition of this.#scope()) {
      const there = nextOf(base, partition);
      const next = nextOf(own, partition);
      if (next > (there === UNREAD ? log.beginOf(partition) : there)) this.#standing.setAhead(partition, next);
    }
  }

  /** What it wants next is not in memory, or may not be. */
  #fallBehind(own: number[]): void {
    this.#deafen();
    this.#found.clear();
    const log = this.#log;
    const use: RangeUse = {
      topic: log.topic,
      extents: log.extents,
      beginOf: (partition) => log.beginOf(partition),
      partitions: () => this.#scope(),
      wake: () => this.#owner.wake(),
      failed: (status) => this.end(status),
    };
    this.#range = new RangeReading(use, own);
  }

  #scope(): readonly number[] {
    const partitions = this.#partitions;
    return partitions ? this.#log.partitions().filter((partition) => partitions.has(partition)) : this.#log.partitions();
  }
}
