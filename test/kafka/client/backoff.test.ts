import assert from "node:assert/strict";
import { test } from "node:test";
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN, backoffMs } from "../../../src/kafka/client/backoff.ts";

test("waits double from 50 ms to 5 s and stay there", () => {
  const waits = Array.from({ length: 10 }, (_, index) => backoffMs(index + 1, 0));
  assert.deepEqual(waits, [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  assert.equal(backoffMs(1_000_000, 0), BACKOFF_MS_MAX);
});

test("chance takes up to half of a wait away, and never adds to it", () => {
  assert.equal(backoffMs(1, 1), BACKOFF_MS_MIN / 2);
  for (let round = 0; round < 100; round++) {
    const wait = backoffMs(8);
    assert.ok(wait > BACKOFF_MS_MAX / 2 && wait <= BACKOFF_MS_MAX);
  }
});
