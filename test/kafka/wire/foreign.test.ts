// Our codec against two that we did not write: the Kafka library's and kafkajs'.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import {
  CompressionAlgorithms,
  createRecordsBatch,
  Reader as LibraryReader,
  Writer as LibraryWriter,
  murmur2 as libraryMurmur2,
  readRecordsBatches,
} from "@platformatic/kafka";
import fc from "fast-check";
import { murmur2 } from "../../../src/kafka/wire/murmur2.ts";
import type { ProducedRecord } from "../../../src/ports/kafka.ts";
import { anyRecords, dataOf, encoded, sound, TIME_MS } from "./batches.ts";

const require = createRequire(import.meta.url);

/** The library takes its headers as a map: a name once. */
const once = (records: readonly ProducedRecord[]): readonly ProducedRecord[] =>
  records.map((record) => ({ ...record, headers: [...new Map(record.headers.map((header) => [header.name, header])).values()] }));

const bufferOf = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));

for (const compression of Object.values(CompressionAlgorithms))
  test(`batches of the library (${compression}) are read`, () => {
    fc.assert(
      fc.property(anyRecords.map(once), fc.array(fc.nat(100_000)), (records, delays) => {
        const messages = records.map(({ key, value, headers }, index) => ({
          topic: "t",
          partition: 0,
          key: bufferOf(key) as Buffer, // It takes null, its types do not say so.
          value: bufferOf(value) as Buffer,
          headers: new Map(headers.map(({ name, value }) => [Buffer.from(name), bufferOf(value) as Buffer])),
          timestamp: BigInt(TIME_MS - 50_000 + (delays[index] ?? 0)),
        }));
        const [batch] = sound(createRecordsBatch(messages, { compression }).buffer);
        assert.deepEqual(batch!.records.map(dataOf), records.map(dataOf));
        assert.deepEqual(
          batch!.records.map(({ timestampMs }) => timestampMs),
          messages.map(({ timestamp }) => Number(timestamp)),
        );
      }),
      { numRuns: compression === "none" ? 50 : 20 },
    );
  });

for (const compression of [undefined, "gzip", "zstd"] as const)
  test(`the library reads our batches (${compression ?? "not compressed"})`, () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const producer = { id: 77, epoch: 3, sequence: 12 };
        const bytes = Buffer.from(encoded(records, compression ? { compression, producer } : { producer }));
        const [batch] = readRecordsBatches(LibraryReader.from(bytes));
        const read = batch!.records.map(({ key, value, headers }) => ({
          key: key?.toString("hex") ?? null,
          value: value?.toString("hex") ?? null,
          headers: headers.map(([name, value]) => [String(name), value?.toString("hex") ?? null]),
        }));
        assert.deepEqual(read, records.map(dataOf));
        assert.deepEqual(
          [
            batch!.firstTimestamp,
            batch!.maxTimestamp,
            batch!.producerId,
            batch!.producerEpoch,
            batch!.firstSequence,
            batch!.lastOffsetDelta,
          ],
          [BigInt(TIME_MS), BigInt(TIME_MS), 77n, 3, 12, records.length - 1],
        );
      }),
      { numRuns: 20 },
    );
  });

test("our batches are the library's, byte for byte", () => {
  const value = Buffer.from("0a0b48656c6c6f20576f726c64", "hex");
  const headers = [{ name: "zilla:service", value: Buffer.from("example.EchoService") }];
  const ours = encoded(
    [
      { key: Buffer.from("test"), value, headers },
      { key: Buffer.from("test"), value: null, headers },
    ],
    {
      producer: { id: 1, epoch: 2, sequence: 3 },
    },
  );
  const message = {
    topic: "t",
    key: Buffer.from("test"),
    headers: new Map([[Buffer.from("zilla:service"), headers[0]!.value]]),
    timestamp: BigInt(TIME_MS),
  };
  const theirs = createRecordsBatch(
    [
      { ...message, value },
      { ...message, value: null as unknown as Buffer },
    ],
    {
      producerId: 1n,
      producerEpoch: 2,
      sequences: { getWithDefault: () => 3 } as never, // A map of the library's own kind; only this is called.
      partitionLeaderEpoch: -1,
    },
  );
  assert.equal(Buffer.from(ours).toString("hex"), theirs.buffer.toString("hex"));
});

test("batches of kafkajs are read", async () => {
  const { RecordBatch } = require("kafkajs/src/protocol/recordBatch/v0");
  const Record = require("kafkajs/src/protocol/recordBatch/record/v0");
  const Long = require("kafkajs/src/utils/long");
  for (const compression of [0, 1]) {
    const records = [1, 2, 3].map((n, offsetDelta) =>
      Record({
        offsetDelta,
        timestampDelta: Long.fromInt(n),
        key: `key-${n}`,
        value: n === 2 ? null : `value-${n}`,
        headers: { a: ["1", "2"], b: "" },
      }),
    );
    const { buffer } = await RecordBatch({ compression, firstTimestamp: TIME_MS, maxTimestamp: TIME_MS + 3, lastOffsetDelta: 2, records });
    const [batch] = sound(buffer);
    const headers = [
      ["a", "31"],
      ["a", "32"],
      ["b", ""],
    ];
    const hex = (text: string): string => Buffer.from(text).toString("hex");
    assert.deepEqual(batch!.records.map(dataOf), [
      { key: hex("key-1"), value: hex("value-1"), headers },
      { key: hex("key-2"), value: null, headers },
      { key: hex("key-3"), value: hex("value-3"), headers },
    ]);
    assert.deepEqual(
      batch!.records.map(({ timestampMs }) => timestampMs - TIME_MS),
      [1, 2, 3],
    );
  }
});

test("murmur2 is the library's for any key", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (key) => assert.equal(murmur2(key) | 0, libraryMurmur2(Buffer.from(key)) | 0)),
    { numRuns: 300 },
  );
});

test("the library takes pieces as a payload", () => {
  const writer = LibraryWriter.create();
  for (const piece of [Buffer.from("ab"), Buffer.from("c")]) writer.append(piece);
  assert.equal(writer.buffer.toString(), "abc");
});
