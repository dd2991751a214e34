import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { decodeDone, encodeDone } from "../../../src/kafka/client/commit-metadata.ts";
import { encodeAssignment } from "../../../src/kafka/client/consumer-protocol.ts";
import type { CommitOf, GroupCalls } from "../../../src/kafka/client/group-calls.ts";
import { GroupMember, RELEASE_MS } from "../../../src/kafka/client/group-member.ts";
import { HEARTBEAT_MS } from "../../../src/kafka/client/membership.ts";
import type { ConsumeEvent, ConsumeStart, Kafka, TopicPartition } from "../../../src/ports/kafka.ts";
import type { Reply } from "../../../src/ports/service.ts";
import { batches, testContext, topicOf } from "../../kit/client-context.ts";
import type { SeenFetch } from "../../kit/fake-link.ts";
import { Consuming } from "../../kit/kafka-callers.ts";

const shown = (event: ConsumeEvent): string => {
  if (event.kind === "records")
    return `${event.partition}: ${event.records.map(({ value }) => Buffer.from(value ?? []).toString()).join(" ")}`;
  if (event.kind === "revoked") return `${event.lost ? "lost" : "revoked"} ${event.partitions.map(({ partition }) => partition).join(",")}`;
  if (event.kind === "crowded") return `${event.crowded ? "crowded" : "open"} ${event.partition}`;
  return `assigned ${event.partitions.map(({ partition, offset, end }) => `${partition}@${offset}<${end}`).join(" ")}`;
};

const settle = async (): Promise<void> => {
  for (let round = 0; round < 25; round++) await turn();
};

/** A coordinator that a test scripts, and what it was told. */
const scripted = () => {
  const group = {
    /** Of one join after the other; the last stays. */
    assignments: [[0]] as number[][],
    beats: [] as number[],
    committed: new Map<number, { readonly offset: number; readonly metadata: string }>(),
    commits: [] as CommitOf[],
    said: [] as string[],
  };
  const calls: GroupCalls = {
    coordinator: async () => ({ error: 0, broker: 1 }),
    join: async () => {
      group.said.push("join");
      return { error: 0, id: "m", generation: group.said.length, leads: false, skipsAssignment: false, members: [] };
    },
    sync: async () => {
      const partitions = (group.assignments.length > 1 ? group.assignments.shift() : group.assignments[0]) ?? [];
      return { error: 0, assignment: encodeAssignment(partitions.map((partition) => ({ topic: "t", partition }))) };
    },
    heartbeat: async () => group.beats.shift() ?? 0,
    beat: () => assert.fail("not of the classic protocol"),
    leave: async () => void group.said.push("leave"),
    commit: async (_link, _member, offsets) => {
      group.said.push("commit");
      group.commits.push(...offsets);
      return offsets.map(({ topic, partition }) => ({ topic, partition, error: 0 }));
    },
    committed: async (_link, _group, of: readonly TopicPartition[]) => ({
      error: 0,
      offsets: of.map((one) => ({ ...one, error: 0, offset: -1, metadata: null, ...group.committed.get(one.partition) })),
    }),
    protocolOf: async () => "",
  };
  return { group, calls };
};

/** Answers with so many records of partition 0 from an offset on. */
const answer = async (fetch: SeenFetch, from: number, count: number): Promise<void> => {
  const values = Array.from({ length: count }, (_, index) => `v${from + index}`);
  fetch.answer([{ partition: 0, records: batches({ offset: from, values }) }]);
  await settle();
};

/** A member of a scripted group of one topic with two partitions, whose ends are 10. */
const memberOf = () => {
  const test = testContext(topicOf([1, 1]));
  const { group, calls } = scripted();
  test.linkTo(1).offsetOf = (_partition, timestampMs) => ({ offset: timestampMs === -1 ? 10 : 0 });
  let left = 0;
  const kafka: Kafka = {
    produce: () => assert.fail("no produce here"),
    fetch: () => assert.fail("no fetch here"),
    consume: (query, reply) => new GroupMember(test.context, query, { reply, calls, left: () => void left++ }).start(),
  };
  const member = new Consuming(kafka, { topics: ["t"], group: "g" });
  const events = (): readonly string[] => member.events.map(shown);
  const pass = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms; step += 100) {
      test.clock.advance(100);
      await settle();
    }
  };
  return { ...test, group, calls, member, events, pass, left: () => left };
};

