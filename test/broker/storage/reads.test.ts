import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { factsOf } from "../../../src/broker/storage/batch-facts.ts";
import type { LogConfig } from "../../../src/broker/storage/log-config.ts";
import { appended, batchOf, logOf, NOW_MS, nextOffsetOf, openStore, readFrom, recordsOf } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const bytesOf = (batches: readonly Uint8Array[]): number => batches.reduce((sum, { length }) => sum + length, 0);

const anyRead = fc.record({
  sizes: fc.array(fc.record({ count: fc.integer({ min: 1, max: 4 }), value: fc.constantFrom(1, 50, 400, 20_000) }), {
    minLength: 1,
    maxLength: 30,
  }),
  offset: fc.nat(1_000),
  bytesMax: fc.constantFrom(0, 1, 200, 1_000, 50_000),
  tailBytes: fc.constantFrom(0, 5_000, 1_000_000),
  segmentBytes: fc.constantFrom(100_000, 1_000_000),
});

test("any read gives whole batches from the one with the offset on, at least one, and not more bytes than asked for", async () => {
  await fc.assert(
    fc.asyncProperty(anyRead, async ({ sizes, offset, bytesMax, tailBytes, segmentBytes }) => {
      const { store } = await openStore({ limits: { tailBytes } });
      const log = await logOf(store, { segmentBytes });
      for (const { count, value } of sizes) log.append(batchOf(Array.from({ length: count }, () => "v".repeat(value))));
      await log.durable(log.endOffset);
      const from = offset % log.endOffset;
      const batches = await readFrom(log, from, bytesMax);
      const first = factsOf(batches[0]!);
      assert.ok(first.baseOffset <= from && from <= first.lastOffset);
      for (const [at, batch] of batches.entries()) if (at > 0) assert.equal(factsOf(batch).baseOffset, nextOffsetOf(batches[at - 1]!));
      assert.ok(batches.length === 1 || bytesOf(batches) <= bytesMax);
    }),
    { numRuns: 60 },
  );
});

test("the end gives nothing, beyond it and before the beginning is out of range", async () => {
  const log = await logOf((await openStore()).store);
  assert.deepEqual(await readFrom(log, 0), []);
  await appended(log, batchOf(["a=1"]));
  assert.deepEqual(await readFrom(log, 1), []);
  assert.throws(() => log.read(2, { bytesMax: 1, isolation: "uncommitted" }), { name: "OFFSET_OUT_OF_RANGE" });
  assert.throws(() => log.read(-1, { bytesMax: 1, isolation: "uncommitted" }), { name: "OFFSET_OUT_OF_RANGE" });
});

const atTheEnd = async (config: Partial<LogConfig>): Promise<void> => {
  const log = await logOf((await openStore({ limits: { tailBytes: 0 } })).store, config);
  for (const [at, timestampMs] of [100, 300, 200, 300, 50].entries())
    await appended(log, batchOf([`a=${at}`, `b=${at}`], { timestampMs: NOW_MS + timestampMs }));
  assert.deepEqual(await log.offsetForTimestamp(NOW_MS), { offset: 0, timestampMs: NOW_MS + 100 });
  assert.deepEqual(await log.offsetForTimestamp(NOW_MS + 101), { offset: 2, timestampMs: NOW_MS + 300 });
  assert.deepEqual(await log.offsetForTimestamp(NOW_MS + 301), undefined);
  assert.deepEqual(await log.maxTimestamp(), { offset: 2, timestampMs: NOW_MS + 300 });
  await log.deleteRecordsBefore(3);
  assert.deepEqual(await log.offsetForTimestamp(NOW_MS + 101), { offset: 3, timestampMs: NOW_MS + 300 });
  await log.deleteRecordsBefore(4);
  assert.deepEqual(await log.offsetForTimestamp(NOW_MS), { offset: 4, timestampMs: NOW_MS + 200 });
};

test("a record is found by its time", () => atTheEnd({}));
test("a record is found by its time over segments", () => atTheEnd({ segmentBytes: 160 }));

test("a log without records has no time", async () => {
  const log = await logOf((await openStore()).store);
  assert.deepEqual([await log.offsetForTimestamp(0), await log.maxTimestamp()], [undefined, undefined]);
});

test("an old record is found by its time in a large segment, through its index", async () => {
  const disk = new SimulatedDisk(1);
  const log = await logOf((await openStore({ disk, limits: { tailBytes: 0 } })).store);
  for (let at = 0; at < 300; at++) log.append(batchOf(["v".repeat(1_000)], { timestampMs: NOW_MS + at }));
  await log.durable(300);
  const before = disk.operations;
  assert.deepEqual(await log.offsetForTimestamp(NOW_MS + 250), { offset: 250, timestampMs: NOW_MS + 250 });
  assert.deepEqual(recordsOf(await readFrom(log, 250, 1)).length, 1);
  assert.ok(disk.operations - before < 5);
});

test("files beyond the limit are closed, and opened again when they are read", async () => {
  const disk = new SimulatedDisk(1);
  const { store } = await openStore({ disk, limits: { tailBytes: 0, openFiles: 2 } });
  const log = await logOf(store, { segmentBytes: 80 });
  for (let at = 0; at < 20; at++) await appended(log, batchOf([`k=${at}`]));
  for (const offset of [0, 10, 5, 0, 19, 7]) assert.deepEqual(recordsOf(await readFrom(log, offset, 1)), [`${offset}:k=${offset}`]);
  await store.close();
});

test("readers go on while segments are compacted and deleted under them", async () => {
  const { store } = await openStore({ disk: new SimulatedDisk(3), limits: { tailBytes: 0, openFiles: 2 } });
  const log = await logOf(store, { segmentBytes: 200, cleanup: { delete: true, compact: true }, cleanableDirtyRatioMin: 0.01 });
  const last = { at: 0 };
  const reading = async (): Promise<void> => {
    for (let round = 0; round < 30; round++) {
      const records = recordsOf(await readFrom(log, log.startOffset));
      if (records.length > 0) last.at = Math.max(last.at, Number.parseInt(records.at(-1)!, 10));
      await new Promise(setImmediate);
    }
  };
  const readers = [reading(), reading()];
  for (let at = 0; at < 60; at++) {
    await appended(log, batchOf([`k${at % 3}=${at}`]));
    if (at % 10 === 5) await log.steps.compact();
  }
  await Promise.all(readers);
  assert.ok(last.at > 0);
});
