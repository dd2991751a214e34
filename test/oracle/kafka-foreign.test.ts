// Our client beside clients that share no code with it: librdkafka (kcat) and kafkajs. Records, compression, partitions, transactions.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import kafkajs from "kafkajs";
import { utf8 } from "../../src/core/bytes.ts";
import { Code } from "../../src/core/status.ts";
import type { KafkaClient } from "../../src/kafka/client/client.ts";
import { clientOf, type TestClient } from "../kit/client-kafka.ts";
import { Fetching, produced } from "../kit/kafka-callers.ts";
import { readTopic } from "../kit/kcat.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const written = async (client: KafkaClient, topic: string, value: string): Promise<void> => {
  const { status } = await produced(client, { topic, acks: "in_sync_replicas" }, [{ key: utf8("k"), value: utf8(value), headers: [] }]);
  assert.deepEqual(status, { code: Code.OK, message: "" });
};

describe("our client beside others", needs("kafka", "kcat"), () => {
  let shared: SharedKafka;
  let mine: TestClient;
  before(async () => {
    shared = await sharedKafka();
    mine = clientOf(shared.bootstrap);
    await mine.client.start();
  });
  after(async () => {
    await mine.client.close();
    await shared.stop();
  });

  test("kcat reads what we wrote, byte for byte", async () => {
    const { topic } = await shared.topics({ topic: 3 });
    const headers = [
      { name: "zilla:service", value: utf8("a.B") },
      { name: "bytes", value: utf8("ü") },
      { name: "zilla:service", value: utf8("again") },
    ];
    const values = [utf8("v"), new Uint8Array(0), null, Uint8Array.from({ length: 100_000 }, (_, at) => at)];
    for (const [index, value] of values.entries()) {
      const key = index === 1 ? null : utf8(`key-${index}`);
      const { status } = await produced(mine.client, { topic, acks: "leader_only" }, [{ key, value, headers }]);
      assert.equal(status.code, Code.OK);
    }
    const records = await readTopic({ bootstrap: shared.bootstrap, topic });
    assert.equal(records.length, values.length);
    for (const record of records) {
      assert.deepEqual(record.headers, [
        ["zilla:service", "a.B"],
        ["bytes", "ü"],
        ["zilla:service", "again"],
      ]);
      assert.ok(Math.abs(record.timestampMs - Date.now()) < 60_000);
    }
    const byKey = (key: string | undefined) => records.find((record) => record.key?.toString() === key);
    assert.equal(byKey("key-0")?.value?.toString(), "v");
    assert.equal(byKey(undefined)?.value?.length, 0);
    assert.equal(byKey("key-2")?.value, undefined);
    assert.deepEqual(byKey("key-3")?.value, Buffer.from(values[3]!));
  });

  test("a key goes to the partition that the Java client's hash gives it", async () => {
    const { ours, theirs } = await shared.topics({ ours: 7, theirs: 7 });
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index * 31}`);
    for (const key of keys) {
      await produced(mine.client, { topic: ours, acks: "leader_only" }, [{ key: utf8(key), value: utf8("v"), headers: [] }]);
    }
    const args = ["-P", "-b", shared.bootstrap, "-t", theirs, "-K", ":", "-X", "partitioner=murmur2"];
    await runOrFail("kcat", { args, input: keys.map((key) => `${key}:v`).join("\n") });
    const partitions = async (topic: string): Promise<Record<string, number>> =>
      Object.fromEntries((await readTopic({ bootstrap: shared.bootstrap, topic })).map(({ key, partition }) => [String(key), partition]));
    assert.deepEqual(await partitions(ours), await partitions(theirs));
  });

  for (const codec of ["gzip", "snappy", "lz4", "zstd"])
    test(`records that were compressed with ${codec} are read`, async () => {
      const { topic } = await shared.topics({ topic: 1 });
      const lines = Array.from({ length: 500 }, (_, index) => `${codec} ${index} ${"x".repeat(index % 90)}`);
      await runOrFail("kcat", { args: ["-P", "-b", shared.bootstrap, "-t", topic, "-z", codec], input: lines.join("\n") });
      const fetching = new Fetching(mine.client, { topic });
      await fetching.until(lines.length);
      assert.deepEqual(fetching.values, lines);
      fetching.cancel();
    });

  test("of a transaction, committed readers get what was committed and others everything; its end is passed over", async () => {
    const { topic } = await shared.topics({ topic: 1 });
    const kafka = new kafkajs.Kafka({ brokers: [shared.bootstrap], logLevel: kafkajs.logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId: `txn-${topic}`, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const transact = async (values: readonly string[], how: "commit" | "abort"): Promise<void> => {
      const transaction = await producer.transaction();
      for (const value of values) await transaction.send({ topic, messages: [{ value }] });
      await transaction[how]();
    };
    await written(mine.client, topic, "before");
    await transact(["a1", "a2"], "abort");
    await transact(["c1", "c2"], "commit");
    await written(mine.client, topic, "between");
    await transact(["a3"], "abort");
    await producer.disconnect();
    await written(mine.client, topic, "after");
    const committed = new Fetching(mine.client, { topic });
    const all = new Fetching(mine.client, { topic, isolation: "read_uncommitted" });
    await committed.until(5);
    await all.until(8);
    assert.deepEqual(committed.values, ["before", "c1", "c2", "between", "after"]);
    assert.deepEqual(all.values, ["before", "a1", "a2", "c1", "c2", "between", "a3", "after"]);
    committed.cancel();
    all.cancel();
  });

  test("an open transaction that holds committed readers back is told of", { timeout: 60_000 }, async () => {
    const { topic } = await shared.topics({ topic: 1 });
    const kafka = new kafkajs.Kafka({ brokers: [shared.bootstrap], logLevel: kafkajs.logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId: `txn-${topic}`, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: "held" }] });
    await written(mine.client, topic, "behind");
    const fetching = new Fetching(mine.client, { topic });
    const told = new Promise<string>((resolve) => {
      const stop = mine.runtime.events.listen(({ event, message }) => {
        if (event !== "binding.kafka.transaction.open" || !message.includes(topic)) return;
        stop();
        resolve(message);
      });
    });
    assert.match(await told, /an open transaction at offset 0 holds back 2 records/);
    assert.deepEqual(fetching.values, []);
    await transaction.commit();
    await fetching.until(2);
    assert.deepEqual(fetching.values, ["held", "behind"]);
    await producer.disconnect();
    fetching.cancel();
  });

  test("a record above the topic's limit is refused with both sizes, and innocent ones beside it get through", async () => {
    const { small } = await shared.topics({ small: { partitions: 1, config: { "max.message.bytes": "2000" } } });
    const send = (bytes: number) =>
      produced(mine.client, { topic: small, acks: "in_sync_replicas" }, [{ key: null, value: new Uint8Array(bytes), headers: [] }]);
    const receipts = await Promise.all([send(100), send(1_000), send(5_000), send(900), send(1_900), send(800)]);
    assert.deepEqual(
      receipts.map(({ status }) => status.code),
      [Code.OK, Code.OK, Code.RESOURCE_EXHAUSTED, Code.OK, Code.OK, Code.OK],
    );
    assert.match(receipts[2]!.status.message, /at most 2000 bytes \(max\.message\.bytes\), and the records have 50\d\d/);
  });

  test("a batch that a compacted topic refuses for one record without a key is split, and only that record fails", async () => {
    const { compacted } = await shared.topics({ compacted: { partitions: 1, config: { "cleanup.policy": "compact" } } });
    const send = (key: string | null) =>
      produced(mine.client, { topic: compacted, acks: "in_sync_replicas" }, [
        { key: key === null ? null : utf8(key), value: utf8("v"), headers: [] },
      ]);
    const receipts = await Promise.all(["a", "b", null, "c", "d", null, "e"].map(send));
    const again = await send("f");
    assert.deepEqual(
      receipts.map(({ status }) => status.code),
      [Code.OK, Code.OK, Code.INTERNAL, Code.OK, Code.OK, Code.INTERNAL, Code.OK],
    );
    assert.equal(again.status.code, Code.OK);
    const records = await readTopic({ bootstrap: shared.bootstrap, topic: compacted });
    assert.deepEqual(
      records.map(({ key }) => String(key)),
      ["a", "b", "c", "d", "e", "f"],
    );
  });
});
