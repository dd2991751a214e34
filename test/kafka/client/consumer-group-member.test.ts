import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupMember, RELEASE_MS } from "../../../src/kafka/client/group-member.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import type { ConsumeEvent, Kafka, TopicPartition } from "../../../src/ports/kafka.ts";
import { batches, testContext, topicOf } from "../../kit/client-context.ts";
import { ConsumerScript, given, INTERVAL_MS, settle } from "../../kit/consumer-script.ts";
import { Consuming } from "../../kit/kafka-callers.ts";

const OTHER_ID = "00000000-0000-0000-0000-000000000008";
const STEP_MS = 100;

const numbers = (partitions: readonly TopicPartition[]): string => partitions.map(({ partition }) => partition).join(",");
const shown = (event: ConsumeEvent): string => {
  if (event.kind === "assigned") return `assigned ${numbers(event.partitions)}`;
  if (event.kind === "revoked") return `${event.lost ? "lost" : "revoked"} ${numbers(event.partitions)}`;
  return event.kind === "records" ? `${event.records.length} of ${event.partition}` : event.kind;
};

/** A member by the consumer protocol of a topic with two partitions. What the coordinator hears is in `script.said`. */
const memberOf = (script: ConsumerScript) => {
  const test = testContext(topicOf([1, 1]));
  test.linkTo(1).offsetOf = (_partition, timestampMs) => ({ offset: timestampMs === -1 ? 10 : 0 });
  const kafka: Kafka = {
    produce: () => assert.fail("no produce here"),
    fetch: () => assert.fail("no fetch here"),
    consume: (query, reply) => new GroupMember(test.context, query, { reply, calls: script, protocol: "consumer", left() {} }).start(),
  };
  const member = new Consuming(kafka, { topics: ["t"], group: "g" });
  const pass = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms; step += STEP_MS) {
      test.clock.advance(STEP_MS);
      await settle();
    }
  };
  const events = (): readonly string[] => member.events.map(shown);
  /** Two records of partition 0 are delivered. */
  const deliver = async (): Promise<void> => {
    const fetch = test.linkTo(1).fetches.findLast(({ partitions }) => partitions.some(({ partition }) => partition === 0));
    assert.ok(fetch, "partition 0 is read");
    fetch.answer([{ partition: 0, records: batches({ offset: 0, values: ["a", "b"] }) }]);
    await settle();
  };
  const done = (...offsets: readonly number[]): void => member.send({ kind: "done", topic: "t", partition: 0, offsets });
  const release = (): void => member.send({ kind: "released", partitions: [{ topic: "t", partition: 0 }] });
  return { ...test, member, pass, events, deliver, done, release };
};

test("what is revoked is released, then committed, and only then the coordinator hears that it is free", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0, 1), {}, given(1)];
  const { member, pass, events, deliver, done, release } = memberOf(script);
  await settle();
  await deliver();
  await pass(INTERVAL_MS);
  assert.deepEqual(events(), ["assigned 0,1", "2 of 0", "revoked 0"]);
  const before = script.said.length;
  done(0);
  release();
  await pass(STEP_MS);
  assert.deepEqual(script.said.slice(before), ["commits at 1: 0=1", "1 has [1]"]);
  member.cancel();
  await settle();
  assert.equal(script.said.at(-1), "-1");
});

test("a caller that does not let go is not waited for any longer than its time", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0), {}, { assignment: [] }];
  const { member, pass } = memberOf(script);
  await settle();
  await pass(INTERVAL_MS + RELEASE_MS - STEP_MS);
  assert.ok(!script.said.includes("1 has []"));
  await pass(2 * STEP_MS);
  assert.equal(script.said.at(-1), "1 has []");
  member.cancel();
});

test("a commit at an epoch that has passed is made again at the newer one, which is asked for at once", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0), {}, { epoch: 2 }];
  script.commits = [ErrorCode.STALE_MEMBER_EPOCH];
  const { member, pass, deliver, done } = memberOf(script);
  await settle();
  await deliver();
  done(0, 1);
  await pass(5 * STEP_MS);
  assert.deepEqual(script.said.slice(-3), ["commits at 1: 0=2", "1", "commits at 2: 0=2"]);
  member.cancel();
});

test("a commit of a member that was cast out is not made again: the partition is lost", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0), {}, { error: ErrorCode.UNKNOWN_MEMBER_ID }, { epoch: 3, assignment: [] }];
  script.commits = [ErrorCode.UNKNOWN_MEMBER_ID];
  const { member, pass, deliver, done, events, runtime } = memberOf(script);
  await settle();
  await deliver();
  done(0, 1);
  await pass(20 * STEP_MS);
  assert.deepEqual(events(), ["assigned 0", "2 of 0", "lost 0"]);
  assert.equal(script.said.filter((said) => said.startsWith("commits")).length, 1);
  assert.equal(runtime.count("sluice.kafka.commit.lost"), 1);
  member.cancel();
});

test("what was committed is asked for with the member's epoch, and again with the newer one", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0), {}, { epoch: 2 }];
  script.fetches = [ErrorCode.STALE_MEMBER_EPOCH];
  const { member, pass, events } = memberOf(script);
  await settle();
  await pass(2 * STEP_MS);
  assert.deepEqual(
    script.said.filter((said) => said.startsWith("asks")),
    ["asks at 1 for 0", "asks at 2 for 0"],
  );
  assert.deepEqual(events(), ["assigned 0"]);
  member.cancel();
});

test("what was committed is not asked for any more when the partition is lost before it began", async () => {
  const script = new ConsumerScript();
  script.beats = [given(0), {}, { error: ErrorCode.FENCED_MEMBER_EPOCH }, { epoch: 3, assignment: [] }];
  script.fetches = [ErrorCode.UNKNOWN_MEMBER_ID];
  const { member, pass, events } = memberOf(script);
  await settle();
  await pass(20 * STEP_MS);
  assert.equal(script.said.filter((said) => said.startsWith("asks")).length, 1);
  assert.deepEqual(events(), []);
  member.cancel();
});

test("a topic that was made anew while its partition is let go is read on when the old one is gone", async () => {
  const script = new ConsumerScript();
  const anew = { assignment: [{ topicId: OTHER_ID, partitions: [0] }] };
  script.beats = [given(0), {}, { assignment: [] }, anew];
  const { member, pass, events, show, deliver } = memberOf(script);
  await settle();
  await deliver();
  await pass(INTERVAL_MS);
  assert.deepEqual(events(), ["assigned 0", "2 of 0", "revoked 0"]);
  show(topicOf([1, 1], { id: OTHER_ID }));
  await pass(INTERVAL_MS);
  assert.deepEqual(events().slice(3), ["lost 0", "assigned 0"]);
  await pass(RELEASE_MS);
  await deliver();
  assert.equal(events().at(-1), "2 of 0");
  member.cancel();
});
