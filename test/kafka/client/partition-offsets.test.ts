import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeDone, encodeDone } from "../../../src/kafka/client/commit-metadata.ts";
import { PartitionOffsets } from "../../../src/kafka/client/partition-offsets.ts";

test("the committed offset is the first that is not done; what is done beyond it is told as ranges", () => {
  const offsets = new PartitionOffsets(10, []);
  for (let offset = 10; offset < 20; offset++) offsets.delivered(offset);
  assert.equal(offsets.committed, 10);
  assert.deepEqual(offsets.doneBeyond(), []);
  assert.equal(offsets.done([11, 12, 15]), true);
  assert.equal(offsets.committed, 10);
  assert.deepEqual(offsets.doneBeyond(), [
    { from: 11, to: 13 },
    { from: 15, to: 16 },
  ]);
  offsets.done([10]);
  assert.equal(offsets.committed, 13);
  offsets.done([13, 14, 16, 17, 18, 19]);
  assert.equal(offsets.committed, 20);
  assert.deepEqual(offsets.doneBeyond(), []);
});

test("offsets that were never delivered, or are done already, change nothing", () => {
  const offsets = new PartitionOffsets(0, []);
  offsets.delivered(0);
  assert.equal(offsets.done([5, 7]), false);
  assert.equal(offsets.done([0]), true);
  assert.equal(offsets.done([0]), false);
  assert.equal(offsets.committed, 1);
});

test("offsets without a record are done by themselves", () => {
  const offsets = new PartitionOffsets(0, []);
  offsets.delivered(2);
  offsets.delivered(5);
  offsets.passed(9);
  assert.equal(offsets.committed, 2);
  assert.deepEqual(offsets.doneBeyond(), [
    { from: 3, to: 5 },
    { from: 6, to: 9 },
  ]);
  offsets.done([2, 5]);
  assert.equal(offsets.committed, 9);
});

test("what an earlier owner has done is done, before it is read and after", () => {
  const offsets = new PartitionOffsets(3, [
    { from: 4, to: 6 },
    { from: 8, to: 9 },
  ]);
  assert.deepEqual(
    [3, 4, 5, 6, 7, 8, 9].filter((offset) => offsets.isSkipped(offset)),
    [4, 5, 8],
  );
  assert.equal(offsets.committed, 3);
  offsets.delivered(3);
  assert.deepEqual(offsets.doneBeyond(), [
    { from: 4, to: 6 },
    { from: 8, to: 9 },
  ]);
  offsets.done([3]);
  assert.equal(offsets.committed, 6);
  assert.deepEqual(offsets.doneBeyond(), [{ from: 8, to: 9 }]);
});

interface Course {
  readonly count: number;
  readonly missing: readonly number[];
  /** What each owner finishes, and how far it reads. */
  readonly owners: readonly (readonly [marks: readonly number[], upTo: number])[];
}

/** Owners one after the other; what is left over at the end, and what was done. */
const run = ({ count, missing, owners }: Course): { readonly left: readonly number[]; readonly undone: readonly number[] } => {
  const there = Array.from({ length: count }, (_, offset) => offset).filter((offset) => !missing.includes(offset));
  const done = new Set<number>();
  let begin = 0;
  let metadata = "";
  for (const [marks, upTo] of owners) {
    const offsets = new PartitionOffsets(begin, decodeDone(begin, metadata));
    const delivered = there.filter((offset) => offset >= begin && offset < upTo && !offsets.isSkipped(offset));
    assert.deepEqual(
      delivered,
      there.filter((offset) => offset < upTo && !done.has(offset)),
    );
    for (const offset of delivered) offsets.delivered(offset);
    offsets.passed(Math.min(upTo, count));
    const now = marks.filter((offset) => delivered.includes(offset));
    offsets.done(now);
    for (const offset of now) done.add(offset);
    begin = offsets.committed;
    metadata = encodeDone(begin, offsets.doneBeyond()).text;
  }
  const last = new PartitionOffsets(begin, decodeDone(begin, metadata));
  return {
    left: there.filter((offset) => offset >= begin && !last.isSkipped(offset)),
    undone: there.filter((offset) => !done.has(offset)),
  };
};

test("over any course of owners, nothing done is delivered again and nothing else is left out", () => {
  const owner = fc.tuple(fc.array(fc.nat(59)), fc.nat(60));
  const course = fc.record({
    count: fc.integer({ min: 1, max: 60 }),
    missing: fc.array(fc.nat(59)),
    owners: fc.array(owner, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(course, (of) => {
      const { left, undone } = run(of);
      assert.deepEqual(left, undone);
    }),
    { numRuns: 500 },
  );
});

test("what is done before it is delivered holds nothing up when it is, and nothing after it is done by that", () => {
  const offsets = new PartitionOffsets(0, []);
  offsets.delivered(0);
  assert.equal(offsets.done([2, 3]), false, "nothing to commit yet");
  assert.equal(offsets.committed, 0);
  for (const offset of [1, 2, 3, 4]) offsets.delivered(offset);
  offsets.done([1]);
  assert.deepEqual([offsets.committed, offsets.doneBeyond()], [0, [{ from: 1, to: 4 }]]);
  offsets.done([0]);
  assert.deepEqual([offsets.committed, offsets.outstanding], [4, 1]);
});

test("of what is done before it is delivered only so much is remembered; the rest is done when it is done again", () => {
  const offsets = new PartitionOffsets(0, [], 3);
  offsets.done([1, 2, 3, 4, 5, 3]);
  assert.equal(offsets.forgotten, 2, "the third was remembered already");
  for (const offset of [0, 1, 2, 3, 4, 5]) offsets.delivered(offset);
  offsets.done([0]);
  assert.deepEqual([offsets.committed, offsets.outstanding], [4, 2]);
  offsets.done([4, 5]);
  assert.equal(offsets.committed, 6);
  offsets.done([7]);
  assert.equal(offsets.forgotten, 2, "those that were delivered take no room");
});
