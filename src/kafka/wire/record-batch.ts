// The layout of a record batch of magic 2 (KIP-98): what stands where in its 61 bytes before the records. Encoding and decoding are in
// files of their own.

export const BASE_OFFSET_AT = 0;
export const LENGTH_AT = 8;
export const LEADER_EPOCH_AT = 12;
/** At the same place in the message sets before magic 2. */
export const MAGIC_AT = 16;
export const CRC_AT = 17;
/** From here to the end, the checksum covers the batch. */
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const FIRST_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const COUNT_AT = 57;
export const RECORDS_AT = 61;
/** The batch's length counts what comes after the length. */
export const LENGTH_BEGINS_AT = 12;

export const MAGIC = 2;
export const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME = 0x08;
export const TRANSACTIONAL = 0x10;
export const CONTROL = 0x20;

/** Length, attributes, timestamp, offset, key, value, headers: one byte each. */
export const RECORD_BYTES_MIN = 7;
/** Past this, a batch is not decompressed. */
export const DECOMPRESSED_BATCH_BYTES_MAX = 64 * 1_024 * 1_024;

/** What stands before the records, as far as a reader wants it. */
export interface BatchHead {
  readonly baseOffset: number;
  /** The last offset of the batch, also when compaction has taken that record out. */
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  /** -1 when the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
  /** All bytes of the batch as fetched. */
  readonly bytes: number;
}
