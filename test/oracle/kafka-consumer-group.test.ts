// Our members of groups of the consumer protocol (KIP-848) on Apache Kafka: the contract, among themselves, beside others, when they are
// cast out, when the coordinator goes away, and on brokers that do not speak the protocol.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Admin } from "@platformatic/kafka";
import kafkajs from "kafkajs";
import { utf8 } from "../../src/core/bytes.ts";
import { Code } from "../../src/core/status.ts";
import { offsetCommit } from "../../src/kafka/wire/api/08-offset-commit.ts";
import { consumerGroupHeartbeat } from "../../src/kafka/wire/api/68-consumer-group-heartbeat.ts";
import { consumerGroupDescribe } from "../../src/kafka/wire/api/69-consumer-group-describe.ts";
import { ErrorCode } from "../../src/kafka/wire/errors.ts";
import { UUID_ZERO } from "../../src/kafka/wire/type.ts";
import { kafkaContract } from "../contract/kafka.ts";
import { consumeClaims } from "../contract/kafka-consume.ts";
import { CONSUMER_GROUPS } from "../kafka-server/features.ts";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { type KafkaServer, startKafka } from "../kafka-server/server.ts";
import { clientOf, type TestClient } from "../kit/client-kafka.ts";
import { anyUntil, held, partitionsOf, release } from "../kit/group-members.ts";
import { Consuming, produced } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { start, stop } from "../kit/processes.ts";
import { CLOSED, RawKafka } from "../kit/raw-kafka.ts";
import { sharedKafka } from "../kit/shared-kafka.ts";
import { committedOffsets, createTopics } from "../kit/topics.ts";

const texts = (members: readonly Consuming[]): readonly string[] =>
  members.flatMap(({ records }) => records.map(({ value }) => Buffer.from(value ?? []).toString()));
const numbers = (from: number, to: number): readonly string[] => Array.from({ length: to - from }, (_, index) => String(from + index));

