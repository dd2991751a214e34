// Cuts a run of records into batches: as many as a batch may hold, and one of any size.
import type { StoredRecord } from "../../ports/kafka.ts";

/** What ports/service.ts says of a batch. */
export const BATCH_ITEMS_MAX = 256;
export const BATCH_BYTES_MAX = 262_144;
/** A pump gives so much in one turn, then lets others run. */
export const TURN_BYTES_MAX = 262_144;
/** Key and headers are not measured: that would read them. */
const RECORD_BYTES = 128;

export interface Slice {
  readonly end: number;
  readonly bytes: number;
}

/** The batch that begins at `from`, which is below the length. */
export const sliceEnd = (records: readonly Pick<StoredRecord, "value">[], from: number): Slice => {
  let bytes = 0;
  let end = from;
  while (end < records.length && end - from < BATCH_ITEMS_MAX) {
    const size = RECORD_BYTES + (records[end]!.value?.length ?? 0);
    if (end > from && bytes + size > BATCH_BYTES_MAX) break;
    bytes += size;
    end += 1;
  }
  return { end, bytes };
};
