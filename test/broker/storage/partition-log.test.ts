import assert from "node:assert/strict";
import { test } from "node:test";
import { appended, batchOf, logOf, openStore, readAll, readFrom, recordsOf } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

test("what is appended is read with its offsets, once it is durable", async () => {
  const { store } = await openStore();
  const log = await logOf(store);
  const first = log.append(batchOf(["a=1", "b=2"]));
  assert.deepEqual(first, { baseOffset: 0, lastOffset: 1, appendTimestampMs: -1, repeated: false });
  assert.equal(log.highWatermark, 0);
  assert.deepEqual(await readFrom(log, 0), []);
  await log.durable(2);
  assert.equal(log.highWatermark, 2);
  assert.equal(await appended(log, batchOf(["c=3"])), 2);
  assert.deepEqual(await readAll(log), ["0:a=1", "1:b=2", "2:c=3"]);
  await store.close();
});

test("an offset in the middle of a batch gives the whole batch", async () => {
  const { store } = await openStore();
  const log = await logOf(store);
  await appended(log, batchOf(["a=1", "b=2", "c=3"]));
  assert.deepEqual(recordsOf(await readFrom(log, 1)), ["0:a=1", "1:b=2", "2:c=3"]);
  await store.close();
});

test("a log is the same after a stop and a start", async () => {
  const disk = new SimulatedDisk(1);
  const first = await openStore({ disk });
  const log = await logOf(first.store, { segmentBytes: 200 });
  for (let at = 0; at < 20; at++) await appended(log, batchOf([`k${at}=v${at}`]));
  const before = await readAll(log);
  assert.equal(before.length, 20);
  await first.store.close();
  const second = await openStore({ disk: disk.powerCut(), limits: { tailBytes: 0 } });
  const again = await logOf(second.store, { segmentBytes: 200 });
  assert.deepEqual(await readAll(again), before);
  assert.equal(await appended(again, batchOf(["z=9"])), 20);
  assert.deepEqual(second.said, []);
  await second.store.close();
});
