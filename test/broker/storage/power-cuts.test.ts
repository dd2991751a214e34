import assert from "node:assert/strict";
import { test } from "node:test";
import { crash } from "./crash.ts";

const RUNS = 30;
const CUTS = 7;

test(`${RUNS * CUTS} power cuts lose nothing that was acknowledged, and leave nothing torn`, async () => {
  let acknowledged = 0;
  for (let seed = 1; seed <= RUNS; seed++) {
    try {
      acknowledged += (await crash({ seed, cuts: CUTS })).acknowledged;
    } catch (reason) {
      throw new Error(`seed ${seed}`, { cause: reason });
    }
  }
  assert.ok(acknowledged > RUNS * 10, `${acknowledged} batches were acknowledged`);
});
