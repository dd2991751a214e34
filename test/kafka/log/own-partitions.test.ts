// Which partitions are read by a process that reads its own share of the replies.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GROWTH_MS, OwnPartitions, partitionsOfShare } from "../../../src/kafka/log/own-partitions.ts";
import { ManualClock } from "../../kit/clock.ts";

const own = (index: number, of: number) => {
  const clock = new ManualClock();
  return { clock, partitions: new OwnPartitions({ index, of }, clock) };
};

describe("a share", () => {
  test("of enough partitions is every so-manieth, and all shares together are all partitions, once", () => {
    assert.deepEqual(partitionsOfShare({ index: 1, of: 3 }, 8), [1, 4, 7]);
    for (const [count, of] of [
      [8, 8],
      [9, 8],
      [64, 3],
      [1, 1],
    ] as const) {
      const all = Array.from({ length: of }, (_, index) => partitionsOfShare({ index, of }, count)).flat();
      assert.deepEqual(
        all.toSorted((a, b) => a - b),
        [...Array(count).keys()],
      );
    }
  });

  test("of fewer partitions than shares is one partition, shared with others", () => {
    assert.deepEqual(
      Array.from({ length: 5 }, (_, index) => partitionsOfShare({ index, of: 5 }, 2)),
      [[0], [1], [0], [1], [0]],
    );
  });

  test("is never empty, unless there are no partitions", () => {
    for (let count = 0; count <= 20; count++)
      for (let of = 1; of <= 20; of++)
        for (let index = 0; index < of; index++) assert.equal(partitionsOfShare({ index, of }, count).length > 0, count > 0);
  });
});

describe("a call", () => {
  test("whose id leads elsewhere brings its partition along, once, from its beginning", () => {
    const { partitions } = own(0, 4);
    assert.deepEqual(partitions.counted(8, 0), { whole: [0, 4], recent: [] });
    assert.deepEqual([partitions.reads(4), partitions.reads(5)], [true, false]);
    assert.deepEqual(partitions.enter(5), [5]);
    assert.deepEqual(partitions.enter(13), []);
    assert.equal(partitions.reads(5), true);
    assert.equal(partitions.someArePartial(partitions.partitionsOf(5)), false);
  });

  test("that runs while partitions are added has those read where its replies are from then on", () => {
    const { partitions } = own(0, 3);
    partitions.counted(3, 0);
    partitions.enter(9); // 0 of 3, 1 of 4.
    partitions.enter(15); // 0 of 3, 3 of 4.
    partitions.enter(6); // Over by then.
    partitions.leave(6);
    assert.deepEqual(partitions.counted(4, 3), { whole: [3], recent: [1] });
    assert.equal(partitions.someArePartial([1]), true);
    assert.equal(partitions.someArePartial([0, 3]), false);
  });

  test("that comes after partitions were added is found where either number of partitions leads, for a while", () => {
    const { partitions, clock } = own(0, 3);
    partitions.counted(3, 0);
    partitions.counted(4, 3);
    assert.deepEqual([partitions.reads(12), partitions.reads(8)], [true, false], "8 leads to 0 of 4, but to 2 of 3");
    assert.deepEqual(partitions.partitionsOf(10), [2, 1]);
    assert.deepEqual(partitions.enter(10), [2, 1]);
    clock.advance(GROWTH_MS);
    partitions.enter(0);
    assert.deepEqual(partitions.partitionsOf(10), [2]);
  });
});
