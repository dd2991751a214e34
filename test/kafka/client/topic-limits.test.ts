import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { LIMIT_AGE_MS, MESSAGE_BYTES_DEFAULT, TopicLimits } from "../../../src/kafka/client/topic-limits.ts";
import { ManualClock } from "../../kit/clock.ts";
import { FakeLink } from "../../kit/fake-link.ts";

const limitsOf = (
  ask: () => Promise<number | undefined>,
): { readonly limits: TopicLimits; readonly clock: ManualClock; readonly asked: () => number } => {
  const clock = new ManualClock();
  let asked = 0;
  const limits = new TopicLimits({
    clock,
    link: async () => new FakeLink(),
    ask: () => {
      asked += 1;
      return ask();
    },
  });
  return { limits, clock, asked: () => asked };
};

test("a topic's limit is asked for once, and again when it is old, without anybody waiting", async () => {
  let bytes = 1_000;
  const { limits, clock, asked } = limitsOf(async () => bytes);
  assert.equal(limits.known("t"), undefined);
  assert.equal(await limits.resolve("t"), 1_000);
  assert.equal(await limits.resolve("t"), 1_000);
  assert.equal(asked(), 1);
  bytes = 2_000;
  clock.advance(LIMIT_AGE_MS + 1);
  assert.equal(limits.known("t"), 1_000);
  await turn();
  assert.equal(limits.known("t"), 2_000);
  assert.equal(asked(), 2);
});

test("where nobody tells, Kafka's default holds", async () => {
  assert.equal(await limitsOf(async () => undefined).limits.resolve("t"), MESSAGE_BYTES_DEFAULT);
  assert.equal(await limitsOf(() => Promise.reject(new Error("not allowed"))).limits.resolve("t"), MESSAGE_BYTES_DEFAULT);
});

test("what was known stays when asking again fails", async () => {
  let fails = false;
  const { limits, clock } = limitsOf(() => (fails ? Promise.reject(new Error("away")) : Promise.resolve(77)));
  await limits.resolve("t");
  fails = true;
  clock.advance(LIMIT_AGE_MS + 1);
  limits.known("t");
  await turn();
  assert.equal(limits.known("t"), 77);
});
