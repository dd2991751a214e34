// The embedded broker with clients that share no code with it: kafkajs, @platformatic/kafka and librdkafka (kcat).
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import kafkajs from "kafkajs";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import { readTopic, writeRecord } from "../kit/kcat.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";

const SUITE = { timeout: 120_000 };

/** The values that a group of kafkajs reads, until there are so many. */
const grouped = async (
  kafka: kafkajs.Kafka,
  of: { readonly topic: string; readonly group: string; readonly count: number },
): Promise<string[]> => {
  const consumer = kafka.consumer({ groupId: of.group, sessionTimeout: 10_000 });
  await consumer.connect();
  await consumer.subscribe({ topic: of.topic, fromBeginning: true });
  const values: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await consumer.run({
    eachMessage: async ({ message }) => {
      values.push(String(message.value));
      if (values.length >= of.count) resolve();
    },
  });
  await promise;
  await consumer.disconnect();
  return values;
};

describe("kafkajs on the embedded broker", SUITE, () => {
  let broker: RunningBroker;
  let kafka: kafkajs.Kafka;
  before(async () => {
    broker = await startBroker({ partitions: 3 });
    kafka = new kafkajs.Kafka({ clientId: "test", brokers: [broker.bootstrap], logLevel: kafkajs.logLevel.NOTHING });
  });
  after(() => broker.close());

  test("makes, describes and deletes topics", async () => {
    const admin = kafka.admin();
    await admin.connect();
    assert.equal(await admin.createTopics({ topics: [{ topic: "made", numPartitions: 4 }] }), true);
    assert.equal(await admin.createTopics({ topics: [{ topic: "made" }] }), false);
    const { topics } = await admin.fetchTopicMetadata({ topics: ["made"] });
    assert.equal(topics[0]?.partitions.length, 4);
    assert.deepEqual((await admin.describeCluster()).brokers, [{ nodeId: 1, host: "127.0.0.1", port: broker.port }]);
    await admin.deleteTopics({ topics: ["made"] });
    assert.deepEqual(await admin.listTopics(), []);
    await admin.disconnect();
  });

  test("produces with and without compression, and a group reads it all once", async () => {
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: 50 }, (_, at) => ({ key: `k${at}`, value: `v${at}` }));
    await producer.send({ topic: "plain", messages });
    await producer.send({ topic: "plain", messages, compression: kafkajs.CompressionTypes.GZIP });
    await producer.disconnect();
    const values = await grouped(kafka, { topic: "plain", group: "readers", count: 100 });
    assert.deepEqual(values.sort(), [...messages, ...messages].map(({ value }) => value).sort());
    const admin = kafka.admin();
    await admin.connect();
    const [offsets] = await admin.fetchOffsets({ groupId: "readers", topics: ["plain"] });
    const committed = offsets?.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    assert.equal(committed, 100);
    await admin.disconnect();
  });

  test("of two transactions, only the one that is committed is read", async () => {
    const producer = kafka.producer({ transactionalId: "t1", idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const lost = await producer.transaction();
    await lost.send({ topic: "exact", messages: [{ key: "k", value: "aborted" }] });
    await lost.abort();
    const kept = await producer.transaction();
    await kept.send({ topic: "exact", messages: [{ key: "k", value: "committed" }] });
    await kept.commit();
    await producer.disconnect();
    assert.deepEqual(await grouped(kafka, { topic: "exact", group: "exact", count: 1 }), ["committed"]);
  });
});

describe("@platformatic/kafka on the embedded broker", SUITE, () => {
  let broker: RunningBroker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker.close());

  test("produces, reads in a group, and lists both", async () => {
    const options = { clientId: "test", bootstrapBrokers: [broker.bootstrap] };
    const admin = new Admin(options);
    await admin.createTopics({ topics: ["t"], partitions: 2, replicas: 1 });
    const producer = new Producer({ ...options, serializers: stringSerializers, idempotent: true });
    await producer.send({ messages: ["a", "b", "c"].map((value) => ({ topic: "t", key: value, value })) });
    const consumer = new Consumer({ ...options, groupId: "g", deserializers: stringDeserializers });
    const stream = await consumer.consume({ topics: ["t"], mode: "earliest", autocommit: true });
    const values: string[] = [];
    for await (const { value } of stream) if (values.push(String(value)) === 3) break;
    assert.deepEqual(values.sort(), ["a", "b", "c"]);
    assert.ok((await admin.listGroups()).has("g"));
    await consumer.close(true);
    await producer.close();
    await admin.close();
  });
});

