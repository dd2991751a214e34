import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { codeName } from "../../../src/core/status.ts";
import { RangeFetch } from "../../../src/kafka/client/range-fetch.ts";
import type { RangePart } from "../../../src/kafka/log/range-source.ts";
import { batches, testContext, topicOf } from "../../kit/client-context.ts";

const settle = async (): Promise<void> => {
  for (let round = 0; round < 12; round++) await turn();
};

const reading = (...parts: readonly RangePart[]) => {
  const test = testContext(topicOf([1, 1]));
  test.linkTo(1).offsetOf = () => ({ offset: 20 });
  const heard: string[] = [];
  const range = new RangeFetch(
    test.context,
    { topic: "t", isolation: "read_committed", parts, bytesMax: 100_000 },
    {
      read: (all) =>
        heard.push(
          all.map(({ partition, records, next }) => `${partition}: ${records.map(({ offset }) => offset).join(" ")} < ${next}`).join(", "),
        ),
      failed: (status) => heard.push(`failed ${codeName(status.code)}`),
    },
  ).start();
  return { ...test, heard, range };
};

test("a range of several partitions comes back once, with where each goes on", async () => {
  const { linkTo, heard, clock } = reading({ partition: 0, from: 5, below: 9 }, { partition: 1, from: 3, below: 9 });
  const fetch = await linkTo(1).fetch(0);
  assert.deepEqual(
    fetch.partitions.map(({ partition, offset }) => [partition, offset]),
    [
      [0, 5],
      [1, 3],
    ],
  );
  fetch.answer([
    { partition: 0, records: batches({ offset: 5, values: ["a", "b"] }) },
    { partition: 1, records: batches({ offset: 3, values: ["c"] }) },
  ]);
  await settle();
  assert.deepEqual(heard, ["0: 5 6 < 7, 1: 3 < 4"]);
  assert.equal(linkTo(1).fetches.length, 1);
  assert.equal(clock.armed, 0);
});

test("from the earliest, and nothing where the earliest is beyond the range", async () => {
  const some = reading({ partition: 0, from: -2, below: 30 });
  assert.equal((await some.linkTo(1).fetch(0)).partitions[0]?.offset, 20);
  some.range.cancel();
  const none = reading({ partition: 0, from: -2, below: 15 });
  await settle();
  assert.deepEqual(none.heard, ["0:  < 15"]);
});

test("what Kafka does not have, or does not allow, is said once", async () => {
  const { linkTo, heard } = reading({ partition: 0, from: 5, below: 9 }, { partition: 1, from: 5, below: 9 });
  (await linkTo(1).fetch(0)).answer([
    { partition: 0, errorCode: 1 },
    { partition: 1, errorCode: 1 },
  ]);
  await settle();
  assert.deepEqual(heard, ["failed OUT_OF_RANGE"]);
});

test("an answer without records is no answer: it is asked again", async () => {
  const { linkTo, heard } = reading({ partition: 0, from: 5, below: 9 });
  (await linkTo(1).fetch(0)).answer([{ partition: 0 }]);
  (await linkTo(1).fetch(1)).answer([{ partition: 0, records: batches({ offset: 8, values: ["a"] }) }]);
  await settle();
  assert.deepEqual(heard, ["0: 8 < 9"]);
});

test("cancelled, nothing is heard", async () => {
  const { linkTo, heard, range } = reading({ partition: 0, from: 5, below: 9 });
  const fetch = await linkTo(1).fetch(0);
  range.cancel();
  fetch.answer([{ partition: 0, records: batches({ offset: 5, values: ["a"] }) }]);
  await settle();
  assert.deepEqual(heard, []);
});
