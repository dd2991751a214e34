// The compression that a topic asks for, on the embedded broker and on Apache Kafka: the same batches are sent to both, and what is stored
// is compared; librdkafka, by kcat, reads what our encoders wrote.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import { codecOf, factsOf } from "../../src/broker/storage/batch-facts.ts";
import { plainRecords } from "../../src/broker/storage/validate.ts";
import { concat, utf8 } from "../../src/core/bytes.ts";
import { type ProduceRequest, produce } from "../../src/kafka/wire/api/00-produce.ts";
import { fetch } from "../../src/kafka/wire/api/01-fetch.ts";
import { createTopics } from "../../src/kafka/wire/api/19-create-topics.ts";
import type { Compression } from "../../src/kafka/wire/compression.ts";
import { encodeBatch } from "../../src/kafka/wire/encode-batch.ts";
import { UUID_ZERO } from "../../src/kafka/wire/type.ts";
import { readTopic } from "../kit/kcat.ts";
import { needs } from "../kit/needs.ts";
import { CLOSED, RawKafka } from "../kit/raw-kafka.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const TYPES = ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"] as const;
const SENT: readonly (Compression | undefined)[] = [undefined, "gzip", "snappy", "lz4", "zstd"];
/** The last version that names topics. */
const BY_NAME = 12;
const VALUES = Array.from({ length: 40 }, (_, at) => `value ${at} ${"of a record ".repeat(30)}`);
const records = VALUES.map((value) => ({ key: null, value: utf8(value), headers: [] }));

const answered = <T>(answer: T | typeof CLOSED): T => {
  if (answer === CLOSED) throw new Error("the broker has closed the connection");
  return answer;
};

/** A topic just made may not have its leader yet: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER. */
const NOT_YET = [3, 5, 6];
const LEADER_WITHIN_MS = 10_000;

const produced = async (kafka: RawKafka, request: ProduceRequest) => {
  const until = performance.now() + LEADER_WITHIN_MS;
  for (;;) {
    const [answer] = answered(await kafka.ask(produce, BY_NAME, request)).responses[0]?.partitionResponses ?? [];
    if (!NOT_YET.includes(answer?.errorCode ?? 0) || performance.now() > until) return [answer?.errorCode, answer?.baseOffset];
    await pause(20);
  }
};

/** Sends a batch a codec; what is told of each, and what is stored of it. */
const kept = async (bootstrap: string, topic: string, type: string) => {
  const kafka = await RawKafka.open(bootstrap);
  const configs = [{ name: "compression.type", value: type }];
  const creation = { topics: [{ name: topic, numPartitions: 1, replicationFactor: 1, assignments: [], configs }], validateOnly: false };
  answered(await kafka.ask(createTopics, 5, { ...creation, timeoutMs: 10_000 }));
  const told: unknown[] = [];
  for (const compression of SENT) {
    const options = { timestampMs: Date.UTC(2026, 0, 1), ...(compression ? { compression } : {}) };
    const partitionData = [{ index: 0, records: concat(encodeBatch(records, options).pieces) }];
    const request = { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData: [{ name: topic, topicId: UUID_ZERO, partitionData }] };
    told.push(await produced(kafka, request));
  }
  for (const at of SENT.keys()) told.push(await stored(kafka, topic, at * VALUES.length));
  kafka.close();
  return told;
};

const stored = async (kafka: RawKafka, topic: string, fetchOffset: number) => {
  const partition = { partition: 0, fetchOffset, partitionMaxBytes: 1, currentLeaderEpoch: -1, lastFetchedEpoch: -1, logStartOffset: -1 };
  const partitions = [{ ...partition, replicaDirectoryId: UUID_ZERO, highWatermark: 2 ** 63 }];
  const topics = [{ topic, topicId: UUID_ZERO, partitions }];
  const request = { ...fetch.request.empty, maxWaitMs: 1_000, minBytes: 1, maxBytes: 1, topics };
  const batch = concat(answered(await kafka.ask(fetch, BY_NAME, request)).responses[0]?.partitions[0]?.records ?? []);
  assert.ok(batch.length > 0);
  const facts = factsOf(batch);
  const plain = Buffer.from(plainRecords(batch.subarray(0, facts.bytes), facts)).toString("latin1");
  return { codec: codecOf(facts), offsets: [facts.baseOffset, facts.lastOffset], time: [facts.firstTimestamp, facts.maxTimestamp], plain };
};

describe("compression.type", needs("kafka", "kcat"), () => {
  let kafka: SharedKafka;
  let broker: RunningBroker;
  before(async () => {
    kafka = await sharedKafka();
    broker = await startBroker();
  });
  after(async () => {
    await broker.close();
    await kafka.stop();
  });

  for (const type of TYPES) {
    test(`${type}: the embedded broker keeps what Apache Kafka keeps`, async () => {
      const topic = `compressed-${type}-${randomBytes(4).toString("hex")}`;
      const own = await kept(broker.bootstrap, topic, type);
      assert.deepEqual(own, await kept(kafka.bootstrap, topic, type));
      const read = await readTopic({ bootstrap: broker.bootstrap, topic, count: SENT.length * VALUES.length });
      assert.deepEqual(
        read.map(({ value }) => value?.toString()),
        SENT.flatMap(() => VALUES),
      );
    });
  }
});
