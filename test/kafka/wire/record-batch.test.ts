import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { crc32c } from "../../../src/kafka/wire/crc32c.ts";
import { BATCH_OVERHEAD_BYTES, encodeBatch, recordBytesMax } from "../../../src/kafka/wire/encode-batch.ts";
import { headerSections } from "../../../src/kafka/wire/encode-headers.ts";
import type { ProducedRecord, RecordHeaders } from "../../../src/ports/kafka.ts";
import { anyRecords, at, dataOf, decoded, encoded, sound, TIME_MS } from "./batches.ts";

const record = (value: string | null, headers: RecordHeaders = []): ProducedRecord => ({
  key: null,
  value: value === null ? null : utf8(value),
  headers,
});

for (const compression of [undefined, "gzip", "zstd"] as const)
  test(`what is encoded (${compression ?? "not compressed"}) is decoded the same`, () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(2 ** 40), (records, baseOffset) => {
        const [batch, ...none] = sound(at(baseOffset, encoded(records, compression ? { compression } : {})));
        assert.equal(none.length, 0);
        assert.deepEqual(batch!.records.map(dataOf), records.map(dataOf));
        assert.deepEqual(
          batch!.records.map(({ offset }) => offset),
          records.map((_, index) => baseOffset + index),
        );
        assert.deepEqual([batch!.baseOffset, batch!.lastOffset], [baseOffset, baseOffset + records.length - 1]);
        for (const { topic, partition, timestampMs } of batch!.records)
          assert.deepEqual([topic, partition, timestampMs], ["t", 3, TIME_MS]);
      }),
      { numRuns: compression ? 25 : 100 },
    );
  });

test("a batch has exactly the bytes it says, and a record at most what was said before", () => {
  fc.assert(
    fc.property(anyRecords, (records) => {
      const batch = encodeBatch(records, { timestampMs: TIME_MS });
      assert.equal(concat(batch.pieces).length, batch.bytes);
      let most = BATCH_OVERHEAD_BYTES;
      const headers = headerSections(records);
      for (const [index, one] of records.entries()) most += recordBytesMax(one, headers[index]!);
      assert.ok(batch.bytes <= most && batch.bytes >= most - records.length * 5);
    }),
    { numRuns: 50 },
  );
});

test("a large value is sent from where it lies", () => {
  const large = { key: null, value: new Uint8Array(100_000).fill(1), headers: [] };
  const { pieces } = encodeBatch([record("a"), large, large], { timestampMs: TIME_MS });
  assert.equal(pieces.filter((piece) => piece === large.value).length, 2);
  assert.ok(concat(pieces).length - 200_000 < 200);
});

test("records of a batch that share their headers share the encoding, and again once it was made", () => {
  let read = 0;
  const headers: RecordHeaders = [
    {
      name: "n",
      get value() {
        read++;
        return utf8("v");
      },
    },
  ];
  encoded([record("a", headers)]);
  const once = read;
  const records = [record("a", headers), record("b", headers), record("c")];
  const made = headerSections(records);
  assert.equal(read, 2 * once);
  encodeBatch(records, { timestampMs: TIME_MS }, made);
  assert.equal(read, 2 * once);
});

test("null, empty and absent are told apart", () => {
  const headers = [
    { name: "empty", value: new Uint8Array(0) },
    { name: "null", value: null },
  ];
  const [tombstone, empty] = sound(encoded([record(null, headers), record("", headers)]))[0]!.records;
  assert.equal(tombstone!.value, null);
  assert.equal(empty!.value!.length, 0);
  assert.equal(empty!.header("empty")!.length, 0);
  assert.equal(empty!.header("null"), null);
  assert.equal(empty!.header("none"), undefined);
});

test("the last header of a name counts, and all of them can be found", () => {
  const [stored] = sound(
    encoded([
      record("v", [
        { name: "a", value: utf8("1") },
        { name: "b", value: utf8("2") },
        { name: "a", value: utf8("3") },
      ]),
    ]),
  )[0]!.records;
  assert.deepEqual(stored!.header("a"), Buffer.from("3"));
  const values: string[] = [];
  stored!.eachValueText("a", (value) => values.push(value));
  assert.deepEqual(values, ["1", "3"]);
  assert.ok(stored!.hasHeader("a", utf8("1")) && stored!.hasHeader("a", utf8("3")));
  assert.ok(!stored!.hasHeader("a", utf8("2")) && !stored!.hasHeader("aa", utf8("1")));
});

