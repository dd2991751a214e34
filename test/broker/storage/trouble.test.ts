import assert from "node:assert/strict";
import { test } from "node:test";
import { appended, batchOf, logOf, openStore, readAll } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const opened = async (limits = {}) => {
  const disk = new SimulatedDisk(1);
  const { store, said, clock } = await openStore({ disk, limits });
  return { disk, store, said, clock, log: await logOf(store) };
};

test("a full disk refuses appends, serves reads, and takes appends when it has room again", async () => {
  const { disk, log, said } = await opened({ tailBytes: 0 });
  for (let at = 0; at < 5; at++) await appended(log, batchOf([`k=${at}`]));
  disk.capacityBytes = 600;
  const large = `k=${"x".repeat(500)}`;
  await assert.rejects(appended(log, batchOf([large])), { name: "KAFKA_STORAGE_ERROR" });
  await assert.rejects(appended(log, batchOf([large])), { name: "KAFKA_STORAGE_ERROR" });
  assert.deepEqual([log.endOffset, log.highWatermark], [5, 5]);
  assert.equal((await readAll(log)).length, 5);
  assert.equal(said.filter(({ level }) => level === "error").length, 1, "it is said once, not with every append");
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  assert.equal(await appended(log, batchOf(["k=5"])), 5);
  const again = await logOf((await openStore({ disk: disk.powerCut() })).store);
  assert.deepEqual(await readAll(again), ["0:k=0", "1:k=1", "2:k=2", "3:k=3", "4:k=4", "5:k=5"]);
});

test("on a full disk, old segments are deleted all the same, and so make room", async () => {
  const { disk, store, clock } = await opened();
  const log = await logOf(store, { segmentBytes: 80, retentionMs: 1_000 }, "full");
  for (let at = 0; at < 5; at++) await appended(log, batchOf([`k=${at}`]));
  disk.capacityBytes = 0;
  await assert.rejects(appended(log, batchOf(["k=5"])), { name: "KAFKA_STORAGE_ERROR" });
  clock.advance(2_000);
  // The last segment stays for now: to begin another one takes room.
  await assert.rejects(log.steps.retain(), { name: "KAFKA_STORAGE_ERROR" });
  assert.deepEqual(await readAll(log), ["4:k=4"]);
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  const again = await logOf((await openStore({ disk: disk.powerCut() })).store, {}, "full");
  assert.deepEqual(await readAll(again), ["4:k=4"]);
});

test("when the disk refuses a commit, all that waits for it is taken back, sequences too", async () => {
  const { disk, log } = await opened();
  const from = (sequence: number) => batchOf([`${sequence}`], { producer: { id: 1, epoch: 0, sequence } });
  await appended(log, from(0));
  disk.fault = (operation) => (operation === "sync" ? "EIO" : undefined);
  const refused = [1, 2, 3].map((sequence) => appended(log, from(sequence)));
  for (const one of refused) await assert.rejects(one, { name: "KAFKA_STORAGE_ERROR" });
  disk.fault = () => undefined;
  for (const sequence of [1, 2, 3]) assert.equal(await appended(log, from(sequence)), sequence);
  assert.deepEqual(await readAll(log), ["0:0", "1:1", "2:2", "3:3"]);
});

test("a log that cannot be read troubles no other", async () => {
  const { disk, store, log } = await opened({ tailBytes: 0 });
  const other = await logOf(store, {}, "others");
  for (const one of [log, other]) await appended(one, batchOf(["k=1"]));
  disk.fault = (operation, path) => (operation === "read" && path.includes("orders-0") ? "EIO" : undefined);
  await assert.rejects(readAll(log), { name: "KAFKA_STORAGE_ERROR" });
  assert.deepEqual(await readAll(other), ["0:k=1"]);
  disk.fault = () => undefined;
  assert.deepEqual(await readAll(log), ["0:k=1"]);
});

test("a log that cannot be opened can be opened later", async () => {
  const { disk, store } = await opened();
  disk.fault = (operation, path) => (operation === "open" && path.includes("late") ? "EIO" : undefined);
  await assert.rejects(logOf(store, {}, "late"), { name: "KAFKA_STORAGE_ERROR" });
  disk.fault = () => undefined;
  assert.equal((await logOf(store, {}, "late")).endOffset, 0);
});

test("a compaction that the disk stops half-way is finished by the next", async () => {
  const { disk, store } = await opened({ tailBytes: 0 });
  const log = await logOf(store, { cleanup: { delete: false, compact: true }, cleanableDirtyRatioMin: 0.01 }, "state");
  const refuse = ["rename", "syncFolder", "unlink", "write", "sync"] as const;
  for (const [at, refused] of refuse.entries()) {
    for (let index = 0; index < 4; index++) await appended(log, batchOf([`a=${at}${index}`]));
    await log.steps.roll();
    disk.fault = (operation, path) => (operation === refused && path.includes("state-0") ? "EIO" : undefined);
    await assert.rejects(log.steps.compact(), { name: "KAFKA_STORAGE_ERROR" });
    disk.fault = () => undefined;
    await log.steps.compact();
    assert.deepEqual(await readAll(log), [`${at * 4 + 3}:a=${at}3`]);
  }
});

test("with an interval, appends are acknowledged when written, and last after a sync", async () => {
  const disk = new SimulatedDisk(4);
  const { store, clock, said } = await openStore({ disk, fsync: { intervalMs: 50 } });
  const log = await logOf(store);
  await appended(log, batchOf(["k=1"]));
  assert.equal(log.unsyncedBytes > 0, true);
  assert.deepEqual(
    said.map(({ facts }) => facts["withinMs"]),
    [50],
  );
  clock.advance(50);
  await log.sync();
  assert.equal(log.unsyncedBytes, 0);
  const again = await logOf((await openStore({ disk: disk.powerCut() })).store);
  assert.deepEqual(await readAll(again), ["0:k=1"]);
});

test("with an interval, no more than a limit is ever left unsynced", async () => {
  const disk = new SimulatedDisk(4);
  const { store } = await openStore({ disk, fsync: { intervalMs: 50 }, limits: { unsyncedBytes: 200 } });
  const log = await logOf(store);
  for (let at = 0; at < 10; at++) {
    await appended(log, batchOf([`k=${at}`]));
    assert.ok(log.unsyncedBytes <= 200);
  }
});

test("after a sync that failed, what it should have written is written again", async () => {
  const disk = new SimulatedDisk(4);
  const { store, said } = await openStore({ disk, fsync: { intervalMs: 50 } });
  const log = await logOf(store);
  await appended(log, batchOf(["k=1"]));
  disk.fault = (operation) => (operation === "sync" ? "EIO" : undefined);
  await log.sync();
  assert.ok(said.some(({ message }) => message.includes("power cut")));
  disk.fault = () => undefined;
  let writes = 0;
  disk.fault = (operation) => {
    if (operation === "write") writes++;
    return undefined;
  };
  await log.sync();
  assert.equal(writes, 1);
  const again = await logOf((await openStore({ disk: disk.powerCut() })).store);
  assert.deepEqual(await readAll(again), ["0:k=1"]);
});
