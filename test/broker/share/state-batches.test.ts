import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ShareState, unreadState } from "../../../src/broker/share/share-records.ts";
import { batchesOf, type StateBatch, withBatches } from "../../../src/broker/share/state-batches.ts";

const [AVAILABLE, ACKNOWLEDGED, ARCHIVED] = [0, 2, 4];
const batch = ([firstOffset, lastOffset]: readonly [number, number], deliveryState: number, deliveryCount = 1): StateBatch => ({
  ...{ firstOffset, lastOffset, deliveryState, deliveryCount },
});
const written = (state: ShareState, startOffset: number, ...stateBatches: readonly StateBatch[]): ShareState =>
  withBatches(state, { startOffset, stateBatches });
const begun: ShareState = { ...unreadState, begun: true, start: 5 };

describe("what a broker writes of a share partition", () => {
  test("is read as it was written, and counted", () => {
    const state = written(begun, 6, batch([6, 7], ACKNOWLEDGED), batch([10, 12], AVAILABLE, 2));
    assert.deepEqual([state.start, state.done], [6, 2]);
    assert.deepEqual(batchesOf(state.runs), [batch([6, 7], ACKNOWLEDGED), batch([10, 12], AVAILABLE, 2)]);
  });

  test("takes the place of what was there, and leaves the rest", () => {
    const state = written(written(begun, 5, batch([5, 9], AVAILABLE)), -1, batch([7, 11], ARCHIVED, 3));
    assert.deepEqual([state.start, state.done], [5, 5]);
    assert.deepEqual(batchesOf(state.runs), [batch([5, 6], AVAILABLE), batch([7, 11], ACKNOWLEDGED, 3)]);
  });

  test("lies not before where the group reads", () => {
    const state = written(written(begun, 5, batch([5, 9], AVAILABLE)), 8, batch([5, 8], ACKNOWLEDGED));
    assert.deepEqual([state.start, batchesOf(state.runs)], [8, [batch([8, 8], ACKNOWLEDGED), batch([9, 9], AVAILABLE)]]);
    assert.equal(written(begun, 2).start, 5);
  });

  test("is refused when it is none", () => {
    for (const bad of [batch([7, 6], AVAILABLE), batch([-1, 6], AVAILABLE), batch([6, 7], 9), batch([6, 6 + 2_000_000], ARCHIVED)])
      assert.throws(() => written(begun, 5, bad), { name: "INVALID_REQUEST" });
  });
});
