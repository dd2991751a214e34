// A chunk: records of one partition that arrived together and are read together. It knows the log's vector before it, so that every
// record's progress can be told without keeping one each.
import type { BatchRecord, Place } from "../wire/stored-record.ts";
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX, CHUNK_OVERHEAD_BYTES, RECORD_OVERHEAD_BYTES, VECTOR_ENTRY_BYTES } from "./limits.ts";
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

export interface Chunk {
  /** Counts the chunks of a log. */
  readonly sequence: number;
  readonly partition: number;
  /** Empty once it has left the log; who was given them before keeps them. */
  records: readonly BatchRecord[];
  /** Of the records; what is kept beside them is in `cost`. */
  readonly bytes: number;
  /** What it takes of the memory for logs. */
  readonly cost: number;
  /** The log's vector before it. */
  readonly before: Vector;
  /** The partition's next offset after it. */
  readonly next: number;
  /** It has left the log. */
  dropped: boolean;
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

/** `records` are not empty, and theirs from now on. */
export const makeChunk = (sequence: number, records: readonly BatchRecord[], at: Pick<Chunk, "partition" | "before" | "next">): Chunk => {
  const place = new Progress(at.before, at.partition);
  for (const record of records) record.settle(place);
  const bytes = bytesOf(records);
  const cost = bytes + records.length * RECORD_OVERHEAD_BYTES + at.before.length * VECTOR_ENTRY_BYTES + CHUNK_OVERHEAD_BYTES;
  return { sequence, records, bytes, cost, ...at, dropped: false };
};
