// Batches in the compression that their topic asks for.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { codecOf, factsOf, isSealed } from "../../../src/broker/storage/batch-facts.ts";
import type { LogConfig } from "../../../src/broker/storage/log-config.ts";
import { plainRecords } from "../../../src/broker/storage/validate.ts";
import { type Compression, compressionBits } from "../../../src/kafka/wire/compression.ts";
import { appended, batchOf, configOf, logOf, NOW_MS, openStore, readAll, readFrom } from "./kit.ts";

const CODECS: readonly Compression[] = ["gzip", "snappy", "lz4", "zstd"];
const RECORDS = Array.from({ length: 50 }, (_, at) => `key-${at}=${"value ".repeat(20)}${at}`);

const written = async (config: Partial<LogConfig>, batch: Uint8Array) => {
  const { store } = await openStore();
  const log = await logOf(store, config);
  await appended(log, batchOf(["first=1"]));
  await appended(log, batch);
  const [stored] = (await readFrom(log, 1)).slice(-1);
  const read = await readAll(log);
  await store.close();
  assert.ok(stored);
  assert.deepEqual(
    read.slice(1),
    RECORDS.map((record, at) => `${at + 1}:${record}`),
  );
  return { stored, facts: factsOf(stored) };
};

describe("a batch is kept", () => {
  for (const from of [undefined, ...CODECS]) {
    for (const codec of CODECS) {
      test(`with ${codec} where the topic says so, however it came (${from ?? "uncompressed"})`, async () => {
        const producer = { id: 7, epoch: 3, sequence: 11 };
        const batch = batchOf(RECORDS, { producer, timestampMs: NOW_MS - 5, ...(from === undefined ? {} : { compression: from }) });
        const { stored, facts } = await written({ compression: { codec } }, batch);
        assert.equal(codecOf(facts), compressionBits(codec));
        assert.ok(isSealed(stored));
        assert.deepEqual(
          [facts.producerId, facts.producerEpoch, facts.baseSequence, facts.firstTimestamp, facts.maxTimestamp, facts.count],
          [7, 3, 11, NOW_MS - 5, NOW_MS - 5, 50],
        );
        assert.ok(stored.length < plainRecords(stored, facts).length);
      });
    }
    test(`without compression where the topic says so, however it came (${from ?? "uncompressed"})`, async () => {
      const batch = batchOf(RECORDS, from === undefined ? {} : { compression: from });
      assert.equal(codecOf((await written({ compression: "uncompressed" }, batch)).facts), 0);
    });
    test(`as it came where the topic leaves that to the producer (${from ?? "uncompressed"})`, async () => {
      const batch = batchOf(RECORDS, from === undefined ? {} : { compression: from });
      const { stored } = await written({}, batch.slice());
      assert.deepEqual(Buffer.from(stored.subarray(61)), Buffer.from(batch.subarray(61)));
    });
  }

  test("as it came where it has that codec already, whatever the level", async () => {
    const batch = batchOf(RECORDS, { compression: "gzip" });
    const { stored } = await written({ compression: { codec: "gzip", level: 1 } }, batch.slice());
    assert.deepEqual(Buffer.from(stored.subarray(61)), Buffer.from(batch.subarray(61)));
  });

  test("smaller the harder the codec tries", async () => {
    const sizes = [];
    for (const level of [1, 9]) sizes.push((await written({ compression: { codec: "gzip", level } }, batchOf(RECORDS))).stored.length);
    assert.ok(sizes[1]! < sizes[0]!, `${sizes}`);
  });

  test("with the broker's time too", async () => {
    const { facts } = await written({ compression: { codec: "zstd" }, timestamps: "append" }, batchOf(RECORDS, { timestampMs: 5 }));
    assert.deepEqual([facts.maxTimestamp, facts.attributes & 8], [NOW_MS, 8]);
  });
});

test("what is too large once it is not compressed any more is refused", async () => {
  const { store } = await openStore();
  const log = await logOf(store, { compression: "uncompressed", messageBytesMax: 1_000 });
  const batch = batchOf(RECORDS, { compression: "gzip" });
  assert.ok(batch.length < 1_000);
  assert.throws(() => log.append(batch), { name: "MESSAGE_TOO_LARGE" });
  log.configure(configOf({ compression: "uncompressed", segmentBytes: 1_000 }));
  assert.throws(() => log.append(batchOf(RECORDS, { compression: "gzip" })), { name: "RECORD_LIST_TOO_LARGE" });
  assert.equal(log.endOffset, 0);
  await store.close();
});
