import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat } from "../../../src/core/bytes.ts";
import { crc32c } from "../../../src/kafka/wire/crc32c.ts";
import type { CorruptBatch } from "../../../src/kafka/wire/decode-batch.ts";
import { anyRecord, anyRecords, at, dataOf, decoded, encoded } from "./batches.ts";

const THREE = fc.tuple(anyRecords, anyRecords, anyRecords);
const batchesOf = (sets: Parameters<typeof encoded>[0][]): Uint8Array[] => {
  let offset = 100;
  return sets.map((records) => {
    const batch = at(offset, encoded(records));
    offset += records.length;
    return batch;
  });
};

const corrupt = (bytes: Uint8Array): readonly CorruptBatch[] => decoded(bytes).batches.filter((batch) => batch.kind === "corrupt");

test("a flipped bit under the checksum is reported with its place, and only its batch is lost", () => {
  fc.assert(
    fc.property(THREE, fc.nat(), fc.nat(7), (sets, place, bit) => {
      const [first, second, third] = batchesOf(sets);
      const damaged = Uint8Array.from(second!);
      damaged[21 + (place % (damaged.length - 21))]! ^= 1 << bit;
      const { batches } = decoded(concat([first!, damaged, third!]));
      assert.deepEqual(
        batches.map(({ kind }) => kind),
        ["batch", "corrupt", "batch"],
      );
      const lost = batches[1] as CorruptBatch; // Asserted in the lines before.
      assert.deepEqual([lost.topic, lost.partition, lost.baseOffset], ["t", 3, 100 + sets[0].length]);
      assert.equal(lost.nextOffset, 100 + sets[0].length + sets[1].length);
      assert.match(lost.reason, /checksum/);
    }),
    { numRuns: 100 },
  );
});

test("whatever the bytes are, decoding ends, does not throw, and does not invent records", () => {
  fc.assert(
    fc.property(THREE, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), (sets, changes) => {
      const bytes = concat(batchesOf(sets));
      const damaged = Uint8Array.from(bytes);
      for (const [place, byte] of changes) damaged[place % damaged.length] = byte;
      const known = new Set(sets.flat().map((record) => JSON.stringify(dataOf(record))));
      let floor = 0;
      for (const batch of decoded(damaged).batches) {
        if (batch.kind === "corrupt") {
          assert.ok(batch.nextOffset >= floor);
          floor = batch.nextOffset;
          continue;
        }
        assert.ok(batch.baseOffset >= floor && batch.lastOffset >= batch.baseOffset);
        floor = batch.lastOffset + 1;
        for (const record of batch.records) assert.ok(known.has(JSON.stringify(dataOf(record))));
      }
    }),
    { numRuns: 300 },
  );
});

test("noise is refused without a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decoded(bytes).batches.every(({ kind }) => kind === "corrupt")),
    { numRuns: 300 },
  );
});

/** The checksum is right, so only what is inside can be found wrong. */
const sealed = (batch: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(batch);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
};

test("records that are malformed under a right checksum are reported, or are records that can be read", () => {
  fc.assert(
    fc.property(anyRecords, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (records, changes) => {
      const bytes = Uint8Array.from(encoded(records));
      for (const [place, byte] of changes) bytes[61 + (place % (bytes.length - 61))] = byte;
      for (const batch of decoded(sealed(bytes)).batches) if (batch.kind === "batch") for (const record of batch.records) dataOf(record);
    }),
    { numRuns: 500 },
  );
});

const head = (name: string, change: (bytes: Buffer) => void, reason: RegExp): void => {
  test(`${name} is reported`, () => {
    const [record] = fc.sample(anyRecord, { numRuns: 1, seed: 1 });
    const bytes = Buffer.from(at(7, encoded([record!, record!])));
    change(bytes);
    const [only, ...none] = corrupt(sealed(bytes));
    assert.equal(none.length, 0);
    assert.match(only!.reason, reason);
    assert.ok(only!.nextOffset > 7 || only!.baseOffset !== 7);
  });
};

head("a negative length", (bytes) => bytes.writeInt32BE(-5, 8), /length of -5/);
head("a length shorter than a head", (bytes) => bytes.writeInt32BE(20, 8), /length of 20/);
head("a negative offset", (bytes) => bytes.writeBigInt64BE(-3n), /offset -3/);
head("an offset past what numbers hold", (bytes) => bytes.writeBigInt64BE(2n ** 60n), /offset/);
head("a last offset before the first", (bytes) => bytes.writeInt32BE(-4, 23), /last offset/);
head("a last offset before that of a record", (bytes) => bytes.writeInt32BE(0, 23), /record 1 has offset 8/);
head("a count past what fits", (bytes) => bytes.writeInt32BE(0x7fffffff, 57), /records cannot be in/);
head("a negative count", (bytes) => bytes.writeInt32BE(-1, 57), /records cannot be in/);
head("a count that leaves bytes", (bytes) => bytes.writeInt32BE(1, 57), /bytes are left/);
head("a codec without a name", (bytes) => bytes.writeInt16BE(6, 21), /compression 6/);
head("a codec that was not used", (bytes) => bytes.writeInt16BE(1, 21), /gzip/);
head("message format v0", (bytes) => bytes.writeInt8(0, 16), /message format v0, which Kafka 4 has dropped/);
head("message format v1", (bytes) => bytes.writeInt8(1, 16), /message format v1/);
head("message format v3", (bytes) => bytes.writeInt8(3, 16), /message format v3 is not known/);

test("a batch that grows past the limit is reported, and the next one is read", () => {
  const large = encoded([{ key: null, value: new Uint8Array(50_000), headers: [] }], { compression: "gzip" });
  const small = at(1, encoded([{ key: null, value: new Uint8Array(5), headers: [] }], { compression: "gzip" }));
  const { batches } = decoded(concat([large, small]), 10_000);
  assert.deepEqual(
    batches.map(({ kind }) => kind),
    ["corrupt", "batch"],
  );
});

test("a batch that goes back in offsets is reported, and does not turn reading back", () => {
  const [first, second] = [
    at(10, encoded([{ key: null, value: null, headers: [] }])),
    at(4, encoded([{ key: null, value: null, headers: [] }])),
  ];
  const [lost] = corrupt(concat([first!, second!]));
  assert.equal(lost!.nextOffset, 11);
});
