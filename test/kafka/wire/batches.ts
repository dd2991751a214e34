// What the tests of batches share: records as fast-check makes them, and records as plain data.
import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "../../../src/core/bytes.ts";
import { type DecodedBatches, decodeBatches, type RecordBatch } from "../../../src/kafka/wire/decode-batch.ts";
import { type BatchOptions, encodeBatch } from "../../../src/kafka/wire/encode-batch.ts";
import type { ProducedRecord, RecordHeader, StoredRecord } from "../../../src/ports/kafka.ts";

export const TIME_MS = 1_700_000_000_123;

const bytes = fc.uint8Array({ maxLength: 40 });
export const anyRecord: fc.Arbitrary<ProducedRecord> = fc.record(
  {
    key: fc.option(bytes),
    value: fc.option(
      fc.oneof(
        { weight: 9, arbitrary: bytes },
        { weight: 1, arbitrary: fc.integer({ min: 4_000, max: 9_000 }).map((size) => new Uint8Array(size).fill(size)) },
      ),
    ),
    headers: fc.array(
      fc.record({ name: fc.string({ unit: "grapheme", maxLength: 12 }), value: fc.option(bytes) }, { noNullPrototype: true }),
      { maxLength: 5 },
    ),
  },
  { noNullPrototype: true },
);
export const anyRecords: fc.Arbitrary<readonly ProducedRecord[]> = fc.array(anyRecord, { minLength: 1, maxLength: 20 });

export const encoded = (records: readonly ProducedRecord[], options: Partial<BatchOptions> = {}): Uint8Array =>
  concat(encodeBatch(records, { timestampMs: TIME_MS, ...options }).pieces);

/** As a broker does it: the base offset stands before what the checksum covers. */
export const at = (baseOffset: number, batch: Uint8Array): Uint8Array => {
  const moved = Buffer.from(batch);
  moved.writeBigInt64BE(BigInt(baseOffset));
  return moved;
};

export const decoded = (bytes: Uint8Array, decompressedBytesMax?: number): DecodedBatches =>
  decodeBatches(bytes, { topic: "t", partition: 3, ...(decompressedBytesMax ? { decompressedBytesMax } : {}) });

/** All batches, which are sound. */
export const sound = (bytes: Uint8Array): readonly RecordBatch[] =>
  decoded(bytes).batches.map((batch) => {
    assert.equal(batch.kind, "batch", batch.kind === "corrupt" ? batch.reason : "");
    return batch as RecordBatch; // Asserted in the line before.
  });

const plain = (field: Uint8Array | null): string | null => (field === null ? null : Buffer.from(field).toString("hex"));

/** A record as data that can be compared. */
export const dataOf = (record: ProducedRecord | StoredRecord): unknown => {
  const headers: RecordHeader[] = [];
  if ("eachHeader" in record) record.eachHeader((name, value) => headers.push({ name, value }));
  else headers.push(...record.headers);
  return { key: plain(record.key), value: plain(record.value), headers: headers.map(({ name, value }) => [name, plain(value)]) };
};