describe("members by the consumer protocol", needs("kafka"), () => {
  let kafka: KafkaServer;
  let mine: TestClient;
  let other: TestClient;
  let classic: TestClient;
  let made = 0;
  before(async () => {
    kafka = await startKafka(CONSUMER_GROUPS);
    mine = clientOf(kafka.bootstrap, { groupProtocol: "consumer" });
    other = clientOf(kafka.bootstrap, { groupProtocol: "consumer" });
    classic = clientOf(kafka.bootstrap);
    await Promise.all([mine, other, classic].map(({ client }) => client.start()));
  });
  after(async () => {
    await Promise.all([mine, other, classic].map(({ client }) => client.close()));
    await kafka.stop();
  });

  const newTopic = async (partitions: number): Promise<string> => {
    const topic = `topic-${++made}`;
    await createTopics(kafka.bootstrap, { [topic]: partitions });
    return topic;
  };
  const write = async (topic: string, from: number, to: number): Promise<void> => {
    for (const value of numbers(from, to)) {
      const record = { key: utf8(value), value: utf8(value), headers: [] };
      assert.equal((await produced(mine.client, { topic, acks: "in_sync_replicas" }, [record])).status.code, Code.OK);
    }
  };
  /** Says that it goes, in the name of every member of the group. */
  const castOut = async (group: string): Promise<void> => {
    const raw = await RawKafka.open(kafka.bootstrap);
    const described = await raw.ask(consumerGroupDescribe, 0, { groupIds: [group], includeAuthorizedOperations: false });
    assert.ok(described !== CLOSED);
    for (const { memberId } of described.groups[0]?.members ?? []) {
      const leave = { ...consumerGroupHeartbeat.request.empty, groupId: group, memberId, memberEpoch: -1, rebalanceTimeoutMs: -1 };
      const left = await raw.ask(consumerGroupHeartbeat, 1, leave);
      assert.equal(left !== CLOSED && left.errorCode, ErrorCode.NONE);
    }
    raw.close();
  };

  kafkaContract("the client", async () => ({ kafka: mine.client, topic: newTopic, open: () => mine.client.open, close: async () => {} }), {
    suites: [consumeClaims],
  });

  test("four members share six partitions, and what is left by one that leaves goes to the others", async () => {
    const topic = await newTopic(6);
    const members = [mine, other, mine, other].map(({ client }) => new Consuming(client, { topics: [topic], group: topic }));
    for (const member of members) release(member);
    const all = (): readonly number[] => members.flatMap((member) => [...held(member)]).sort();
    const even = (): boolean => all().length === 6 && members.every((member) => held(member).length >= 1 && held(member).length <= 2);
    await anyUntil(members, even);
    assert.deepEqual(all(), [0, 1, 2, 3, 4, 5]);
    members.shift()?.cancel();
    await anyUntil(members, even);
    for (const member of members) member.cancel();
  });

  test("a member that is cast out loses its partitions, joins again, and gets what was not done", async () => {
    const topic = await newTopic(2);
    await write(topic, 0, 20);
    const member = new Consuming(mine.client, { topics: [topic], group: topic });
    await member.until(({ records }) => records.length >= 20);
    await castOut(topic);
    await member.until(({ records }) => records.length >= 40);
    const revoked = member.events.find((event) => event.kind === "revoked");
    assert.equal(revoked?.kind === "revoked" && revoked.lost, true);
    assert.deepEqual([...partitionsOf(member.events, "assigned")].sort(), [0, 0, 1, 1]);
    member.cancel();
  });

  test("what is done just before the member learns that it was cast out is not committed over what others did", async () => {
    const topic = await newTopic(1);
    await write(topic, 0, 10);
    const member = new Consuming(mine.client, { topics: [topic], group: topic });
    await member.until(({ records }) => records.length >= 10);
    do await castOut(topic);
    while (!(await commitByHand(kafka.bootstrap, topic, 6))); // It was back already.
    member.send({ kind: "done", topic, partition: 0, offsets: [0, 1] });
    await member.until(({ events }) => events.filter(({ kind }) => kind === "assigned").length >= 2 && held(member).length === 1);
    const last = member.events.findLast((event) => event.kind === "assigned");
    assert.equal(last?.kind === "assigned" && last.partitions[0]?.offset, 6);
    member.cancel();
    assert.deepEqual(await committedOffsets(kafka.bootstrap, topic, topic), [6]);
  });

  test("partitions that a topic gets later are assigned too", async () => {
    const topic = await newTopic(1);
    const member = new Consuming(mine.client, { topics: [topic], group: topic });
    await member.until((one) => held(one).length === 1);
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [kafka.bootstrap] });
    await admin.createPartitions({ topics: [{ name: topic, count: 3 }] });
    await admin.close();
    await member.until((one) => held(one).length === 3);
    member.cancel();
  });

  test("partitions are shared with a member of Apache Kafka's own client, and nothing is lost", { timeout: 90_000 }, async () => {
    const topic = await newTopic(4);
    await write(topic, 0, 20);
    const member = new Consuming(mine.client, { topics: [topic], group: topic });
    release(member);
    await member.until(({ records }) => records.length >= 20);
    const done = (): void => {
      for (const { partition, offset } of member.records) member.send({ kind: "done", topic, partition, offsets: [offset] });
    };
    done();
    const java = start("java", await javaMember(kafka.bootstrap, topic), { stdio: ["ignore", "pipe", "ignore"] });
    let printed = "";
    const told = new Set<() => void>();
    java.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      printed += chunk;
      for (const look of told) look();
    });
    await member.until((one) => held(one).length === 2);
    await write(topic, 20, 60);
    const seen = (): readonly string[] => [...texts([member]), ...printed.split("\n").filter((line) => line !== "")];
    const complete = (): boolean => new Set(seen()).size === 60;
    await Promise.race([
      member.until(complete),
      new Promise<void>((settle) => {
        const look = (): void => void (complete() && settle());
        told.add(look);
        look();
      }),
    ]);
    done();
    assert.deepEqual([...new Set(seen())].sort(), [...numbers(0, 60)].sort());
    assert.ok(printed.split("\n").filter((line) => line !== "").length >= 5, "the other has had a share");
    await stop(java);
    await member.until((one) => held(one).length === 4);
    member.cancel();
  });

  test("a group goes over from the classic protocol member by member: nothing is lost, what was done stays done", async () => {
    const topic = await newTopic(2);
    await write(topic, 0, 20);
    const before = new Consuming(classic.client, { topics: [topic], group: topic });
    release(before);
    await before.until(({ records }) => records.length >= 20);
    for (const { partition, offset } of before.records) before.send({ kind: "done", topic, partition, offsets: [offset] });
    const next = new Consuming(mine.client, { topics: [topic], group: topic });
    release(next);
    await anyUntil([before, next], () => held(before).length === 1 && held(next).length === 1);
    await write(topic, 20, 40);
    await anyUntil([before, next], () => new Set(texts([before, next])).size === 40);
    before.cancel();
    await next.until((member) => held(member).length === 2);
    await write(topic, 40, 60);
    await next.until(() => new Set(texts([before, next])).size === 60);
    const again = texts([next]).filter((value) => Number(value) < 20);
    assert.deepEqual(again, [], "what was done by the member before");
    next.cancel();
  });

  test("a group that is held by members of another kind is reported as just that, and joined when they are gone", async () => {
    const topic = await newTopic(1);
    const consumer = await holdBy(kafka.bootstrap, topic);
    const told = new Promise<string>((resolve) => {
      const unlisten = mine.runtime.events.listen(({ event, message }) => {
        if (event !== "binding.kafka.group.held") return;
        unlisten();
        resolve(message);
      });
    });
    const member = new Consuming(mine.client, { topics: [topic], group: topic });
    assert.match(await told, new RegExp(`group '${topic}' is held by members of another protocol .*set 'group-protocol: classic'`));
    await consumer.disconnect();
    await member.until((one) => held(one).length === 1);
    member.cancel();
  });

  test("a member goes on where it was when its broker is killed and comes back", { timeout: 90_000 }, async () => {
    const topic = await newTopic(2);
    const member = new Consuming(mine.client, { topics: [topic], group: topic });
    await write(topic, 0, 30);
    await member.until(({ records }) => records.length >= 30);
    await kafka.crash();
    await kafka.resume();
    await write(topic, 30, 60);
    await member.until(() => new Set(texts([member])).size >= 60);
    assert.deepEqual([...new Set(texts([member]))].sort(), [...numbers(0, 60)].sort());
    member.cancel();
  });
});

