// Encodes records into a batch of magic 2. Sizes are known before the first byte is written, so that a batch is one run of bytes with
// large values as pieces in between that are not copied here.
import type { ProducedRecord } from "../../ports/kafka.ts";
import { type Compression, compress, compressionBits } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { fieldSize, type HeaderSection, headerSections, putField } from "./encode-headers.ts";
import * as layout from "./record-batch.ts";
import { putVarint, varintSize } from "./varint.ts";
import { PIECE_BYTES_MIN } from "./writer.ts";

export interface BatchOptions {
  /** Of all its records, in Unix milliseconds. */
  readonly timestampMs: number;
  /** Of an idempotent or transactional producer; `sequence` is the first record's. */
  readonly producer?: { readonly id: number; readonly epoch: number; readonly sequence: number };
  readonly transactional?: true;
  readonly compression?: Compression;
}

/** A batch ready to be sent, any number of times: values of its records that are large are among its pieces as they were given. */
export interface EncodedBatch {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly count: number;
}

const NO_PRODUCER = { id: -1, epoch: -1, sequence: -1 } as const;
const OFFSET_DELTA_BYTES_MAX = 5;

/** Without the length before it. Attributes and timestamp are one byte each. */
const bodySize = (record: ProducedRecord, offsetDeltaBytes: number, headerBytes: number): number =>
  2 + offsetDeltaBytes + fieldSize(record.key) + fieldSize(record.value) + headerBytes;

/** At most so many bytes a record takes in a batch; a batch of its own takes `BATCH_OVERHEAD_BYTES` more. */
export const recordBytesMax = (record: ProducedRecord, headers: HeaderSection): number => {
  const body = bodySize(record, OFFSET_DELTA_BYTES_MAX, headers.length);
  return varintSize(body) + body;
};
export const BATCH_OVERHEAD_BYTES = layout.RECORDS_AT;

/** Encodes at least one record. `headers` where they have been encoded before. */
export const encodeBatch = (
  records: readonly ProducedRecord[],
  options: BatchOptions,
  headers: readonly HeaderSection[] = headerSections(records),
): EncodedBatch => {
  const body = encodeRecords(records, headers);
  const { compression } = options;
  const [head, ...rest] = compression ? compressed(body, compression) : body;
  if (!head) throw new RangeError("a batch has at least one record");
  let bytes = head.length;
  for (const piece of rest) bytes += piece.length;
  writeHead(head, { bytes, count: records.length, options });
  let crc = crc32c(head.subarray(layout.ATTRIBUTES_AT));
  for (const piece of rest) crc = crc32c(piece, crc);
  view(head).setUint32(layout.CRC_AT, crc);
  return { pieces: [head, ...rest], bytes, count: records.length };
};

/** All records, with room for the head at the beginning of the first piece. */
const encodeRecords = (records: readonly ProducedRecord[], headers: readonly HeaderSection[]): Uint8Array[] => {
  const sizes = records.map((record, index) => bodySize(record, varintSize(index), headers[index]!.length));
  let copied: number = layout.RECORDS_AT;
  for (let index = 0; index < sizes.length; index++)
    copied += varintSize(sizes[index]!) + sizes[index]! - apartBytes(records[index]!.value);
  const bytes = Buffer.allocUnsafe(copied);
  const pieces: Uint8Array[] = [];
  let from = 0;
  let at: number = layout.RECORDS_AT;
  for (let index = 0; index < sizes.length; index++) {
    const { key, value } = records[index]!;
    at = putVarint(bytes, at, sizes[index]!);
    bytes[at++] = 0;
    bytes[at++] = 0;
    at = putField(bytes, putVarint(bytes, at, index), key);
    if (value !== null && apartBytes(value) > 0) {
      at = putVarint(bytes, at, value.length);
      pieces.push(bytes.subarray(from, at), value);
      from = at;
    } else at = putField(bytes, at, value);
    const { slab, from: begin, length } = headers[index]!;
    at += slab.copy(bytes, at, begin, begin + length);
  }
  pieces.push(bytes.subarray(from, at));
  return pieces;
};

const apartBytes = (value: Uint8Array | null): number => (value !== null && value.length >= PIECE_BYTES_MIN ? value.length : 0);

const compressed = (pieces: readonly Uint8Array[], compression: Compression): Uint8Array[] => {
  const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  return [Buffer.allocUnsafe(layout.RECORDS_AT), compress(compression, whole.subarray(layout.RECORDS_AT))];
};

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const setInt64 = (to: DataView, at: number, value: number): void => {
  const high = Math.floor(value / 0x100000000);
  to.setInt32(at, high);
  to.setUint32(at + 4, value - high * 0x100000000);
};

interface Head {
  readonly bytes: number;
  readonly count: number;
  readonly options: BatchOptions;
}

/** All but the checksum. The broker sets base offset and leader epoch. */
const writeHead = (head: Uint8Array, { bytes, count, options }: Head): void => {
  const { timestampMs, producer = NO_PRODUCER, transactional, compression } = options;
  const to = view(head);
  setInt64(to, layout.BASE_OFFSET_AT, 0);
  to.setInt32(layout.LENGTH_AT, bytes - layout.LENGTH_BEGINS_AT);
  to.setInt32(layout.LEADER_EPOCH_AT, -1);
  to.setInt8(layout.MAGIC_AT, layout.MAGIC);
  to.setInt16(layout.ATTRIBUTES_AT, (compression ? compressionBits(compression) : 0) | (transactional ? layout.TRANSACTIONAL : 0));
  to.setInt32(layout.LAST_OFFSET_DELTA_AT, count - 1);
  setInt64(to, layout.FIRST_TIMESTAMP_AT, timestampMs);
  setInt64(to, layout.MAX_TIMESTAMP_AT, timestampMs);
  setInt64(to, layout.PRODUCER_ID_AT, producer.id);
  to.setInt16(layout.PRODUCER_EPOCH_AT, producer.epoch);
  to.setInt32(layout.BASE_SEQUENCE_AT, producer.sequence);
  to.setInt32(layout.COUNT_AT, count);
};
