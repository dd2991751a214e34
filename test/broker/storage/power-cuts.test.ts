import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const RUNS = 30;
const CUTS = 7;

test(`${RUNS * CUTS} power cuts lose nothing that was acknowledged, and leave nothing torn`, async () => {
  const seeds = Array.from({ length: RUNS }, (_, at) => at + 1);
  const thread = new Worker(new URL("./crash-thread.ts", import.meta.url), { workerData: { seeds, cuts: CUTS } });
  const [acknowledged] = await once(thread, "message"); // An error of the thread rejects this.
  assert.ok(acknowledged > RUNS * 10, `${acknowledged} batches were acknowledged`);
});
