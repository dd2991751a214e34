// A chunk: records of one partition that arrived together and are read together. It knows the log's vector before it, so that every
// record's progress can be told without keeping one each.
import type { BatchRecord, Place } from "../wire/stored-record.ts";
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX, CHUNK_OVERHEAD_BYTES, RECORD_OVERHEAD_BYTES, VECTOR_ENTRY_BYTES } from "./limits.ts";
import type { Kept } from "./log-memory.ts";
import type { Matcher } from "./matcher.ts";
import { PackedRecords } from "./packed-records.ts";
import type { Shareable } from "./shared-records.ts";
import { moved, shown, type Vector } from "./vector.ts";

/** Progress of records of one partition after a place. */
export class Progress implements Place {
  readonly #before: Vector;
  readonly #partition: number;

  constructor(before: Vector, partition: number) {
    this.#before = before;
    this.#partition = partition;
  }

  progressAt(offset: number): Vector {
    return shown(moved(this.#before, this.#partition, offset + 1));
  }
}

/** Where a chunk stands in its log. */
export interface ChunkPlace {
  readonly partition: number;
  /** The log's vector before it. */
  readonly before: Vector;
  /** The partition's next offset after it. */
  readonly next: number;
}

export class Chunk implements ChunkPlace, Kept, Shareable {
  /** Counts the chunks of a log. */
  readonly sequence: number;
  readonly partition: number;
  readonly before: Vector;
  readonly next: number;
  /** How many records it has, also when it has left the log. */
  readonly length: number;
  /** Of the records; what is kept beside them is in `cost`. */
  readonly bytes: number;
  readonly cost: number;
  dropped = false;
  // For SharedRecords.
  shared: readonly BatchRecord[] | undefined = undefined;
  asked = 0;
  /** None once it has left the log; who was given records before keeps them. */
  #packed: PackedRecords | undefined;

  /** `records` are not empty. */
  constructor(sequence: number, records: readonly BatchRecord[], { partition, before, next }: ChunkPlace) {
    const packed = new PackedRecords(records);
    this.sequence = sequence;
    this.#packed = packed;
    this.partition = partition;
    this.before = before;
    this.next = next;
    this.length = packed.length;
    this.bytes = packed.bytes;
    this.cost = this.bytes + this.length * RECORD_OVERHEAD_BYTES + before.length * VECTOR_ENTRY_BYTES + CHUNK_OVERHEAD_BYTES;
  }

  /** New ones each time; none once it has left the log. */
  records(): readonly BatchRecord[] {
    return this.#packed?.records(new Progress(this.before, this.partition)) ?? [];
  }

  /** A new one each time, with a progress of its own where a reader has one. It has not left the log. */
  record(index: number, place: Place = new Progress(this.before, this.partition)): BatchRecord {
    return this.#packed!.record(index, place); // What has left a log is not found in it.
  }

  /** False: no record matches. */
  mayMatch(matcher: Matcher): boolean {
    return this.#packed !== undefined && matcher.mayMatch(this.#packed);
  }

  offsetAt(index: number): number {
    return this.#packed!.offsetAt(index); // The same.
  }

  forget(): void {
    this.#packed = undefined;
    this.shared = undefined;
  }
}

/** At most BATCH_RECORDS_MAX records and BATCH_BYTES_MAX bytes from `from` on, or one record; where they end. */
export const batchEnd = (records: readonly BatchRecord[], from: number): number => {
  let bytes = records[from]!.bytes;
  let end = from + 1;
  for (const last = Math.min(records.length, from + BATCH_RECORDS_MAX); end < last; end++) {
    bytes += records[end]!.bytes;
    if (bytes > BATCH_BYTES_MAX) break;
  }
  return end;
};
