import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { codeName, type Status } from "../../../src/core/status.ts";
import type { TopicView } from "../../../src/kafka/client/calls.ts";
import { FetchSet } from "../../../src/kafka/client/fetch-set.ts";
import type { Isolation } from "../../../src/ports/kafka.ts";
import { batches, TOPIC_ID, testContext, topicOf } from "../../kit/client-context.ts";

/** A set on one topic, and what came of it. */
const setOf = (view: TopicView, isolation: Isolation = "read_committed") => {
  const test = testContext(view);
  const got: string[] = [];
  const next = new Map<number, number>();
  const failed: { readonly partition: number; readonly status: Status }[] = [];
  const set = new FetchSet({
    context: test.context,
    isolation,
    sink: {
      fetched({ partition }, records, at) {
        for (const { value } of records) got.push(Buffer.from(value ?? []).toString());
        next.set(partition, at);
      },
      failed: ({ partition }, status) => failed.push({ partition, status }),
    },
  });
  return { ...test, set, got, next, failed, view };
};

test("partitions of one broker are asked for together, and reading goes on after what came", async () => {
  const { set, linkTo, view, got, next } = setOf(topicOf([1, 1]));
  set.add(view, 0, 5);
  set.add(view, 1, 7);
  const first = await linkTo(1).fetch(0);
  assert.deepEqual(
    first.partitions.map(({ topicId, partition, offset, lastEpoch }) => [topicId, partition, offset, lastEpoch]),
    [
      [TOPIC_ID, 0, 5, -1],
      [TOPIC_ID, 1, 7, -1],
    ],
  );
  first.answer([{ partition: 0, records: batches({ offset: 5, values: ["a", "b"], leaderEpoch: 3 }) }]);
  const second = await linkTo(1).fetch(1);
  assert.deepEqual(
    new Map(second.partitions.map(({ partition, offset, lastEpoch }) => [partition, [offset, lastEpoch]])),
    new Map([
      [0, [7, 3]],
      [1, [7, -1]],
    ]),
  );
  assert.deepEqual(got, ["a", "b"]);
  assert.deepEqual([...next], [[0, 7]]);
  set.close();
});

test("records before the offset wanted are passed over, though their batch is given whole", async () => {
  const { set, linkTo, view, got } = setOf(topicOf([1]));
  set.add(view, 0, 11);
  (await linkTo(1).fetch(0)).answer([{ records: batches({ offset: 10, values: ["before", "a"] }, { offset: 12, values: ["b"] }) }]);
  assert.deepEqual(got, ["a", "b"]);
  set.close();
});

test("a batch that is corrupt is counted and passed over, the others are read", async () => {
  const { set, linkTo, view, got, runtime, next } = setOf(topicOf([1]));
  set.add(view, 0, 0);
  const bytes = Buffer.from(batches({ offset: 0, values: ["a"] }, { offset: 1, values: ["bad", "bad"] }, { offset: 3, values: ["b"] }));
  bytes[batches({ offset: 0, values: ["a"] }).length + 30]! ^= 1;
  (await linkTo(1).fetch(0)).answer([{ records: bytes }]);
  assert.deepEqual(got, ["a", "b"]);
  assert.equal(next.get(0), 4);
  assert.equal(runtime.count("sluice.kafka.fetch.corrupt"), 1);
  assert.match(runtime.lines.join(""), /topic 't' partition 0: the record batch at offset 1 cannot be read and is passed over/);
  set.close();
});

test("when the leader moves, reading goes on at the new one where it was", async () => {
  const { set, linkTo, view, show, stale, clock, got } = setOf(topicOf([1]));
  set.add(view, 0, 0);
  (await linkTo(1).fetch(0)).answer([{ records: batches({ offset: 0, values: ["a"] }) }]);
  (await linkTo(1).fetch(1)).answer([{ errorCode: 6 }]);
  assert.equal(stale(), 1);
  show({ ...view, partitions: [{ leader: 2, leaderEpoch: 1 }] });
  const moved = await linkTo(2).fetch(0);
  assert.deepEqual(
    moved.partitions.map(({ offset, leaderEpoch }) => [offset, leaderEpoch]),
    [[1, 1]],
  );
  moved.answer([{ records: batches({ offset: 1, values: ["b"] }) }]);
  assert.deepEqual(got, ["a", "b"]);
  clock.advance(10_000);
  assert.equal(linkTo(1).fetches.length, 2, "nothing more is asked of the old one");
  set.close();
});

test("an older view of the leaders does not move anything back", async () => {
  const { set, linkTo, view, show } = setOf(topicOf([1]));
  set.add(view, 0, 0);
  await linkTo(1).fetch(0);
  show({ ...view, partitions: [{ leader: 2, leaderEpoch: 4 }] });
  show({ ...view, partitions: [{ leader: 1, leaderEpoch: 3 }] });
  await linkTo(2).fetch(0);
  set.close();
});