test("a key is compared in place", () => {
  const [none, empty, some] = sound(
    encoded([record("v"), { ...record("v"), key: new Uint8Array(0) }, { ...record("v"), key: utf8("k\xff") }]),
  )[0]!.records;
  assert.deepEqual(
    [none!.hasKey(utf8("")), empty!.hasKey(utf8("")), some!.hasKey(utf8("k\xff")), some!.hasKey(utf8("k"))],
    [false, true, true, false],
  );
  assert.deepEqual([none!.keyText(), empty!.keyText(), some!.keyText()], [undefined, "", Buffer.from("k\xff").toString("latin1")]);
});

test("what the producer says of itself is in the head", () => {
  const producer = { id: 4_000_000_001, epoch: 7, sequence: 2_000_000_000 };
  const [batch] = sound(encoded([record("a")], { producer, transactional: true }));
  assert.deepEqual(
    [batch!.producerId, batch!.producerEpoch, batch!.baseSequence, batch!.transactional],
    [producer.id, producer.epoch, producer.sequence, true],
  );
  const [plain] = sound(encoded([record("a")]));
  assert.deepEqual([plain!.producerId, plain!.producerEpoch, plain!.baseSequence, plain!.transactional], [-1, -1, -1, false]);
});

test("several batches are read, a last one that is cut off is left out", () => {
  const first = at(5, encoded([record("a"), record("b")]));
  const second = at(9, encoded([record("c")]));
  for (let cut = 0; cut <= second.length; cut++) {
    const { batches, bytesWanted } = decoded(concat([first, second.subarray(0, cut)]));
    assert.deepEqual(
      batches.map((batch) => batch.kind === "batch" && batch.baseOffset),
      cut === second.length ? [5, 9] : [5],
    );
    assert.equal(bytesWanted, 0);
  }
});

test("a first batch that is cut off says how many bytes it has", () => {
  const batch = encoded([record("a".repeat(500))]);
  assert.deepEqual(decoded(batch.subarray(0, 100)), { batches: [], bytesWanted: batch.length });
  assert.deepEqual(decoded(batch.subarray(0, 0)), { batches: [], bytesWanted: 0 });
});

/** A control batch as brokers write it: one record, its key version and type, its value version and coordinator epoch. */
const control = (type: number): Uint8Array => {
  const plain = encoded([{ key: Uint8Array.of(0, 0, 0, type), value: new Uint8Array(6), headers: [] }], {
    producer: { id: 1, epoch: 0, sequence: -1 },
    transactional: true,
  });
  return sealed(plain, (bytes) => bytes.writeInt16BE(0x30, 21));
};

/** Changed, with the checksum made right again. */
const sealed = (batch: Uint8Array, change: (bytes: Buffer) => void): Uint8Array => {
  const bytes = Buffer.from(batch);
  change(bytes);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
};

test("markers are told, and have no records", () => {
  for (const [type, marker] of [
    [0, "abort"],
    [1, "commit"],
    [2, "other"],
  ] as const) {
    const [batch] = sound(control(type));
    assert.deepEqual([batch!.marker, batch!.records.length, batch!.transactional, batch!.producerId], [marker, 0, true, 1]);
  }
});

test("where the topic stamps the records, its time counts", () => {
  const [batch] = sound(
    sealed(encoded([record("a")]), (bytes) => {
      bytes.writeInt16BE(0x08, 21);
      bytes.writeBigInt64BE(1_800_000_000_000n, 35);
    }),
  );
  assert.equal(batch!.records[0]!.timestampMs, 1_800_000_000_000);
});

test("a batch that compaction has emptied still says where it ended", () => {
  const [batch] = sound(
    sealed(encoded([record("a")]).subarray(0, 61), (bytes) => {
      bytes.writeInt32BE(49, 8);
      bytes.writeInt32BE(4, 23);
      bytes.writeInt32BE(0, 57);
    }),
  );
  assert.deepEqual([batch!.records.length, batch!.lastOffset], [0, 4]);
});
