// Decodes the record batches of a Fetch response. What is wrong with a batch is found here, once: its checksum, its codec, the bounds of
// every field; after that its records are read in place without checks. A batch that is wrong is reported and can be passed over.
import { decompress } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { decodeRecords } from "./decode-records.ts";
import { WireError } from "./reader.ts";
import * as layout from "./record-batch.ts";
import type { BatchRecord } from "./stored-record.ts";

/** `marker` is set on a control batch, which has no records for readers: it ends a transaction of its producer. */
export interface RecordBatch extends layout.BatchHead {
  readonly kind: "batch";
  readonly marker?: "commit" | "abort" | "other";
  readonly records: readonly BatchRecord[];
}

/** A batch that cannot be read. `nextOffset` is where reading goes on if it is passed over. */
export interface CorruptBatch {
  readonly kind: "corrupt";
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly reason: string;
}

export interface DecodedBatches {
  readonly batches: readonly (RecordBatch | CorruptBatch)[];
  /** How many bytes the first batch has when not even that one is whole; else 0. A last batch that is cut off is normal and left out. */
  readonly bytesWanted: number;
}

export interface DecodeFrom {
  readonly topic: string;
  readonly partition: number;
  /** DECOMPRESSED_BATCH_BYTES_MAX when absent. */
  readonly decompressedBytesMax?: number;
}

/** A message set of magic 0 or 1 has at least these bytes after its length. */
const OLD_LENGTH_MIN = 14;
/** More offsets than a batch may sensibly span: a corrupt head does not make us skip a topic. */
const SPAN_MAX = 0x1000000;

/** Never throws: whatever is wrong is among the batches. */
export const decodeBatches = (bytes: Uint8Array, from: DecodeFrom): DecodedBatches => {
  const batches: (RecordBatch | CorruptBatch)[] = [];
  let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let floor = 0;
  while (rest.length > layout.MAGIC_AT) {
    const length = rest.readInt32BE(layout.LENGTH_AT);
    const size = layout.LENGTH_BEGINS_AT + length;
    const fault = headFault(rest, length, floor);
    // Without its length, what comes after it cannot be found.
    const last = length < lengthMin(rest);
    if (!last && size > rest.length) break;
    const batch = fault ? corrupt({ rest, size, from }, floor, fault) : decodeBatch({ rest, size, from }, floor);
    batches.push(batch);
    if (last) break;
    floor = batch.kind === "batch" ? batch.lastOffset + 1 : batch.nextOffset;
    rest = rest.subarray(size);
  }
  return { batches, bytesWanted: batches.length === 0 ? wanted(bytes, rest) : 0 };
};

const wanted = (bytes: Uint8Array, first: Buffer): number =>
  first.length > layout.MAGIC_AT
    ? layout.LENGTH_BEGINS_AT + first.readInt32BE(layout.LENGTH_AT)
    : bytes.length === 0
      ? 0
      : layout.RECORDS_AT;

/** `rest` begins with a batch that has `size` bytes. */
interface Raw {
  readonly rest: Buffer;
  readonly size: number;
  readonly from: DecodeFrom;
}

const lengthMin = (rest: Buffer): number =>
  rest[layout.MAGIC_AT]! < layout.MAGIC ? OLD_LENGTH_MIN : layout.RECORDS_AT - layout.LENGTH_BEGINS_AT;

/** What is wrong before the checksum is looked at; undefined for nothing. */
const headFault = (rest: Buffer, length: number, floor: number): string | undefined => {
  const magic = rest[layout.MAGIC_AT]!;
  const baseOffset = Number(rest.readBigInt64BE(layout.BASE_OFFSET_AT));
  if (length < lengthMin(rest)) return `a length of ${length} is too small`;
  if (baseOffset < floor || !Number.isSafeInteger(baseOffset)) return `offset ${baseOffset} is not ${floor} or later`;
  if (magic < layout.MAGIC)
    return `message format v${magic}, which Kafka 4 has dropped, is not read: rewrite the topic with Kafka 0.11 to 3.9`;
  if (magic > layout.MAGIC) return `message format v${magic} is not known`;
  return undefined;
};

const corrupt = ({ rest, size, from }: Raw, floor: number, reason: string): CorruptBatch => {
  const { topic, partition } = from;
  const baseOffset = Number(rest.readBigInt64BE(layout.BASE_OFFSET_AT));
  return { kind: "corrupt", topic, partition, baseOffset, nextOffset: Math.max(floor, afterCorrupt(rest, size, baseOffset)), reason };
};

