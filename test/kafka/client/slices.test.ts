import assert from "node:assert/strict";
import { test } from "node:test";
import { BATCH_BYTES_MAX, BATCH_ITEMS_MAX, sliceEnd } from "../../../src/kafka/client/slices.ts";

const records = (count: number, bytes: number): { readonly bytes: number }[] => Array.from({ length: count }, () => ({ bytes }));

test("a batch holds so many records, or so many bytes, or one record of any size", () => {
  assert.deepEqual(sliceEnd(records(1_000, 10), 0), { end: BATCH_ITEMS_MAX, bytes: 10 * BATCH_ITEMS_MAX });
  assert.deepEqual(sliceEnd(records(1_000, BATCH_BYTES_MAX / 4), 8), { end: 12, bytes: BATCH_BYTES_MAX });
  assert.deepEqual(sliceEnd(records(3, BATCH_BYTES_MAX * 5), 1), { end: 2, bytes: BATCH_BYTES_MAX * 5 });
  assert.deepEqual(sliceEnd(records(3, 1), 2), { end: 3, bytes: 1 });
});
