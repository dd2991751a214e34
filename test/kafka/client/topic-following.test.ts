import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { codeName, type Status } from "../../../src/core/status.ts";
import { TopicFollowing } from "../../../src/kafka/client/topic-following.ts";
import type { TopicFollower } from "../../../src/kafka/log/topic-source.ts";
import { batches, testContext, topicOf } from "../../kit/client-context.ts";

const settle = async (): Promise<void> => {
  for (let round = 0; round < 12; round++) await turn();
};

/** A follower that writes down what it hears. */
const following = (from: "earliest" | "latest") => {
  const test = testContext(topicOf([1, 1]));
  test.linkTo(1).offsetOf = (_partition, timestampMs) => ({ offset: timestampMs === -1 ? 9 : 2 });
  const heard: string[] = [];
  const follower: TopicFollower = {
    opened(starts) {
      for (const [partition, { offset, end, earliest }] of starts)
        heard.push(`${partition} from ${offset} to ${end}${earliest ? " earliest" : ""}`);
    },
    fetched: (partition, records, next) => heard.push(`${partition}: ${records.length} < ${next}`),
    restarted: (partition, { offset, end }, status: Status) =>
      heard.push(`${partition} again from ${offset} to ${end} ${codeName(status.code)}`),
    failed: (status) => heard.push(`failed ${codeName(status.code)}`),
  };
  const topic = new TopicFollowing(test.context, { topic: "t", from, isolation: "read_committed" }, follower).start();
  return { ...test, heard, topic };
};

test("all partitions are opened where they begin and end, and then read", async () => {
  const { linkTo, heard, topic } = following("earliest");
  const fetch = await linkTo(1).fetch(0);
  assert.deepEqual(heard, ["0 from 2 to 9 earliest", "1 from 2 to 9 earliest"]);
  assert.deepEqual(
    fetch.partitions.map(({ offset }) => offset),
    [2, 2],
  );
  fetch.answer([{ partition: 1, records: batches({ offset: 2, values: ["a", "b"] }) }]);
  assert.deepEqual(heard.slice(2), ["1: 2 < 4"]);
  topic.close();
});

test("from the latest, nothing of before is history", async () => {
  const { linkTo, heard, topic } = following("latest");
  await linkTo(1).fetch(0);
  assert.deepEqual(heard, ["0 from 9 to 9", "1 from 9 to 9"]);
  topic.close();
});

test("a partition that is added is opened at its beginning, and once", async () => {
  const { linkTo, show, heard, topic } = following("latest");
  await linkTo(1).fetch(0);
  show(topicOf([1, 1, 1]));
  show(topicOf([1, 1, 1]));
  await settle();
  assert.deepEqual(heard.slice(2), ["2 from 2 to 9 earliest"]);
  topic.close();
});

test("where Kafka does not have what comes next, reading goes on from the earliest, and the follower is told", async () => {
  const { linkTo, heard, topic, runtime } = following("earliest");
  (await linkTo(1).fetch(0)).answer([{ partition: 0, errorCode: 1 }]);
  await settle();
  assert.deepEqual(heard.slice(2), ["0 again from 2 to 9 UNAVAILABLE"]);
  assert.match(runtime.lines.join(""), /topic 't' partition 0 is read on from its beginning/);
  topic.close();
});

test("a topic made anew begins again in every partition", async () => {
  const { linkTo, show, heard, topic } = following("earliest");
  await linkTo(1).fetch(0);
  show(topicOf([1, 1], { id: "00000000-0000-0000-0000-000000000009" }));
  await settle();
  assert.deepEqual(heard.slice(2).sort(), ["0 again from 2 to 9 UNAVAILABLE", "1 again from 2 to 9 UNAVAILABLE"]);
  topic.close();
});

test("a topic that may not be read, or a client that closes, ends it once", async () => {
  const refused = following("earliest");
  (await refused.linkTo(1).fetch(0)).answer([
    { partition: 0, errorCode: 29 },
    { partition: 1, errorCode: 29 },
  ]);
  assert.deepEqual(refused.heard.slice(2), ["failed PERMISSION_DENIED"]);
  const closed = following("earliest");
  await closed.linkTo(1).fetch(0);
  closed.context.life.end();
  assert.deepEqual(closed.heard.slice(2), ["failed UNAVAILABLE"]);
});

test("closed before it has begun, nothing is heard", async () => {
  const { heard, topic, clock } = following("earliest");
  topic.close();
  await settle();
  assert.deepEqual(heard, []);
  assert.equal(clock.armed, 0);
});
