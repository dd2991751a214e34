import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogConfig } from "../../../src/broker/storage/log-config.ts";
import { appended, batchOf, logOf, NOW_MS, openStore, readAll } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const SEGMENT = { segmentBytes: 80 };

const filled = async (config: Partial<LogConfig>) => {
  const disk = new SimulatedDisk(1);
  const opened = await openStore({ disk });
  const log = await logOf(opened.store, { ...SEGMENT, ...config });
  for (let at = 0; at < 5; at++) await appended(log, batchOf([`k=${at}`], { timestampMs: NOW_MS + at * 100 }));
  return { ...opened, disk, log };
};

test("segments that are too old are deleted, also the last one", async () => {
  const { log, clock, disk } = await filled({ retentionMs: 1_000 });
  clock.advance(1_101);
  assert.equal((await log.steps.retain()).segments, 2);
  assert.deepEqual([log.startOffset, await readAll(log)], [2, ["2:k=2", "3:k=3", "4:k=4"]]);
  clock.advance(10_000);
  await log.steps.retain();
  assert.deepEqual([log.startOffset, log.endOffset, await readAll(log)], [5, 5, []]);
  assert.equal(disk.files().filter((path) => path.endsWith(".log")).length, 1);
  assert.equal(await appended(log, batchOf(["k=5"])), 5);
});

test("the oldest segments are deleted when there is too much", async () => {
  const { log } = await filled({ retentionMs: -1, retentionBytes: 150 });
  await log.steps.retain();
  assert.deepEqual(await readAll(log), ["2:k=2", "3:k=3", "4:k=4"]);
});

test("what DeleteRecords deletes is out of reach at once, and after a start", async () => {
  const { log, disk, store } = await filled({});
  assert.equal(await log.deleteRecordsBefore(3), 3);
  assert.throws(() => log.read(2, { bytesMax: 1, isolation: "uncommitted" }), { name: "OFFSET_OUT_OF_RANGE" });
  assert.deepEqual(await readAll(log), ["3:k=3", "4:k=4"]);
  assert.equal(await log.deleteRecordsBefore(1), 3);
  await assert.rejects(log.deleteRecordsBefore(6), { name: "OFFSET_OUT_OF_RANGE" });
  assert.equal(disk.files().filter((path) => path.endsWith(".log")).length, 2);
  assert.ok(store);
  const again = await logOf((await openStore({ disk: disk.powerCut() })).store, SEGMENT);
  assert.deepEqual([again.startOffset, await readAll(again)], [3, ["3:k=3", "4:k=4"]]);
  assert.equal(await again.deleteRecordsBefore(-1), 5);
  assert.deepEqual(await readAll(again), []);
});

test("records of a topic that is only compacted are not deleted", async () => {
  const { log } = await filled({ cleanup: { delete: false, compact: true } });
  await assert.rejects(log.deleteRecordsBefore(1), { name: "POLICY_VIOLATION" });
});

test("a segment ends when it is old enough by its records' time", async () => {
  const { log, disk } = await filled({ segmentBytes: 1_000, segmentMs: 250 });
  const names = disk.files().filter((path) => path.endsWith(".log"));
  assert.deepEqual(
    names.map((path) => Number(path.slice(-24, -4))),
    [0, 3],
  );
  assert.equal(log.endOffset, 5);
});