test("assigned first, then records; what is done is committed, and leaving commits the rest before it says so", async () => {
  const { member, events, linkTo, pass, group, left, clock } = memberOf();
  await settle();
  assert.deepEqual(events(), ["assigned 0@0<10"]);
  await answer(await linkTo(1).fetch(0), 0, 4);
  assert.deepEqual(events(), ["assigned 0@0<10", "0: v0 v1 v2 v3"]);
  member.send({ kind: "done", topic: "t", partition: 0, offsets: [0, 2] });
  await pass(200);
  assert.deepEqual(
    group.commits.map(({ partition, offset, metadata }) => [partition, offset, decodeDone(offset, metadata)]),
    [[0, 1, [{ from: 2, to: 3 }]]],
  );
  member.send({ kind: "done", topic: "t", partition: 0, offsets: [1] });
  member.cancel();
  await settle();
  assert.deepEqual(group.said, ["join", "commit", "commit", "leave"]);
  assert.equal(group.commits.at(-1)!.offset, 3);
  assert.equal(left(), 1);
  assert.equal(clock.armed, 0);
});

test("a new owner begins at the committed offset, and skips what is done beyond it", async () => {
  const { group, events, linkTo, member } = memberOf();
  group.committed.set(0, { offset: 1, metadata: encodeDone(1, [{ from: 2, to: 4 }]).text });
  await settle();
  const fetch = await linkTo(1).fetch(0);
  assert.equal(fetch.partitions[0]!.offset, 1);
  await answer(fetch, 1, 5);
  assert.deepEqual(events(), ["assigned 0@1<10", "0: v1 v4 v5"]);
  member.cancel();
});

test("a committed offset that is not there any more is the earliest", async () => {
  const { group, events, member, runtime } = memberOf();
  group.committed.set(0, { offset: 99, metadata: "" });
  await settle();
  assert.deepEqual(events(), ["assigned 0@0<10"]);
  assert.match(runtime.lines.join(""), /the committed offset 99 is not there any more; reading begins at 0/);
  member.cancel();
});

test("what is revoked is read no more, released, committed, and only then given up", async () => {
  const { group, events, linkTo, pass, member } = memberOf();
  group.assignments = [[0, 1], [1], [1]];
  await settle();
  await answer(await linkTo(1).fetch(0), 0, 2);
  group.beats = [27];
  await pass(HEARTBEAT_MS);
  assert.deepEqual(events().slice(-1), ["revoked 0"]);
  assert.deepEqual(group.said, ["join", "join"]);
  member.send({ kind: "done", topic: "t", partition: 0, offsets: [0] });
  member.send({ kind: "released", partitions: [{ topic: "t", partition: 0 }] });
  await settle();
  assert.deepEqual(group.said, ["join", "join", "commit", "join"]);
  assert.deepEqual(
    group.commits.map(({ partition, offset }) => [partition, offset]),
    [[0, 1]],
  );
  member.cancel();
});

test("a caller that does not let go is not waited for any longer than its time", async () => {
  const { group, events, pass, member } = memberOf();
  group.assignments = [[0], [], []];
  await settle();
  group.beats = [27];
  await pass(HEARTBEAT_MS);
  assert.deepEqual(events(), ["assigned 0@0<10", "revoked 0"]);
  await pass(RELEASE_MS + 200);
  assert.deepEqual(group.said, ["join", "join", "join"]);
  member.cancel();
});

test("what is lost is lost at once: nothing more is committed for it", async () => {
  const { group, events, linkTo, pass, member } = memberOf();
  await settle();
  await answer(await linkTo(1).fetch(0), 0, 2);
  group.beats = [25];
  await pass(HEARTBEAT_MS);
  assert.deepEqual(
    events().map((event) => event.split("<")[0]),
    ["assigned 0@0", "0: v0 v1", "lost 0", "assigned 0@0"],
  );
  member.send({ kind: "done", topic: "t", partition: 0, offsets: [0, 1] });
  await pass(300);
  assert.deepEqual(group.commits, []);
  member.cancel();
});

