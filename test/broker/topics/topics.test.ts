// Topics: what may be made, and that all of it is still there after a stop.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { startBroker } from "../../../src/broker/start-broker.ts";
import { collisionKey, nameFault } from "../../../src/broker/topics/names.ts";
import { metadata } from "../../../src/kafka/wire/api/03-metadata.ts";
import { type CreateTopicsRequest, createTopics } from "../../../src/kafka/wire/api/19-create-topics.ts";
import { deleteTopics } from "../../../src/kafka/wire/api/20-delete-topics.ts";
import { describeConfigs } from "../../../src/kafka/wire/api/32-describe-configs.ts";
import { createPartitions } from "../../../src/kafka/wire/api/37-create-partitions.ts";
import { incrementalAlterConfigs } from "../../../src/kafka/wire/api/44-incremental-alter-configs.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { UUID_ZERO } from "../../../src/kafka/wire/type.ts";
import { Asker, running } from "../running.ts";

type Wanted = CreateTopicsRequest["topics"][number];

const wanted = (name: string, of: Partial<Wanted> = {}): Wanted => ({
  name,
  numPartitions: 1,
  replicationFactor: -1,
  assignments: [],
  configs: [],
  ...of,
});
const creating = (...topics: readonly Wanted[]): CreateTopicsRequest => ({ topics, timeoutMs: 1_000, validateOnly: false });
const deleting = (name: string) => ({ topics: [{ name, topicId: UUID_ZERO }], topicNames: [], timeoutMs: 1_000 });

const told = async (asker: Asker) => {
  const { topics } = await asker.ask(metadata, { ...metadata.request.empty, topics: null, allowAutoTopicCreation: false });
  return topics.map(({ name, topicId, partitions }) => ({ name, topicId, partitions: partitions.length }));
};

describe("names", () => {
  test("those that Kafka allows", () => {
    for (const name of ["a", "A-b_c.9", "x".repeat(249)]) assert.equal(nameFault(name), undefined);
    for (const name of ["", ".", "..", "a b", "ü", "a/b", "x".repeat(250)]) assert.notEqual(nameFault(name), undefined);
    assert.equal(collisionKey("a.b"), collisionKey("a_b"));
  });
});

