import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Code } from "../../../src/core/status.ts";
import type { TopicView } from "../../../src/kafka/client/calls.ts";
import { FetchReader } from "../../../src/kafka/client/fetch-reader.ts";
import type { FetchQuery, FetchStart, Kafka, StoredRecord } from "../../../src/ports/kafka.ts";
import type { Reply } from "../../../src/ports/service.ts";
import { batches, testContext, topicOf } from "../../kit/client-context.ts";
import { Fetching } from "../../kit/kafka-callers.ts";

/** The fetch service of a client on fake brokers. */
const readerOf = (view: TopicView) => {
  const test = testContext(view);
  const left: FetchReader[] = [];
  const fetch = (query: FetchQuery, reply: Reply<StoredRecord, FetchStart>) =>
    new FetchReader(test.context, query, { reply, left: (reader) => left.push(reader) }).start();
  const kafka: Kafka = {
    fetch,
    produce: () => assert.fail("no produce here"),
    consume: () => assert.fail("no consume here"),
  };
  return { ...test, kafka, left };
};

test("latest is fixed before the headers, and the leader is asked for it", async () => {
  const { kafka, linkTo } = readerOf(topicOf([1, 1]));
  linkTo(1).offsetOf = (partition, timestampMs) => ({ offset: timestampMs === -1 ? 10 + partition : -1 });
  const fetching = new Fetching(kafka, { topic: "t", from: "latest" });
  assert.deepEqual(
    [...(await fetching.started())],
    [
      [0, 10],
      [1, 11],
    ],
  );
  assert.deepEqual(
    (await linkTo(1).fetch(0)).partitions.map(({ offset }) => offset),
    [10, 11],
  );
  fetching.cancel();
});

test("a time that no record reaches is the end; one that some do is their first", async () => {
  const { kafka, linkTo } = readerOf(topicOf([1, 1]));
  linkTo(1).offsetOf = (partition, timestampMs) => ({ offset: timestampMs === -1 ? 50 : partition === 0 ? 7 : -1 });
  const fetching = new Fetching(kafka, { topic: "t", from: { timestampMs: 123 } });
  assert.deepEqual([...(await fetching.started())].sort(), [
    [0, 7],
    [1, 50],
  ]);
  fetching.cancel();
});

test("a leader that cannot say yet is asked again; what it refuses ends the fetch", async () => {
  const { kafka, linkTo, clock } = readerOf(topicOf([1]));
  let asked = 0;
  linkTo(1).offsetOf = () => (++asked < 3 ? { offset: -1, errorCode: 6 } : { offset: 4 });
  const fetching = new Fetching(kafka, { topic: "t", from: "latest" });
  for (let round = 0; round < 4; round++) {
    for (let each = 0; each < 4; each++) await turn();
    clock.advance(1_000);
  }
  assert.deepEqual([...(await fetching.started())], [[0, 4]]);
  fetching.cancel();
  linkTo(1).offsetOf = () => ({ offset: -1, errorCode: 29 });
  assert.equal((await new Fetching(kafka, { topic: "t", from: "latest" }).ended()).code, Code.PERMISSION_DENIED);
});

test("a reader that says no gets no more than what was fetched already, and all of it once it is ready", async () => {
  const { context, linkTo } = readerOf(topicOf([1]));
  const got: string[] = [];
  let go = false;
  const reply: Reply<StoredRecord, FetchStart> = {
    headers() {},
    ready() {},
    end: () => assert.fail("ended"),
    write(batch) {
      for (const { value } of batch) got.push(Buffer.from(value ?? []).toString());
      return go;
    },
  };
  const query: FetchQuery = { topic: "t", from: new Map([[0, 0]]), filters: [], isolation: "read_committed" };
  const reader = new FetchReader(context, query, { reply, left() {} }).start();
  const values = Array.from({ length: 600 }, (_, index) => `v${index}`);
  (await linkTo(1).fetch(0)).answer([{ records: batches({ offset: 0, values }) }]);
  for (let round = 0; round < 5; round++) await turn();
  assert.equal(got.length, 256);
  assert.equal(linkTo(1).fetches.length, 1);
  reader.ready();
  assert.equal(got.length, 512);
  go = true;
  reader.ready();
  assert.deepEqual(got, values);
  await linkTo(1).fetch(1);
  reader.cancel();
});

test("progress goes on over what filters leave out, and over partitions that come later", async () => {
  const { kafka, linkTo, show } = readerOf(topicOf([1]));
  const fetching = new Fetching(kafka, { topic: "t", filters: [{ key: Buffer.from("a") }] });
  (await linkTo(1).fetch(0)).answer([{ records: batches({ offset: 0, values: ["b0", "a1", "b2"] }, { offset: 3, values: ["a3"] }) }]);
  await fetching.until(2);
  assert.deepEqual(
    fetching.records.map(({ progress }) => [...progress]),
    [[2], [4]],
  );
  await linkTo(1).fetch(1);
  show(topicOf([1, 1]));
  const answered = async (): Promise<void> => {
    for (let index = 1; ; index++) {
      const seen = await linkTo(1).fetch(index);
      const there = seen.partitions.some(({ partition }) => partition === 1);
      seen.answer(there ? [{ partition: 1, records: batches({ offset: 0, values: ["a0"] }) }] : []);
      if (there) return;
      await turn();
    }
  };
  await answered();
  await fetching.until(3);
  assert.deepEqual([...fetching.records[2]!.progress], [4, 1]);
  fetching.cancel();
});

test("cancelled before anything has happened, nothing happens", async () => {
  const { kafka, linkTo, left, clock } = readerOf(topicOf([1]));
  new Fetching(kafka, { topic: "t" }).cancel();
  for (let round = 0; round < 5; round++) await turn();
  assert.equal(linkTo(1).fetches.length, 0);
  assert.equal(left.length, 1);
  assert.equal(clock.armed, 0);
});
