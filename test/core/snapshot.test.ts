import assert from "node:assert/strict";
import { test } from "node:test";
import { deserialize, serialize } from "node:v8";
import { Counters } from "../../src/core/counters.ts";
import { addSnapshot, type Snapshot, snapshotOf, withoutGauges } from "../../src/core/snapshot.ts";

const AT = { namespace: "n", binding: "b" } as const;

/** Counters of one process, as another is told them. */
const told = (requests: number, active: number, sizes: readonly number[]): Snapshot => {
  const counters = new Counters();
  counters.declare({ name: "requests", kind: "counter", unit: "count", help: "Requests." });
  counters.declare({ name: "active", kind: "gauge", unit: "count", help: "Active." });
  counters.declare({ name: "size", kind: "histogram", unit: "bytes", help: "Sizes." });
  counters.counter({ ...AT, metric: "requests", labels: { kind: "a" } }).value = requests;
  counters.counter({ ...AT, metric: "active" }).value = active;
  for (const size of sizes) counters.histogram({ ...AT, metric: "size" }).record(size);
  return deserialize(serialize(snapshotOf(counters))) as Snapshot; // The way between processes keeps what it is.
};

test("counters of several processes are summed, series by series and bucket by bucket", () => {
  const sum = new Counters();
  for (const snapshot of [told(1, 2, [3]), told(10, 20, [3, 100])]) addSnapshot(sum, snapshot);
  assert.equal(sum.counter({ ...AT, metric: "requests", labels: { kind: "a" } }).value, 11);
  assert.equal(sum.counter({ ...AT, metric: "active" }).value, 22);
  const size = sum.histogram({ ...AT, metric: "size" });
  assert.deepEqual([size.count, size.sum, size.buckets[1], size.buckets[6]], [3, 106, 2, 1]);
});

test("of a process that has ended everything stays but what stood at some height", () => {
  const sum = new Counters();
  addSnapshot(sum, withoutGauges(told(1, 2, [3])));
  addSnapshot(sum, told(1, 5, []));
  assert.equal(sum.counter({ ...AT, metric: "requests", labels: { kind: "a" } }).value, 2);
  assert.equal(sum.counter({ ...AT, metric: "active" }).value, 5);
  assert.equal(sum.histogram({ ...AT, metric: "size" }).count, 1);
});

test("a snapshot does not change with what it was taken of", () => {
  const counters = new Counters();
  counters.declare({ name: "size", kind: "histogram", unit: "bytes", help: "" });
  const size = counters.histogram({ ...AT, metric: "size" });
  const [snapshot] = snapshotOf(counters);
  size.record(1);
  assert.equal(snapshot?.histogram?.count, 0);
  assert.equal(snapshot?.histogram?.buckets[0], 0);
});
