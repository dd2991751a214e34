// Cuts a run of records into batches: as many as a batch may hold, and one of any size.
import type { BatchRecord } from "../wire/stored-record.ts";

/** What ports/service.ts says of a batch. */
export const BATCH_ITEMS_MAX = 256;
export const BATCH_BYTES_MAX = 262_144;
/** A pump gives so much in one turn, then lets others run. */
export const TURN_BYTES_MAX = 262_144;
export interface Slice {
  readonly end: number;
  readonly bytes: number;
}

/** The batch that begins at `from`, which is below the length. */
export const sliceEnd = (records: readonly Pick<BatchRecord, "bytes">[], from: number): Slice => {
  let bytes = 0;
  let end = from;
  while (end < records.length && end - from < BATCH_ITEMS_MAX) {
    const size = records[end]!.bytes;
    if (end > from && bytes + size > BATCH_BYTES_MAX) break;
    bytes += size;
    end += 1;
  }
  return { end, bytes };
};
