// Our members of a group against Apache Kafka: among themselves, beside foreign members, and when the group casts them out.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Admin } from "@platformatic/kafka";
import kafkajs from "kafkajs";
import { utf8 } from "../../src/core/bytes.ts";
import { clientOf, type TestClient } from "../kit/client-kafka.ts";
import { anyUntil, held, partitionsOf, release } from "../kit/group-members.ts";
import { Consuming, produced } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { start, stop } from "../kit/processes.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { committedOffsets } from "../kit/topics.ts";

describe("members of a group", needs("kafka", "kcat"), () => {
  let shared: SharedKafka;
  let mine: TestClient;
  let other: TestClient;
  before(async () => {
    shared = await sharedKafka();
    mine = clientOf(shared.bootstrap);
    other = clientOf(shared.bootstrap);
    await Promise.all([mine.client.start(), other.client.start()]);
  });
  after(async () => {
    await Promise.all([mine.client.close(), other.client.close()]);
    await shared.stop();
  });

  const write = async (topic: string, partitions: number, count: number): Promise<void> => {
    for (let value = 0; value < count; value++) {
      const record = { key: utf8(`${value % (partitions * 5)}`), value: utf8(String(value)), headers: [] };
      await produced(mine.client, { topic, acks: "in_sync_replicas" }, [record]);
    }
  };

  test("four members share six partitions, and what is left by one that leaves goes to the others", { timeout: 60_000 }, async () => {
    const { topic } = await shared.topics({ topic: 6 });
    const group = `group-${topic}`;
    const members = [mine, other, mine, other].map(({ client }) => new Consuming(client, { topics: [topic], group }));
    for (const member of members) release(member);
    const all = (): readonly number[] => members.flatMap((member) => [...held(member)]).sort();
    const even = (): boolean => all().length === 6 && members.every((member) => held(member).length >= 1 && held(member).length <= 2);
    await anyUntil(members, even);
    assert.deepEqual(all(), [0, 1, 2, 3, 4, 5]);
    members[0]!.cancel();
    members.shift();
    await anyUntil(members, even);
    for (const member of members) {
      assert.equal(held(member).length, 2);
      member.cancel();
    }
  });

  test("a member that is cast out loses its partitions, joins again, and gets what was not done", { timeout: 60_000 }, async () => {
    const { topic } = await shared.topics({ topic: 2 });
    const group = `group-${topic}`;
    await write(topic, 2, 20);
    const member = new Consuming(mine.client, { topics: [topic], group });
    await member.until(({ records }) => records.length >= 20);
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [shared.bootstrap] });
    await admin.removeMembersFromConsumerGroup({ groupId: group });
    await admin.close();
    await member.until(({ records }) => records.length >= 40);
    const revoked = member.events.find((event) => event.kind === "revoked");
    assert.deepEqual(revoked?.kind === "revoked" && revoked.lost, true);
    assert.deepEqual([...partitionsOf(member.events, "assigned")].sort(), [0, 0, 1, 1]);
    member.cancel();
  });

  test("commits are ordinary ones: other tools read them", { timeout: 60_000 }, async () => {
    const { topic } = await shared.topics({ topic: 1 });
    const group = `group-${topic}`;
    await write(topic, 1, 10);
    const member = new Consuming(mine.client, { topics: [topic], group });
    await member.until(({ records }) => records.length >= 10);
    member.send({ kind: "done", topic, partition: 0, offsets: [0, 1, 2, 3, 7] });
    const until = Date.now() + 10_000;
    let committed: readonly (number | undefined)[] = [];
    while (committed[0] !== 4 && Date.now() < until) committed = await committedOffsets(shared.bootstrap, group, topic);
    assert.deepEqual(committed, [4]);
    member.cancel();
  });

  test("partitions are shared with a member of librdkafka", { timeout: 90_000 }, async () => {
    const { topic } = await shared.topics({ topic: 4 });
    const group = `group-${topic}`;
    const member = new Consuming(mine.client, { topics: [topic], group });
    release(member);
    await member.until((one) => held(one).length === 4);
    const args = [
      "-G",
      group,
      "-q",
      "-b",
      shared.bootstrap,
      "-X",
      "partition.assignment.strategy=cooperative-sticky",
      "-X",
      "session.timeout.ms=6000",
      topic,
    ];
    const kcat = start("kcat", args, { stdio: "ignore" });
    await member.until((one) => held(one).length === 2);
    assert.equal(partitionsOf(member.events, "revoked").length, 2);
    await stop(kcat);
    await member.until((one) => held(one).length === 4);
    member.cancel();
  });

  test("a group that is still held by the original's members is reported as just that, and joined when they are gone", {
    timeout: 90_000,
  }, async () => {
    const { topic } = await shared.topics({ topic: 1 });
    const group = `zilla:test-${topic}`;
    const kafka = new kafkajs.Kafka({ brokers: [shared.bootstrap], logLevel: kafkajs.logLevel.NOTHING });
    // The original's protocol, as far as the coordinator can tell: its name.
    const rebalance: kafkajs.PartitionAssigner = ({ cluster, groupId, logger }) => {
      const assigner = kafkajs.PartitionAssigners.roundRobin({ cluster, groupId, logger });
      return { ...assigner, name: "rebalance", protocol: (subscription) => ({ ...assigner.protocol(subscription), name: "rebalance" }) };
    };
    const consumer = kafka.consumer({ groupId: group, partitionAssigners: [rebalance] });
    await consumer.connect();
    await consumer.subscribe({ topic });
    const joined = new Promise<void>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
    });
    await consumer.run({ eachMessage: async () => {} });
    await joined;
    const told = new Promise<string>((resolve) => {
      const unlisten = mine.runtime.events.listen(({ event, message }) => {
        if (event !== "binding.kafka.group.held") return;
        unlisten();
        resolve(message);
      });
    });
    const member = new Consuming(mine.client, { topics: [topic], group });
    assert.match(await told, new RegExp(`group '${group}' is still held by the original's members \\(protocol rebalance\\)`));
    await consumer.disconnect();
    await member.until((one) => held(one).length === 1);
    member.cancel();
  });

  test("partitions that a topic gets later are assigned too", { timeout: 60_000 }, async () => {
    const { topic } = await shared.topics({ topic: 1 });
    const member = new Consuming(mine.client, { topics: [topic], group: `group-${topic}` });
    release(member);
    await member.until((one) => held(one).length === 1);
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [shared.bootstrap] });
    await admin.createPartitions({ topics: [{ name: topic, count: 3 }] });
    await admin.close();
    await member.until((one) => held(one).length === 3);
    member.cancel();
  });
});
