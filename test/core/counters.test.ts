import assert from "node:assert/strict";
import { test } from "node:test";
import { Counters, Histogram } from "../../src/core/counters.ts";

const at = { namespace: "n", binding: "b" };

test("a series is made once, whatever the order of its labels", () => {
  const counters = new Counters();
  counters.declare({ name: "m", kind: "counter", unit: "count", help: "" });
  counters.counter({ metric: "m", ...at, labels: { a: "1", b: "2" } }).value += 1;
  counters.counter({ metric: "m", ...at, labels: { b: "2", a: "1" } }).value += 1;
  assert.deepEqual(
    [...counters.all()].map(({ of }) => (of as { value: number }).value),
    [2],
  );
});

test("an undeclared metric, or one declared twice differently, is a bug", () => {
  const counters = new Counters();
  assert.throws(() => counters.counter({ metric: "m", ...at }), /not declared/);
  counters.declare({ name: "m", kind: "counter", unit: "count", help: "" });
  assert.throws(() => counters.declare({ name: "m", kind: "gauge", unit: "count", help: "" }), /twice/);
});

test("series of a metric that each binding declares anew are of one metric", () => {
  const counters = new Counters();
  for (const binding of ["a", "b"]) {
    counters.declare({ name: "m", kind: "counter", unit: "count", help: "" });
    counters.counter({ metric: "m", namespace: "n", binding });
  }
  assert.equal(new Set([...counters.all()].map(({ metric }) => metric)).size, 1);
});

test("a histogram counts a value in the first bucket whose limit is above it", () => {
  const histogram = new Histogram();
  for (const value of [0, 1, 1.9, 2, 3, 4, 2 ** 62, 2 ** 80]) histogram.record(value);
  assert.deepEqual([...histogram.buckets.slice(0, 3)], [3, 2, 1]);
  assert.equal(histogram.buckets[62], 2);
  assert.equal(histogram.count, 8);
});