describe("CreateTopics", () => {
  const assigned = (...brokers: readonly (readonly number[])[]): Partial<Wanted> => ({
    numPartitions: -1,
    assignments: brokers.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
  });
  const refused: Record<string, readonly [Partial<Wanted>, number]> = {
    "no partitions": [{ numPartitions: 0 }, ErrorCode.INVALID_PARTITIONS],
    "too many partitions": [{ numPartitions: 10_001 }, ErrorCode.POLICY_VIOLATION],
    "no replicas": [{ replicationFactor: 0 }, ErrorCode.INVALID_REPLICATION_FACTOR],
    "two replicas": [{ replicationFactor: 2 }, ErrorCode.INVALID_REPLICATION_FACTOR],
    "a broker that is not there": [assigned([7]), ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    "a broker twice": [assigned([1, 1]), ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    "an assignment and a number": [{ ...assigned([1]), numPartitions: 1 }, ErrorCode.INVALID_REQUEST],
    "an unknown setting": [{ configs: [{ name: "foo", value: "1" }] }, ErrorCode.INVALID_CONFIG],
    "a setting without a value": [{ configs: [{ name: "retention.ms", value: null }] }, ErrorCode.INVALID_CONFIG],
  };
  for (const [name, [of, code]] of Object.entries(refused)) {
    test(`${name} is refused`, async (context) => {
      const { asker } = await running(context);
      const { topics } = await asker.ask(createTopics, creating(wanted("t", of)));
      assert.equal(topics[0]?.errorCode, code);
      assert.deepEqual(await told(asker), []);
    });
  }

  test("a topic that is there, one that is too like it, and one named twice are refused", async (context) => {
    const { asker } = await running(context);
    await asker.ask(createTopics, creating(wanted("a.b")));
    const { topics } = await asker.ask(createTopics, creating(wanted("a.b"), wanted("a_b"), wanted("c"), wanted("c")));
    assert.deepEqual(
      topics.map(({ errorCode }) => errorCode),
      [ErrorCode.TOPIC_ALREADY_EXISTS, ErrorCode.INVALID_TOPIC_EXCEPTION, ErrorCode.INVALID_REQUEST],
    );
  });

  test("one that is only to be judged is not made", async (context) => {
    const { asker } = await running(context);
    const { topics } = await asker.ask(createTopics, { ...creating(wanted("t", { numPartitions: -1 })), validateOnly: true });
    assert.deepEqual([topics[0]?.errorCode, topics[0]?.numPartitions, topics[0]?.replicationFactor], [0, 1, 1]);
    assert.deepEqual(await told(asker), []);
  });
});

describe("a broker that was stopped", () => {
  test("knows its topics, their partitions, ids and settings, and forgets what was deleted", async (context) => {
    const data = mkdtempSync(join(tmpdir(), "sluice-broker-"));
    const first = await startBroker({ data });
    const asker = await Asker.to(first);
    await asker.ask(createTopics, creating(wanted("kept", { configs: [{ name: "retention.ms", value: "5000" }] }), wanted("gone")));
    await asker.ask(createPartitions, { topics: [{ name: "kept", count: 3, assignments: null }], timeoutMs: 1_000, validateOnly: false });
    const alter = (resourceType: number, resourceName: string, set: { readonly name: string; readonly value: string }) =>
      asker.ask(incrementalAlterConfigs, {
        resources: [{ resourceType, resourceName, configs: [{ configOperation: 0, ...set }] }],
        validateOnly: false,
      });
    await alter(2, "kept", { name: "segment.ms", value: "6000" });
    await alter(4, "", { name: "log.retention.bytes", value: "7000" });
    await alter(32, "group", { name: "consumer.session.timeout.ms", value: "50000" });
    assert.equal((await asker.ask(deleteTopics, deleting("gone"))).responses[0]?.errorCode, ErrorCode.NONE);
    const before = await told(asker);
    asker.socket.destroy();
    await first.close();

    const { asker: again } = await running(context, { data });
    assert.deepEqual(await told(again), before);
    assert.deepEqual(
      before.map(({ name, partitions }) => [name, partitions]),
      [["kept", 3]],
    );
    const value = async (resourceType: number, resourceName: string, name: string) => {
      const resources = [{ resourceType, resourceName, configurationKeys: [name] }];
      const { results } = await again.ask(describeConfigs, { resources, includeSynonyms: false, includeDocumentation: false });
      return results[0]?.configs[0]?.value;
    };
    assert.equal(await value(2, "kept", "retention.ms"), "5000");
    assert.equal(await value(2, "kept", "segment.ms"), "6000");
    assert.equal(await value(2, "kept", "retention.bytes"), "7000");
    assert.equal(await value(32, "group", "consumer.session.timeout.ms"), "50000");
    assert.deepEqual(
      readdirSync(data).filter((name) => name.startsWith("gone")),
      [],
    );
  });

  test("a second one on the same folder is refused, and says why", async (context) => {
    const data = mkdtempSync(join(tmpdir(), "sluice-broker-"));
    await running(context, { data });
    await assert.rejects(startBroker({ data }), /in use/);
  });
});

test("a topic made anew under an old name has another id and none of the old records", async (context) => {
  const { asker } = await running(context);
  const ids = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const { topics } = await asker.ask(createTopics, creating(wanted("t")));
    ids.add(topics[0]?.topicId ?? "");
    await asker.ask(deleteTopics, deleting("t"));
  }
  assert.equal(ids.size, 3);
  assert.deepEqual(await told(asker), []);
});