test("a broker that is lost is dialled again, with growing pauses, and asked for the same", async () => {
  const { set, linkTo, view, clock, got } = setOf(topicOf([1]));
  set.add(view, 0, 4);
  (await linkTo(1).fetch(0)).lose();
  clock.advance(100);
  const again = await linkTo(1).fetch(0);
  assert.equal(again.partitions[0]?.offset, 4);
  again.answer([{ records: batches({ offset: 4, values: ["a"] }) }]);
  assert.deepEqual(got, ["a"]);
  set.close();
});

const ENDS: readonly (readonly [
  what: string,
  answer: { readonly errorCode?: number; readonly divergingEpoch?: { readonly epoch: number; readonly endOffset: number } },
  status: string,
])[] = [
  ["an offset that Kafka does not have", { errorCode: 1 }, "OUT_OF_RANGE"],
  ["a topic that may not be read", { errorCode: 29 }, "PERMISSION_DENIED"],
  ["a log that was cut back", { divergingEpoch: { epoch: 1, endOffset: 2 } }, "OUT_OF_RANGE"],
  ["an error without a name", { errorCode: 9_999 }, "INTERNAL"],
];
for (const [what, answer, status] of ENDS)
  test(`${what} ends the partition, and the others go on`, async () => {
    const { set, linkTo, view, failed } = setOf(topicOf([1, 1]));
    set.add(view, 0, 5);
    set.add(view, 1, 5);
    (await linkTo(1).fetch(0)).answer([{ partition: 0, ...answer }]);
    assert.deepEqual(
      failed.map((one) => [one.partition, codeName(one.status.code)]),
      [[0, status]],
    );
    assert.deepEqual(
      (await linkTo(1).fetch(1)).partitions.map(({ partition }) => partition),
      [1],
    );
    set.close();
  });

test("a topic that was made anew, or is gone for two seconds, ends its partitions", async () => {
  const anew = setOf(topicOf([1]));
  anew.set.add(anew.view, 0, 5);
  anew.show(topicOf([1], { id: "00000000-0000-0000-0000-000000000008" }));
  assert.deepEqual(
    anew.failed.map(({ status }) => codeName(status.code)),
    ["OUT_OF_RANGE"],
  );
  const gone = setOf(topicOf([1]));
  gone.set.add(gone.view, 0, 5);
  gone.show(topicOf([], { error: 3 }));
  assert.equal(gone.failed.length, 0);
  gone.clock.advance(2_000);
  gone.show(topicOf([], { error: 3 }));
  assert.deepEqual(
    gone.failed.map(({ status }) => codeName(status.code)),
    ["FAILED_PRECONDITION"],
  );
});

test("an open transaction is told of after five seconds, once", async () => {
  const { set, linkTo, view, clock, runtime } = setOf(topicOf([1]));
  set.add(view, 0, 5);
  for (let round = 0; round < 4; round++) {
    (await linkTo(1).fetch(round)).answer([{ highWatermark: 9, lastStableOffset: 5 }]);
    clock.advance(2_600);
  }
  assert.deepEqual(
    runtime.heard.map(({ event }) => event),
    ["binding.kafka.transaction.open"],
  );
  assert.match(runtime.heard[0]!.message, /offset 5 holds back 4 records/);
  set.close();
});

test("paused, nothing more is asked for; what was asked for still comes", async () => {
  const { set, linkTo, view, got } = setOf(topicOf([1]));
  set.add(view, 0, 0);
  const first = await linkTo(1).fetch(0);
  set.pause();
  first.answer([{ records: batches({ offset: 0, values: ["a"] }) }]);
  await turn();
  assert.equal(linkTo(1).fetches.length, 1);
  assert.deepEqual(got, ["a"]);
  set.resume();
  await linkTo(1).fetch(1);
  set.close();
});

test("a partition that was removed, or a set that was closed, is not heard any more, and leaves no timer", async () => {
  const { set, linkTo, view, got, clock } = setOf(topicOf([1, 1]));
  set.add(view, 0, 0);
  set.add(view, 1, 0);
  const first = await linkTo(1).fetch(0);
  set.remove("t", 0);
  const records = batches({ offset: 0, values: ["a"] });
  first.answer([
    { partition: 0, records },
    { partition: 1, records },
  ]);
  assert.deepEqual(got, ["a"]);
  const second = await linkTo(1).fetch(1);
  set.close();
  second.answer([{ partition: 1, records }]);
  assert.deepEqual(got, ["a"]);
  assert.equal(clock.armed, 0);
});