test("a partition whose done offsets come to fill a commit is said to be crowded, and open again when they are few", async () => {
  const { group, events, linkTo, pass, member, runtime } = memberOf();
  await settle();
  const records = 4_000;
  await answer(await linkTo(1).fetch(0), 0, records);
  const seen = (): readonly string[] => events().filter((event) => /^(crowded|open)/.test(event));
  const done = async (from: number, to: number, step: number): Promise<void> => {
    const offsets = Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
    member.send({ kind: "done", topic: "t", partition: 0, offsets });
    await pass(200);
  };
  // Every other one: two bytes for each, of the 3065 that fit. The first is not done.
  await done(1, 1_500, 2);
  assert.deepEqual(seen(), [], "750 ranges are less than half");
  await done(1_501, 1_600, 2);
  assert.deepEqual(seen(), ["crowded 0"]);
  await done(1_601, records, 2);
  assert.equal(runtime.count("sluice.kafka.commit.cut"), 1);
  await done(0, 2_400, 2);
  assert.deepEqual(seen(), ["crowded 0"], "800 ranges are more than a quarter");
  await done(2_400, 3_300, 2);
  assert.deepEqual(seen(), ["crowded 0", "open 0"]);
  assert.equal(decodeDone(3_300, group.commits.at(-1)!.metadata).length, 350);
  assert.equal(runtime.count("sluice.kafka.commit.crowded"), 1);
  member.cancel();
});

test("what the caller has done before it is delivered is done when it is, and given all the same", async () => {
  const { group, events, linkTo, pass, member } = memberOf();
  await settle();
  await answer(await linkTo(1).fetch(0), 0, 2);
  member.send({ kind: "done", topic: "t", partition: 0, offsets: [0, 1, 2] });
  await pass(200);
  assert.equal(group.commits.at(-1)!.offset, 2);
  await answer(linkTo(1).fetches.at(-1)!, 2, 2);
  await pass(200);
  assert.deepEqual(events().slice(1), ["0: v0 v1", "0: v2 v3"]);
  assert.equal(group.commits.at(-1)!.offset, 3);
  member.cancel();
});

test("a caller that says no is not overrun: nothing more is fetched until it is ready", async () => {
  const { linkTo, context, calls } = memberOf();
  const got: string[] = [];
  let go = false;
  const reply: Reply<ConsumeEvent, ConsumeStart> = {
    headers() {},
    ready() {},
    end: () => assert.fail("ended"),
    write([event]) {
      got.push(shown(event!));
      return go;
    },
  };
  const member = new GroupMember(context, { topics: ["t"], group: "g" }, { reply, calls, left() {} }).start();
  await settle();
  assert.deepEqual(got, ["assigned 0@0<10"]);
  const before = linkTo(1).fetches.length;
  await answer(linkTo(1).fetches.at(-1)!, 0, 2);
  assert.deepEqual(got, ["assigned 0@0<10"], "it has said no to the first event");
  go = true;
  member.ready();
  assert.deepEqual(got, ["assigned 0@0<10", "0: v0 v1"]);
  await settle();
  assert.ok(linkTo(1).fetches.length > before);
  member.cancel();
});

test("a partition that Kafka cut off ahead of us is lost, and assigned again from where it begins", async () => {
  const { events, linkTo, member } = memberOf();
  await settle();
  (await linkTo(1).fetch(0)).answer([{ partition: 0, errorCode: 1 }]);
  await settle();
  assert.deepEqual(events(), ["assigned 0@0<10", "lost 0", "assigned 0@0<10"]);
  member.cancel();
});

test("a topic that does not exist ends the membership, and is named", async () => {
  const { show, member } = memberOf();
  show(topicOf([], { error: 3 }));
  assert.match((await member.ended()).message, /topic 't' does not exist/);
});