describe("a broker without the consumer protocol", needs("kafka"), () => {
  /** Joins, and is told why it cannot. */
  const refusedBy = async (bootstrap: string): Promise<void> => {
    await createTopics(bootstrap, { "no-protocol": 1 });
    const { client, runtime } = clientOf(bootstrap, { groupProtocol: "consumer" });
    await client.start();
    const { code, message } = await new Consuming(client, { topics: ["no-protocol"], group: "g" }).ended();
    await client.close();
    assert.equal(code, Code.FAILED_PRECONDITION);
    assert.match(message, /group 'g'.*it does not speak the consumer group protocol.*set 'group-protocol: classic' in the options/);
    assert.deepEqual(
      runtime.heard.map(({ event }) => event),
      ["binding.kafka.group.protocol.unsupported"],
    );
  };

  test("is named as that where it is switched off, as Apache Kafka 4.3.1 may have it", async () => {
    const shared = await sharedKafka();
    await refusedBy(shared.bootstrap).finally(() => shared.stop());
  });

  test("is named as that where it is older, as Apache Kafka 3.9.2 is", { timeout: 90_000 }, async () => {
    const kafka = await startKafka({ version: "3.9.2" });
    await refusedBy(kafka.bootstrap).finally(() => kafka.stop());
  });
});

/** Commits an offset of the group's only partition; only a group without members lets anybody do so. Says whether it did. */
const commitByHand = async (bootstrap: string, topic: string, offset: number): Promise<boolean> => {
  const raw = await RawKafka.open(bootstrap);
  const partition = { partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: "" };
  const answer = await raw.ask(offsetCommit, 9, {
    ...offsetCommit.request.empty,
    ...{ groupId: topic, generationIdOrMemberEpoch: -1 },
    topics: [{ name: topic, topicId: UUID_ZERO, partitions: [partition] }],
  });
  raw.close();
  return answer !== CLOSED && answer.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE;
};

const javaMember = async (bootstrap: string, topic: string): Promise<readonly string[]> => [
  ...["-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", `${await jarsOf(KAFKA_VERSION)}/*`],
  ...["org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", bootstrap, "--topic", topic, "--group", topic],
  ...["--command-property", "group.protocol=consumer", "--command-property", "auto.commit.interval.ms=100"],
];

/** Joins with a subscription that is not Kafka's own consumer protocol, which no broker can turn into a group of the new one. */
const holdBy = async (bootstrap: string, topic: string): Promise<kafkajs.Consumer> => {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING });
  const foreign: kafkajs.PartitionAssigner = ({ cluster, groupId, logger }) => {
    const assigner = kafkajs.PartitionAssigners.roundRobin({ cluster, groupId, logger });
    const metadata = Buffer.from([0, 0, 0x7f]);
    return { ...assigner, name: "foreign", protocol: () => ({ name: "foreign", metadata }), assign: async () => [] };
  };
  const consumer = kafka.consumer({ groupId: topic, partitionAssigners: [foreign] });
  await consumer.connect();
  await consumer.subscribe({ topic });
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  });
  await consumer.run({ eachMessage: async () => {} });
  await joined;
  return consumer;
};
