// The claims of members of a group that speak the consumer protocol (KIP-848), on whichever broker.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Admin } from "@platformatic/kafka";
import { utf8 } from "../../src/core/bytes.ts";
import { Code } from "../../src/core/status.ts";
import type { KafkaClient } from "../../src/kafka/client/client.ts";
import { offsetCommit } from "../../src/kafka/wire/api/08-offset-commit.ts";
import { consumerGroupHeartbeat } from "../../src/kafka/wire/api/68-consumer-group-heartbeat.ts";
import { consumerGroupDescribe } from "../../src/kafka/wire/api/69-consumer-group-describe.ts";
import { ErrorCode } from "../../src/kafka/wire/errors.ts";
import { UUID_ZERO } from "../../src/kafka/wire/type.ts";
import type { Kafka } from "../../src/ports/kafka.ts";
import { anyUntil, held, partitionsOf, release } from "../kit/group-members.ts";
import { Consuming, produced } from "../kit/kafka-callers.ts";
import { CLOSED, RawKafka } from "../kit/raw-kafka.ts";
import { committedOffsets } from "../kit/topics.ts";

/** What the claims are of, once the suite has started. */
export interface ConsumerProtocolSubject {
  bootstrap(): string;
  /** Two that speak the protocol. */
  clients(): readonly [KafkaClient, KafkaClient];
  /** One that speaks the classic protocol. */
  classic(): KafkaClient;
  /** Makes a topic and settles with its name. */
  topic(partitions: number): Promise<string>;
}

export const written = async (kafka: Kafka, topic: string, values: readonly string[]): Promise<void> => {
  for (const value of values) {
    const record = { key: utf8(value), value: utf8(value), headers: [] };
    assert.equal((await produced(kafka, { topic, acks: "in_sync_replicas" }, [record])).status.code, Code.OK);
  }
};

export const numbers = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

/** The values of all records that the members were given. */
export const texts = (members: readonly Consuming[]): readonly string[] =>
  members.flatMap(({ records }) => records.map(({ value }) => Buffer.from(value ?? []).toString()));

/** Says that it goes, in the name of every member of the group. */
const castOut = async (bootstrap: string, group: string): Promise<void> => {
  const raw = await RawKafka.open(bootstrap);
  const described = await raw.ask(consumerGroupDescribe, 0, { groupIds: [group], includeAuthorizedOperations: false });
  assert.ok(described !== CLOSED);
  for (const { memberId } of described.groups[0]?.members ?? []) {
    const leave = { ...consumerGroupHeartbeat.request.empty, groupId: group, memberId, memberEpoch: -1, rebalanceTimeoutMs: -1 };
    const left = await raw.ask(consumerGroupHeartbeat, 1, leave);
    assert.equal(left !== CLOSED && left.errorCode, ErrorCode.NONE);
  }
  raw.close();
};

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

export const consumerProtocolClaims = ({ bootstrap, clients, classic, topic: make }: ConsumerProtocolSubject): void => {
  test("four members share six partitions, and what is left by one that leaves goes to the others", async () => {
    const topic = await make(6);
    const members = [...clients(), ...clients()].map((client) => new Consuming(client, { topics: [topic], group: topic }));
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
    const topic = await make(2);
    await written(clients()[0], topic, numbers(0, 20));
    const member = new Consuming(clients()[0], { topics: [topic], group: topic });
    await member.until(({ records }) => records.length >= 20);
    await castOut(bootstrap(), topic);
    await member.until(({ records }) => records.length >= 40);
    const revoked = member.events.find((event) => event.kind === "revoked");
    assert.equal(revoked?.kind === "revoked" && revoked.lost, true);
    assert.deepEqual([...partitionsOf(member.events, "assigned")].sort(), [0, 0, 1, 1]);
    member.cancel();
  });

  test("what is done just before the member learns that it was cast out is not committed over what others did", async () => {
    const topic = await make(1);
    await written(clients()[0], topic, numbers(0, 10));
    const member = new Consuming(clients()[0], { topics: [topic], group: topic });
    await member.until(({ records }) => records.length >= 10);
    do await castOut(bootstrap(), topic);
    while (!(await commitByHand(bootstrap(), topic, 6))); // It was back already.
    member.send({ kind: "done", topic, partition: 0, offsets: [0, 1] });
    await member.until(({ events }) => events.filter(({ kind }) => kind === "assigned").length >= 2 && held(member).length === 1);
    const last = member.events.findLast((event) => event.kind === "assigned");
    assert.equal(last?.kind === "assigned" && last.partitions[0]?.offset, 6);
    member.cancel();
    assert.deepEqual(await committedOffsets(bootstrap(), topic, topic), [6]);
  });

  test("partitions that a topic gets later are assigned too", async () => {
    const topic = await make(1);
    const member = new Consuming(clients()[0], { topics: [topic], group: topic });
    await member.until((one) => held(one).length === 1);
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [bootstrap()] });
    await admin.createPartitions({ topics: [{ name: topic, count: 3 }] });
    await admin.close();
    await member.until((one) => held(one).length === 3);
    member.cancel();
  });

  for (const [from, to] of [
    ["classic", "consumer"],
    ["consumer", "classic"],
  ] as const)
    test(`a group goes over from the ${from} protocol member by member: nothing is lost, what was done stays done`, async () => {
      const speak = { classic: classic(), consumer: clients()[0] };
      const topic = await make(2);
      await written(speak.consumer, topic, numbers(0, 20));
      const before = new Consuming(speak[from], { topics: [topic], group: topic });
      release(before);
      await before.until(({ records }) => records.length >= 20);
      for (const { partition, offset } of before.records) before.send({ kind: "done", topic, partition, offsets: [offset] });
      const next = new Consuming(speak[to], { topics: [topic], group: topic });
      release(next);
      await anyUntil([before, next], () => held(before).length === 1 && held(next).length === 1);
      await written(speak.consumer, topic, numbers(20, 40));
      await anyUntil([before, next], () => new Set(texts([before, next])).size === 40);
      before.cancel();
      await next.until((member) => held(member).length === 2);
      await written(speak.consumer, topic, numbers(40, 60));
      await next.until(() => new Set(texts([before, next])).size === 60);
      const again = texts([next]).filter((value) => Number(value) < 20);
      assert.deepEqual(again, [], "what was done by the member before");
      next.cancel();
    });
};
