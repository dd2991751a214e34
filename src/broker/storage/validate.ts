// Whether a produced batch may be stored, judged as Apache Kafka does: head, checksum, size, then every record, decompressed if need be.
// Only what the topic's timestamp type and compression ask for is changed; the records stay as they came.
import { decompress } from "../../kafka/wire/compression.ts";
import { WireError } from "../../kafka/wire/reader.ts";
import * as layout from "../../kafka/wire/record-batch.ts";
import { BrokerError } from "../broker-error.ts";
import { type BatchFacts, codecOf, factsOf, isControl, isSealed, isTransactional, seal, setInt64, view } from "./batch-facts.ts";
import { BATCH_BYTES_MAX } from "./limits.ts";
import type { LogConfig } from "./log-config.ts";
import { recompressed } from "./recompress.ts";
import { RecordCursor } from "./record-cursor.ts";

/** What is wrong with one record of a batch, as a Produce response tells it. */
export interface RecordFault {
  readonly index: number;
  readonly message: string;
}

/** Some records were refused, and with them their batch. */
export class RecordsError extends BrokerError {
  readonly faults: readonly RecordFault[];

  constructor(name: "INVALID_RECORD" | "INVALID_TIMESTAMP", message: string, faults: readonly RecordFault[]) {
    super(name, message);
    this.faults = faults;
  }
}

/** What a batch is judged by. */
export interface Judgement {
  readonly config: LogConfig;
  readonly nowMs: number;
}

const ZSTD = 4;
/** Faults that are told; the batch is refused all the same. */
const FAULTS_TOLD_MAX = 100;
const NO_TIMESTAMP = -1;

/** A batch that may be stored. */
export interface Checked {
  /** As it came, or compressed anew. */
  readonly bytes: Uint8Array;
  readonly facts: BatchFacts;
}

/** Timestamp type and maximum are set in place. Throws a BrokerError. */
export const checkProduced = (batch: Uint8Array, judgement: Judgement): Checked => {
  const { config, nowMs } = judgement;
  checkFrame(batch, config);
  const facts = factsOf(batch);
  checkHead(facts);
  const { maxTimestamp, records } = checkRecords(batch, facts, judgement);
  const kept = recompressed(batch, records, config);
  if (kept !== batch) {
    checkMessageSize(kept.length, config);
    checkSegmentSize(kept.length, config);
  }
  const stamped = config.timestamps === "append" ? { type: layout.LOG_APPEND_TIME, maxTimestamp: nowMs } : { type: 0, maxTimestamp };
  return { bytes: kept, facts: stamp(kept, kept === batch ? facts : factsOf(kept), stamped) };
};

const invalid = (message: string): BrokerError => new BrokerError("INVALID_RECORD", message);

/** Exactly one whole batch, with the right checksum, that is not too large. */
const checkFrame = (batch: Uint8Array, config: LogConfig): void => {
  if (batch.length === 0) throw invalid("one record batch is wanted, none came");
  if (batch.length <= layout.MAGIC_AT) throw new BrokerError("CORRUPT_MESSAGE", `a batch of ${batch.length} bytes`);
  const magic = batch[layout.MAGIC_AT]!;
  if (magic > layout.MAGIC) throw new BrokerError("CORRUPT_MESSAGE", `there is no format ${magic} of batches`);
  if (magic !== layout.MAGIC) throw invalid(`only record batches of format ${layout.MAGIC} are taken, this one is of ${magic}`);
  const size = layout.LENGTH_BEGINS_AT + view(batch).getInt32(layout.LENGTH_AT);
  if (size < layout.RECORDS_AT || size > batch.length)
    throw new BrokerError("CORRUPT_MESSAGE", `the batch announces ${size} bytes, ${batch.length} came`);
  if (size < batch.length) throw invalid("exactly one record batch is wanted, more came");
  const { baseOffset } = factsOf(batch);
  if (baseOffset !== 0) throw invalid(`the base offset of a produced batch is 0, here ${baseOffset}`);
  checkMessageSize(size, config);
  if (!isSealed(batch)) throw new BrokerError("CORRUPT_MESSAGE", "the checksum of the batch is wrong");
  checkSegmentSize(size, config);
};

const checkMessageSize = (size: number, { messageBytesMax }: LogConfig): void => {
  const bytesMax = Math.min(messageBytesMax, BATCH_BYTES_MAX);
  if (size > bytesMax) throw new BrokerError("MESSAGE_TOO_LARGE", `the batch has ${size} bytes, at most ${bytesMax} are taken`);
};

const checkSegmentSize = (size: number, { segmentBytes }: LogConfig): void => {
  if (size > segmentBytes) throw new BrokerError("RECORD_LIST_TOO_LARGE", `the batch has ${size} bytes, a segment ${segmentBytes}`);
};