/** Best told by the batch that follows, else by what this one says of itself if that is plausible, else by its first offset. */
const afterCorrupt = (rest: Buffer, size: number, baseOffset: number): number => {
  if (!Number.isSafeInteger(baseOffset) || baseOffset < 0) return 0;
  const next = size > layout.MAGIC_AT ? rest.subarray(size) : rest.subarray(rest.length);
  if (next.length > layout.MAGIC_AT && next[layout.MAGIC_AT] === layout.MAGIC) {
    const following = Number(next.readBigInt64BE(layout.BASE_OFFSET_AT));
    if (following > baseOffset && following - baseOffset < SPAN_MAX) return following;
  }
  if (size < layout.RECORDS_AT || rest[layout.MAGIC_AT] !== layout.MAGIC) return baseOffset + 1;
  const delta = rest.readInt32BE(layout.LAST_OFFSET_DELTA_AT);
  return baseOffset + (delta >= 0 && delta < SPAN_MAX ? delta : 0) + 1;
};

const decodeBatch = (raw: Raw, floor: number): RecordBatch | CorruptBatch => {
  const batch = raw.rest.subarray(0, raw.size);
  const crc = crc32c(batch.subarray(layout.ATTRIBUTES_AT));
  const said = batch.readUInt32BE(layout.CRC_AT);
  if (crc !== said) return corrupt(raw, floor, `the checksum is ${crc}, ${said} is wanted`);
  try {
    return decodeSound(batch, raw.from);
  } catch (reason) {
    if (!(reason instanceof WireError)) throw reason;
    return corrupt(raw, floor, reason.message);
  }
};

/** A batch whose checksum is right. Throws a WireError. */
const decodeSound = (
  batch: Buffer,
  { topic, partition, decompressedBytesMax = layout.DECOMPRESSED_BATCH_BYTES_MAX }: DecodeFrom,
): RecordBatch => {
  const attributes = batch.readInt16BE(layout.ATTRIBUTES_AT);
  const head = readHead(batch, attributes);
  if (head.lastOffset < head.baseOffset) throw new WireError(`the last offset ${head.lastOffset} is before the first, ${head.baseOffset}`);
  if (attributes & layout.CONTROL) return { ...head, kind: "batch", marker: markerOf(batch), records: [] };
  const compression = attributes & layout.COMPRESSION_MASK;
  const body = batch.subarray(layout.RECORDS_AT);
  const plain = compression === 0 ? body : decompress(compression, body, decompressedBytesMax);
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
  const count = batch.readInt32BE(layout.COUNT_AT);
  const { baseOffset, lastOffset } = head;
  const firstTimestampMs = Number(batch.readBigInt64BE(layout.FIRST_TIMESTAMP_AT));
  const appendTimestampMs = attributes & layout.LOG_APPEND_TIME ? Number(batch.readBigInt64BE(layout.MAX_TIMESTAMP_AT)) : undefined;
  const source = { topic, partition, bytes, baseOffset, firstTimestampMs, appendTimestampMs };
  const records = decodeRecords(source, { lastOffset, count });
  return { ...head, kind: "batch", records };
};

const readHead = (batch: Buffer, attributes: number): layout.BatchHead => {
  const baseOffset = Number(batch.readBigInt64BE(layout.BASE_OFFSET_AT));
  return {
    baseOffset,
    lastOffset: baseOffset + batch.readInt32BE(layout.LAST_OFFSET_DELTA_AT),
    leaderEpoch: batch.readInt32BE(layout.LEADER_EPOCH_AT),
    producerId: Number(batch.readBigInt64BE(layout.PRODUCER_ID_AT)),
    producerEpoch: batch.readInt16BE(layout.PRODUCER_EPOCH_AT),
    baseSequence: batch.readInt32BE(layout.BASE_SEQUENCE_AT),
    transactional: (attributes & layout.TRANSACTIONAL) !== 0,
    bytes: batch.length,
  };
};

/** The key of a control record: version and type, two bytes each (KIP-98). */
const markerOf = (batch: Buffer): "commit" | "abort" | "other" => {
  const bytes = batch.subarray(layout.RECORDS_AT);
  const source = { topic: "", partition: 0, bytes, baseOffset: 0, firstTimestampMs: 0, appendTimestampMs: undefined };
  const head = { lastOffset: batch.readInt32BE(layout.LAST_OFFSET_DELTA_AT), count: batch.readInt32BE(layout.COUNT_AT) };
  const [control] = decodeRecords(source, head);
  const type = control?.key && control.key.length >= 4 ? (control.key[2]! << 8) | control.key[3]! : -1;
  return type === 0 ? "abort" : type === 1 ? "commit" : "other";
};
