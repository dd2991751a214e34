import assert from "node:assert/strict";
import { test } from "node:test";
import type { PartitionLog } from "../../../src/broker/storage/partition-log.ts";
import { appended, batchOf, logOf, openStore, recordsOf } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const sequences = new WeakMap<PartitionLog, Map<number, number>>();

const send = async (log: PartitionLog, id: number, record: string): Promise<number> => {
  const known = sequences.get(log) ?? new Map<number, number>();
  sequences.set(log, known);
  const sequence = known.get(id) ?? 0;
  known.set(id, sequence + 1);
  return appended(log, batchOf([record], { producer: { id, epoch: 0, sequence }, transactional: true }));
};

const end = async (log: PartitionLog, producerId: number, outcome: "commit" | "abort"): Promise<number> => {
  const { baseOffset } = log.appendMarker({ producerId, producerEpoch: 0, coordinatorEpoch: 0, outcome });
  await log.durable(baseOffset + 1);
  return baseOffset;
};

const committed = (log: PartitionLog, offset: number) => log.read(offset, { bytesMax: 1_000_000, isolation: "committed" });

test("readers of committed records stop at the first transaction that is open", async () => {
  const log = await logOf((await openStore()).store);
  await appended(log, batchOf(["plain"]));
  await send(log, 1, "one");
  await send(log, 2, "two");
  assert.equal(log.lastStableOffset, 1);
  await end(log, 2, "commit");
  assert.equal(log.lastStableOffset, 1);
  assert.deepEqual(recordsOf((await committed(log, 0)).batches), ["0:plain"]);
  assert.deepEqual((await committed(log, 1)).batches, []);
  await end(log, 1, "commit");
  assert.equal(log.lastStableOffset, log.highWatermark);
  assert.deepEqual(recordsOf((await committed(log, 0)).batches), ["0:plain", "1:one", "2:two"]);
});

test("a read names the aborted transactions that concern it, and no others", async () => {
  const log = await logOf((await openStore()).store);
  for (let at = 0; at < 3; at++) {
    await send(log, 1, `a${at}`);
    await send(log, 2, `b${at}`);
    await end(log, 1, "abort");
    await end(log, 2, at === 1 ? "abort" : "commit");
  }
  const ranges = async (offset: number, bytesMax = 1_000_000) =>
    (await log.read(offset, { bytesMax, isolation: "committed" })).aborted.map(({ producerId, firstOffset }) => [producerId, firstOffset]);
  assert.deepEqual(await ranges(0), [
    [1, 0],
    [1, 4],
    [2, 5],
    [1, 8],
  ]);
  assert.deepEqual(await ranges(0, 1), [[1, 0]]);
  assert.deepEqual(await ranges(3), [
    [1, 4],
    [2, 5],
    [1, 8],
  ]);
  assert.deepEqual(await ranges(9), [[1, 8]]);
  assert.deepEqual(await ranges(11), []);
  assert.deepEqual((await log.read(0, { bytesMax: 1, isolation: "uncommitted" })).aborted, []);
});

test("a marker without a transaction is stored, and ends none", async () => {
  const log = await logOf((await openStore()).store);
  await end(log, 9, "abort");
  assert.deepEqual([log.endOffset, log.abortedIn(0, 5), log.lastStableOffset], [1, [], 1]);
});

const restarted = (way: "stopped" | "killed" | "without its index"): void => {
  test(`transactions are as they were after a start (${way})`, async () => {
    const disk = new SimulatedDisk(5);
    const config = { segmentBytes: 300 };
    const first = await openStore({ disk });
    const log = await logOf(first.store, config);
    for (let at = 0; at < 4; at++) {
      await send(log, 1, `a${at}`);
      await end(log, 1, at % 2 === 0 ? "abort" : "commit");
    }
    await send(log, 2, "open");
    await send(log, 1, "last");
    await end(log, 1, "abort");
    const before = [log.lastStableOffset, log.abortedIn(0, 100), [...log.producers()]];
    if (way === "stopped") await first.store.close();
    const next = disk.kill();
    if (way === "without its index") for (const path of next.files()) if (path.endsWith(".index")) await next.unlink(path);
    const again = await logOf((await openStore({ disk: next })).store, config);
    assert.deepEqual([again.lastStableOffset, again.abortedIn(0, 100), [...again.producers()]], before);
    assert.equal(again.lastStableOffset, 8);
  });
};

restarted("stopped");
restarted("killed");
restarted("without its index");