describe("administration of the embedded broker by @platformatic/kafka", SUITE, () => {
  let broker: RunningBroker;
  let admin: Admin;
  before(async () => {
    broker = await startBroker({ logLevel: "info" });
    admin = new Admin({ clientId: "test", bootstrapBrokers: [broker.bootstrap] });
  });
  after(async () => {
    await admin.close();
    await broker.close();
  });

  test("there are no quotas", async () => {
    const components = [{ entityType: "user", matchType: 0, match: "alice" }] as const;
    assert.deepEqual(await admin.describeClientQuotas({ components: [...components] }), []);
  });

  test("a logger gets another level, and its own again", async () => {
    const resource = { resourceType: 8, resourceName: "1" } as const;
    const level = async (): Promise<unknown> => {
      const [described] = await admin.describeConfigs({ resources: [{ ...resource, configurationKeys: ["network"] }] });
      return described?.configs[0]?.value;
    };
    const alter = (configOperation: 0 | 1, value = ""): Promise<void> =>
      admin.incrementalAlterConfigs({ resources: [{ ...resource, configs: [{ name: "network", configOperation, value }] }] });
    assert.equal(await level(), "INFO");
    await alter(0, "DEBUG");
    assert.equal(await level(), "DEBUG");
    await alter(1);
    assert.equal(await level(), "INFO");
  });
});

describe("kcat on the embedded broker", needs("kcat"), () => {
  test("lists, writes and reads, also after the broker was stopped", async () => {
    const data = mkdtempSync(join(tmpdir(), "sluice-broker-"));
    const first = await startBroker({ data });
    await writeRecord({ bootstrap: first.bootstrap, topic: "t", key: "k", value: Buffer.from("v"), headers: [["h", "x"]] });
    const listed = await runOrFail("kcat", { args: ["-L", "-b", first.bootstrap] });
    assert.match(listed.toString(), /topic "t" with 1 partitions/);
    await first.close();
    const second = await startBroker({ data });
    const [record] = await readTopic({ bootstrap: second.bootstrap, topic: "t", count: 1 });
    assert.deepEqual([record?.offset, record?.key?.toString(), record?.value?.toString()], [0, "k", "v"]);
    assert.deepEqual(record?.headers, [["h", "x"]]);
    await second.close();
    rmSync(data, { recursive: true });
  });

  for (const codec of ["gzip", "snappy", "lz4", "zstd"]) {
    test(`records compressed with ${codec} come back as they were`, async () => {
      const broker = await startBroker();
      const input = Buffer.from(Array.from({ length: 100 }, (_, at) => `value ${at} ${"x".repeat(50)}\n`).join(""));
      await runOrFail("kcat", { args: ["-P", "-b", broker.bootstrap, "-t", "t", "-z", codec], input });
      assert.equal((await readTopic({ bootstrap: broker.bootstrap, topic: "t", count: 100 })).length, 100);
      await broker.close();
    });
  }

  test("users must show their password, and are let in by PLAIN", async () => {
    const broker = await startBroker({ users: { alice: "secret" } });
    const sasl = (password: string): string[] =>
      Object.entries({
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": "alice",
        "sasl.password": password,
      }).flatMap(([name, value]) => ["-X", `${name}=${value}`]);
    const listed = await runOrFail("kcat", { args: ["-L", "-b", broker.bootstrap, ...sasl("secret")] });
    assert.match(listed.toString(), /1 brokers/);
    await assert.rejects(runOrFail("kcat", { args: ["-L", "-m", "2", "-b", broker.bootstrap, ...sasl("wrong")] }));
    await broker.close();
  });
});
