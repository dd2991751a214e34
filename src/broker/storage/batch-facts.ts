// The head of a record batch, read in place: the storage needs little more of a batch than this. Beside it, the fields that a broker sets.
import { crc32c } from "../../kafka/wire/crc32c.ts";
import * as layout from "../../kafka/wire/record-batch.ts";
import { BATCH_BYTES_MAX } from "./limits.ts";

/** All there is before the records. */
export interface BatchFacts {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** All bytes, the twelve before the length's own count included. */
  readonly bytes: number;
  readonly attributes: number;
  /** Base of the records' timestamps; of a cleaned batch with tombstones, when those may go (`DELETE_HORIZON` is set). */
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 when the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly count: number;
}

/** KIP-534: the first timestamp is the time from which tombstones and markers may be dropped. */
export const DELETE_HORIZON = 0x40;
/** There is one node, so leadership never changes. A constant makes damage to the field visible, which the checksum does not cover. */
export const LEADER_EPOCH = 0;
const SEQUENCE_MAX = 0x7fffffff;

export const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Exact to 2^53. */
export const int64 = (from: DataView, at: number): number => from.getInt32(at) * 0x100000000 + from.getUint32(at + 4);

export const setInt64 = (to: DataView, at: number, value: number): void => {
  const high = Math.floor(value / 0x100000000);
  to.setInt32(at, high);
  to.setUint32(at + 4, value - high * 0x100000000);
};

/** The batch that begins at `at`; there are at least 61 bytes. Nothing is checked. */
export const factsAt = (from: DataView, at: number): BatchFacts => {
  const baseOffset = int64(from, at + layout.BASE_OFFSET_AT);
  return {
    baseOffset,
    lastOffset: baseOffset + from.getInt32(at + layout.LAST_OFFSET_DELTA_AT),
    bytes: layout.LENGTH_BEGINS_AT + from.getInt32(at + layout.LENGTH_AT),
    attributes: from.getInt16(at + layout.ATTRIBUTES_AT),
    firstTimestamp: int64(from, at + layout.FIRST_TIMESTAMP_AT),
    maxTimestamp: int64(from, at + layout.MAX_TIMESTAMP_AT),
    producerId: int64(from, at + layout.PRODUCER_ID_AT),
    producerEpoch: from.getInt16(at + layout.PRODUCER_EPOCH_AT),
    baseSequence: from.getInt32(at + layout.BASE_SEQUENCE_AT),
    count: from.getInt32(at + layout.COUNT_AT),
  };
};

/** Single fields of the batch that begins at `at`, for walks over many. */
export const bytesAt = (from: DataView, at: number): number => layout.LENGTH_BEGINS_AT + from.getInt32(at + layout.LENGTH_AT);
export const baseOffsetAt = (from: DataView, at: number): number => int64(from, at + layout.BASE_OFFSET_AT);
export const lastOffsetAt = (from: DataView, at: number): number =>
  baseOffsetAt(from, at) + from.getInt32(at + layout.LAST_OFFSET_DELTA_AT);

export const factsOf = (batch: Uint8Array): BatchFacts => factsAt(view(batch), 0);

export const isControl = ({ attributes }: BatchFacts): boolean => (attributes & layout.CONTROL) !== 0;
export const isTransactional = ({ attributes }: BatchFacts): boolean => (attributes & layout.TRANSACTIONAL) !== 0;
export const codecOf = ({ attributes }: BatchFacts): number => attributes & layout.COMPRESSION_MASK;
export const hasDeleteHorizon = ({ attributes }: BatchFacts): boolean => (attributes & DELETE_HORIZON) !== 0;

/** The sequence that is `by` after another: after the largest comes 0. */
export const sequenceAfter = (sequence: number, by: number): number =>
  sequence > SEQUENCE_MAX - by ? by - (SEQUENCE_MAX - sequence) - 1 : sequence + by;

export const lastSequenceOf = ({ baseSequence, baseOffset, lastOffset }: BatchFacts): number =>
  baseSequence < 0 ? -1 : sequenceAfter(baseSequence, lastOffset - baseOffset);

/** Where a batch stands in its log; neither field is covered by the checksum. */
export const place = (batch: Uint8Array, baseOffset: number): void => {
  const to = view(batch);
  setInt64(to, layout.BASE_OFFSET_AT, baseOffset);
  to.setInt32(layout.LEADER_EPOCH_AT, LEADER_EPOCH);
};

/** After a change of what the checksum covers. */
export const seal = (batch: Uint8Array): void => view(batch).setUint32(layout.CRC_AT, crc32c(batch.subarray(layout.ATTRIBUTES_AT)));

/** The checksum said and the one found are the same. */
export const isSealed = (batch: Uint8Array): boolean =>
  view(batch).getUint32(layout.CRC_AT) === crc32c(batch.subarray(layout.ATTRIBUTES_AT));

/** What is wrong with the head of a stored batch, seen alone; undefined for nothing. There are at least 61 bytes. */
export const headFault = (from: DataView, at: number): string | undefined => {
  const length = from.getInt32(at + layout.LENGTH_AT);
  const magic = from.getInt8(at + layout.MAGIC_AT);
  const leaderEpoch = from.getInt32(at + layout.LEADER_EPOCH_AT);
  if (length < layout.RECORDS_AT - layout.LENGTH_BEGINS_AT || length > BATCH_BYTES_MAX) return `a length of ${length}`;
  if (magic !== layout.MAGIC) return `format ${magic}`;
  if (leaderEpoch !== LEADER_EPOCH) return `leader epoch ${leaderEpoch}`;
  const baseOffset = baseOffsetAt(from, at);
  const lastOffset = lastOffsetAt(from, at);
  if (baseOffset < 0 || lastOffset < baseOffset || !Number.isSafeInteger(lastOffset)) return `offsets ${baseOffset} to ${lastOffset}`;
  return undefined;
};
