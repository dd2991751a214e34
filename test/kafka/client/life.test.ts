import assert from "node:assert/strict";
import { test } from "node:test";
import { Ended, Life } from "../../../src/kafka/client/life.ts";
import { ManualClock } from "../../kit/clock.ts";

test("a wait ends after its time, and leaves no timer", async () => {
  const clock = new ManualClock();
  const wait = new Life(clock).wait(100);
  clock.advance(100);
  await wait;
  assert.equal(clock.armed, 0);
});

test("a wait ends when it is woken, and leaves no timer", async () => {
  const clock = new ManualClock();
  let wake = (): void => {};
  const wait = new Life(clock).wait(100, (awaken) => {
    wake = awaken;
  });
  wake();
  await wait;
  assert.equal(clock.armed, 0);
});

test("the end ends every wait and what is waited for, and leaves no timer", async () => {
  const clock = new ManualClock();
  const life = new Life(clock);
  const waits = [life.wait(100), life.until(new Promise<never>(() => {}))];
  life.end();
  for (const wait of waits) await assert.rejects(wait, Ended);
  await assert.rejects(life.wait(1), Ended);
  await assert.rejects(life.until(new Promise<never>(() => {})), Ended);
  assert.equal(clock.armed, 0);
});

test("what is told of the end is told once, unless it is forgotten", () => {
  const life = new Life(new ManualClock());
  const told: string[] = [];
  life.onEnd(() => told.push("a"));
  life.onEnd(() => told.push("b"))();
  life.end();
  life.end();
  life.onEnd(() => told.push("late"));
  assert.deepEqual(told, ["a", "late"]);
});
