import assert from "node:assert/strict";
import { test } from "node:test";
import { type Expiring, SLOT_MS, Wheel } from "../../src/flow/wheel.ts";
import { ManualClock } from "../kit/clock.ts";

const recorder = (): { readonly seen: string[]; of(name: string): Expiring } => {
  const seen: string[] = [];
  return { seen, of: (name) => ({ expired: () => seen.push(name) }) };
};

test("a deadline is met within one slot after its time, never before", () => {
  const clock = new ManualClock(1_000_003);
  const wheel = new Wheel(clock);
  const { seen, of } = recorder();
  wheel.at(clock.now() + 100, of("a"));
  clock.advance(99);
  assert.deepEqual(seen, []);
  clock.advance(1 + SLOT_MS);
  assert.deepEqual(seen, ["a"]);
});

test("a deadline that is cancelled is not heard of, and the wheel is empty", () => {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  const { seen, of } = recorder();
  const deadline = wheel.at(clock.now() + 50, of("a"));
  deadline.cancel();
  deadline.cancel();
  assert.equal(wheel.size, 0);
  clock.advance(1000);
  assert.deepEqual(seen, []);
});

test("an earlier deadline that comes later is still met in time", () => {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  const { seen, of } = recorder();
  wheel.at(clock.now() + 60_000, of("late"));
  wheel.at(clock.now() + 100, of("soon"));
  clock.advance(100 + SLOT_MS);
  assert.deepEqual(seen, ["soon"]);
  clock.advance(60_000);
  assert.deepEqual(seen, ["soon", "late"]);
  assert.equal(clock.armed, 0);
});

test("a time that has passed is met from a later turn, not at once", () => {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  const { seen, of } = recorder();
  wheel.at(clock.now() - 5_000, of("a"));
  assert.deepEqual(seen, []);
  clock.advance(SLOT_MS);
  assert.deepEqual(seen, ["a"]);
});

test("a deadline set while others expire is met as well", () => {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  const { seen, of } = recorder();
  wheel.at(clock.now() + 10, { expired: () => wheel.at(clock.now() + 10, of("second")) });
  clock.advance(30 + 2 * SLOT_MS);
  assert.deepEqual(seen, ["second"]);
});

test("infinity waits for nothing", () => {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  wheel.at(Number.POSITIVE_INFINITY, { expired: () => assert.fail("expired") }).cancel();
  assert.equal(wheel.size, 0);
  assert.equal(clock.armed, 0);
});
