// A chunk: records of one partition that arrived together and are read together. It knows the log's vector before it, so that every
// record's progress can be told without keeping one each.
import type { BatchRecord, Place } from "../wire/stored-record.ts";
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX, CHUNK_OVERHEAD_BYTES, RECORD_OVERHEAD_BYTES, VECTOR_ENTRY_BYTES } from "./limits.ts";
import type { Kept } from "./log-memory.ts";
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

export class Chunk implements ChunkPlace, Kept {
  /** Counts the chunks of a log. */
  readonly sequence: number;
  readonly partition: number;
  readonly before: Vector;
  readonly next: number;
  /** Of the records; what is kept beside them is in `cost`. */
  readonly bytes: number;
  readonly cost: number;
  dropped = false;
  /** Empty once it has left the log; who was given them before keeps them. */
  records: readonly BatchRecord[];

  /** `records` are not empty, and the chunk's from now on. */
  constructor(sequence: number, records: readonly BatchRecord[], { partition, before, next }: ChunkPlace) {
    this.sequence = sequence;
    this.records = records;
    this.partition = partition;
    this.before = before;
    this.next = next;
    this.bytes = bytesOf(records);
    this.cost = this.bytes + records.length * RECORD_OVERHEAD_BYTES + before.length * VECTOR_ENTRY_BYTES + CHUNK_OVERHEAD_BYTES;
    const place = new Progress(before, partition);
    for (const record of records) record.settle(place);
  }

  forget(): void {
    this.records = [];
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

export const bytesOf = (records: readonly BatchRecord[]): number => {
  let bytes = 0;
  for (const record of records) bytes += record.bytes;
  return bytes;
};
