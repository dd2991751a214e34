// Makes a batch without some of its records: offsets, producer and codec stay, so that readers see the same batch with gaps.
import { compress, compressionOf } from "../../kafka/wire/compression.ts";
import * as layout from "../../kafka/wire/record-batch.ts";
import { putVarint, putVarlong, varintSize, varlongSize } from "../../kafka/wire/varint.ts";
import { type BatchFacts, codecOf, DELETE_HORIZON, seal, setInt64, view } from "./batch-facts.ts";
import { RecordCursor } from "./record-cursor.ts";

export interface Cleaning {
  readonly batch: Uint8Array;
  readonly facts: BatchFacts;
  /** The records, decompressed. */
  readonly records: Uint8Array;
  /** Whether the record the cursor stands on stays. */
  readonly keeps: (cursor: RecordCursor) => boolean;
  /** From when on what is left of tombstones and markers may go; absent: as the batch says already. */
  readonly horizonMs?: number;
}

/** No record may be left: then it is the head alone, which still tells the producer's sequence. */
export const cleanBatch = ({ batch, facts, records, keeps, horizonMs }: Cleaning): Uint8Array => {
  const base = horizonMs ?? facts.firstTimestamp;
  const cursor = new RecordCursor(records);
  const kept: Uint8Array[] = [];
  let maxTimestamp = -1;
  for (let left = facts.count; left > 0; left--) {
    cursor.next();
    if (!keeps(cursor)) continue;
    const timestamp = facts.firstTimestamp + cursor.timestampDelta;
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    kept.push(horizonMs === undefined ? records.subarray(cursor.from, cursor.to) : moved(records, cursor, timestamp - base));
  }
  const { body, codec } = packed(kept, codecOf(facts));
  const cleaned = new Uint8Array(layout.RECORDS_AT + body.length);
  cleaned.set(batch.subarray(0, layout.RECORDS_AT));
  cleaned.set(body, layout.RECORDS_AT);
  const to = view(cleaned);
  const horizon = horizonMs === undefined ? 0 : DELETE_HORIZON;
  to.setInt32(layout.LENGTH_AT, cleaned.length - layout.LENGTH_BEGINS_AT);
  to.setInt16(layout.ATTRIBUTES_AT, (facts.attributes & ~layout.COMPRESSION_MASK) | codec | horizon);
  setInt64(to, layout.FIRST_TIMESTAMP_AT, base);
  if (kept.length > 0 && !(facts.attributes & layout.LOG_APPEND_TIME)) setInt64(to, layout.MAX_TIMESTAMP_AT, maxTimestamp);
  to.setInt32(layout.COUNT_AT, kept.length);
  seal(cleaned);
  return cleaned;
};

/** The same record with another distance to its batch's first timestamp. */
const moved = (records: Uint8Array, { payloadAt, to, offsetDelta }: RecordCursor, delta: number): Uint8Array => {
  const payload = records.subarray(payloadAt, to);
  const length = 1 + varlongSize(delta) + varintSize(offsetDelta) + payload.length;
  const record = new Uint8Array(varintSize(length) + length);
  let at = putVarint(record, 0, length);
  record[at++] = 0;
  at = putVarint(record, putVarlong(record, at, delta), offsetDelta);
  record.set(payload, at);
  return record;
};

const packed = (records: readonly Uint8Array[], codec: number): { readonly body: Uint8Array; readonly codec: number } => {
  const plain = Buffer.concat(records);
  if (plain.length === 0) return { body: plain, codec: 0 };
  const compression = compressionOf(codec);
  return compression ? { body: compress(compression, plain), codec } : { body: plain, codec: 0 };
};
