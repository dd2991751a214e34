// The control batches that end transactions (KIP-98), written and read.
import * as layout from "../../kafka/wire/record-batch.ts";
import { putVarint } from "../../kafka/wire/varint.ts";
import { factsOf, seal, setInt64, view } from "./batch-facts.ts";
import type { MarkerFacts } from "./producers.ts";
import { RecordCursor } from "./record-cursor.ts";

/** A transaction's end, as it stands in the log. */
export interface Marker extends MarkerFacts {
  readonly outcome: "commit" | "abort";
}

const ABORT = 0;
const COMMIT = 1;
/** Version and type, two bytes each. */
const KEY_BYTES = 4;
/** Version, two bytes, and the coordinator's epoch, four. */
const VALUE_BYTES = 6;
/** Attributes, timestamp, offset, the length of the key, the length of the value and the count of headers take a byte each. */
const BODY_BYTES = 6 + KEY_BYTES + VALUE_BYTES;
const BATCH_BYTES = layout.RECORDS_AT + 1 + BODY_BYTES;
const KEY_AT = layout.RECORDS_AT + 5;
const VALUE_AT = KEY_AT + KEY_BYTES + 1;

export const encodeMarker = ({ producerId, producerEpoch, coordinatorEpoch, timestampMs, outcome }: Marker): Uint8Array => {
  const bytes = new Uint8Array(BATCH_BYTES);
  const to = view(bytes);
  to.setInt32(layout.LENGTH_AT, BATCH_BYTES - layout.LENGTH_BEGINS_AT);
  to.setInt8(layout.MAGIC_AT, layout.MAGIC);
  to.setInt16(layout.ATTRIBUTES_AT, layout.TRANSACTIONAL | layout.CONTROL);
  setInt64(to, layout.FIRST_TIMESTAMP_AT, timestampMs);
  setInt64(to, layout.MAX_TIMESTAMP_AT, timestampMs);
  setInt64(to, layout.PRODUCER_ID_AT, producerId);
  to.setInt16(layout.PRODUCER_EPOCH_AT, producerEpoch);
  to.setInt32(layout.BASE_SEQUENCE_AT, -1);
  to.setInt32(layout.COUNT_AT, 1);
  putVarint(bytes, layout.RECORDS_AT, BODY_BYTES);
  putVarint(bytes, KEY_AT - 1, KEY_BYTES);
  to.setInt16(KEY_AT + 2, outcome === "commit" ? COMMIT : ABORT);
  putVarint(bytes, VALUE_AT - 1, VALUE_BYTES);
  to.setInt32(VALUE_AT + 2, coordinatorEpoch);
  seal(bytes);
  return bytes;
};

/** Undefined for a control batch that is no transaction's end, or one that compaction has emptied. */
export const decodeMarker = (batch: Uint8Array): Marker | undefined => {
  const { count, producerId, producerEpoch, maxTimestamp } = factsOf(batch);
  if (count === 0) return undefined;
  const bytes = batch.subarray(layout.RECORDS_AT);
  const record = new RecordCursor(bytes);
  record.next();
  const type = record.keyLength < KEY_BYTES ? -1 : view(bytes).getInt16(record.keyAt + 2);
  if ((type !== COMMIT && type !== ABORT) || record.valueLength < VALUE_BYTES) return undefined;
  return {
    producerId,
    producerEpoch,
    coordinatorEpoch: view(bytes).getInt32(record.valueAt + 2),
    timestampMs: maxTimestamp,
    outcome: type === COMMIT ? "commit" : "abort",
  };
};