const checkHead = (facts: BatchFacts): void => {
  const { baseOffset, lastOffset, count, producerId, baseSequence } = facts;
  const spanned = lastOffset - baseOffset + 1;
  if (spanned <= 0) throw invalid(`the batch has an invalid offset range: ${baseOffset} to ${lastOffset}`);
  if (count <= 0) throw invalid(`the batch has an invalid count of records: ${count}`);
  if (spanned !== count) throw invalid(`the batch has ${count} records for ${spanned} offsets`);
  if (isControl(facts)) throw invalid("clients may not write control records");
  if (producerId >= 0 && baseSequence < 0) throw invalid(`the batch of producer ${producerId} has sequence ${baseSequence}`);
  if (producerId < 0 && isTransactional(facts)) throw invalid("a transactional batch has no producer id");
  if (codecOf(facts) > ZSTD) throw new BrokerError("UNSUPPORTED_COMPRESSION_TYPE", `compression ${codecOf(facts)} is not known`);
};

/** Answers with the largest timestamp of the records, and them decompressed. */
const checkRecords = (batch: Uint8Array, facts: BatchFacts, judgement: Judgement) => {
  try {
    const records = plainRecords(batch, facts);
    return { maxTimestamp: walk(records, facts, judgement), records };
  } catch (reason) {
    if (reason instanceof WireError) throw invalid(`the records are malformed: ${reason.message}`);
    throw reason;
  }
};

/** The records of a batch, decompressed. Throws a WireError. */
export const plainRecords = (batch: Uint8Array, facts: BatchFacts): Uint8Array => {
  const body = batch.subarray(layout.RECORDS_AT);
  const codec = codecOf(facts);
  return codec === 0 ? body : decompress(codec, body, layout.DECOMPRESSED_BATCH_BYTES_MAX);
};

const walk = (records: Uint8Array, facts: BatchFacts, judgement: Judgement): number => {
  const cursor = new RecordCursor(records);
  const faults: (RecordFault & { readonly kind: "record" | "timestamp" })[] = [];
  let maxTimestamp = NO_TIMESTAMP;
  for (let index = 0; index < facts.count; index++) {
    cursor.next();
    if (cursor.offsetDelta !== index) throw invalid(`record ${index} has offset delta ${cursor.offsetDelta}`);
    const timestamp = facts.firstTimestamp + cursor.timestampDelta;
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    const fault = recordFault(cursor, { facts, timestamp, index }, judgement);
    if (fault && faults.length < FAULTS_TOLD_MAX) faults.push(fault);
  }
  if (!cursor.atEnd) throw invalid("there are bytes left after the records");
  if (faults.length > 0) throw refused(faults);
  return maxTimestamp;
};

interface Where {
  readonly facts: BatchFacts;
  readonly timestamp: number;
  readonly index: number;
}

const recordFault = (
  cursor: RecordCursor,
  { facts, timestamp, index }: Where,
  { config, nowMs }: Judgement,
): (RecordFault & { readonly kind: "record" | "timestamp" }) | undefined => {
  if (config.cleanup.compact && cursor.keyLength < 0)
    return { kind: "record", index, message: "a compacted topic takes no record without a key" };
  if (config.timestamps === "append")
    return facts.attributes & layout.LOG_APPEND_TIME
      ? { kind: "timestamp", index, message: "producers may not set the timestamp type to LogAppendTime" }
      : undefined;
  if (timestamp === NO_TIMESTAMP) return undefined;
  const earliest = nowMs - config.timestampBeforeMsMax;
  const latest = nowMs + config.timestampAfterMsMax;
  if (timestamp >= earliest && timestamp <= latest) return undefined;
  return { kind: "timestamp", index, message: `timestamp ${timestamp} is out of range: it should be within [${earliest}, ${latest}]` };
};

/** Told by the first fault, as Apache Kafka does. */
const refused = (faults: readonly (RecordFault & { readonly kind: "record" | "timestamp" })[]): RecordsError => {
  const told = faults.map(({ index, message }) => ({ index, message }));
  if (faults[0]?.kind === "timestamp")
    return new RecordsError("INVALID_TIMESTAMP", "one or more records were refused for their timestamps", told);
  const some = told.slice(0, 3).map(({ index, message }) => `record ${index}: ${message}`);
  return new RecordsError("INVALID_RECORD", `one or more records were refused: ${some.join("; ")}`, told);
};

interface Stamp {
  /** The bit of the attributes. */
  readonly type: number;
  readonly maxTimestamp: number;
}

/** Sets what the topic's timestamp type says, and the checksum when that changed anything. */
const stamp = (batch: Uint8Array, facts: BatchFacts, { type, maxTimestamp }: Stamp): BatchFacts => {
  if (facts.maxTimestamp === maxTimestamp && (facts.attributes & layout.LOG_APPEND_TIME) === type) return facts;
  const to = view(batch);
  to.setInt16(layout.ATTRIBUTES_AT, (facts.attributes & ~layout.LOG_APPEND_TIME) | type);
  setInt64(to, layout.MAX_TIMESTAMP_AT, maxTimestamp);
  seal(batch);
  return factsOf(batch);
};
