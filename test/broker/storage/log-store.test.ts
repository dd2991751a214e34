import assert from "node:assert/strict";
import { test } from "node:test";
import { type Holder, LockedError, lock, type Processes } from "../../../src/broker/storage/lock.ts";
import { memoryDisk } from "../../../src/broker/storage/memory-disk.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { appended, batchOf, configOf, FOLDER, logOf, openStore, readAll, TOPIC_ID } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const OTHER_ID = "00000000-0000-0000-0000-000000000002";
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a folder tells its logs by topic, id and partition", async () => {
  const { store } = await openStore();
  await store.log({ topic: "a-b", topicId: TOPIC_ID, partition: 12 }, configOf());
  await store.log({ topic: "c", topicId: OTHER_ID, partition: 0 }, configOf());
  assert.deepEqual(await store.list(), [
    { topic: "a-b", topicId: TOPIC_ID, partition: 12 },
    { topic: "c", topicId: OTHER_ID, partition: 0 },
  ]);
  await store.close();
});

test("what is no topic's name is no folder's either", async () => {
  const { store } = await openStore();
  for (const topic of ["", "../up", "a/b", "ü", "x".repeat(250)])
    await assert.rejects(store.log({ topic, topicId: TOPIC_ID, partition: 0 }, configOf()), { name: "INVALID_TOPIC_EXCEPTION" });
  assert.deepEqual(await store.list(), []);
});

test("a log asked for twice at once is one log", async () => {
  const { store } = await openStore();
  const [one, two] = await Promise.all([logOf(store), logOf(store)]);
  assert.equal(one, two);
});

test("a deleted log is gone at once for those who wait and read, and its files soon", async () => {
  const disk = new SimulatedDisk(1);
  const { store } = await openStore({ disk });
  const log = await logOf(store);
  await appended(log, batchOf(["k=1"]));
  let heard = 0;
  log.listen(() => heard++);
  const { lastOffset } = log.append(batchOf(["k=2"]));
  const waiting = assert.rejects(log.durable(lastOffset + 1), { name: "UNKNOWN_TOPIC_OR_PARTITION" });
  await store.delete({ topic: "orders", topicId: TOPIC_ID, partition: 0 });
  await waiting;
  assert.ok(heard > 0);
  assert.throws(() => log.read(0, { bytesMax: 1, isolation: "uncommitted" }), { name: "UNKNOWN_TOPIC_OR_PARTITION" });
  assert.throws(() => log.append(batchOf(["k=3"])), { name: "UNKNOWN_TOPIC_OR_PARTITION" });
  await store.close();
  assert.deepEqual(disk.files(), [`${FOLDER}/clean-stop`]);
});

test("a deletion that a stop came in between is finished at the next start", async () => {
  const disk = new SimulatedDisk(1);
  const { store } = await openStore({ disk });
  await appended(await logOf(store), batchOf(["k=1"]));
  disk.fault = (operation, path) => (operation === "unlink" && path.includes("-delete") ? "EIO" : undefined);
  await store.delete({ topic: "orders", topicId: TOPIC_ID, partition: 0 });
  const next = disk.kill();
  const again = await openStore({ disk: next });
  await again.store.close();
  assert.deepEqual(next.files(), [`${FOLDER}/clean-stop`]);
});

test("a topic made anew does not find the records of the old one", async () => {
  const disk = new SimulatedDisk(1);
  const first = await openStore({ disk });
  await appended(await logOf(first.store), batchOf(["k=1"]));
  await first.store.close();
  const { store } = await openStore({ disk });
  const log = await store.log({ topic: "orders", topicId: OTHER_ID, partition: 0 }, configOf());
  assert.deepEqual([log.endOffset, await readAll(log)], [0, []]);
});

test("a start after an unclean stop says so, one after a clean stop does not", async () => {
  const disk = new SimulatedDisk(1);
  const first = await openStore({ disk });
  await appended(await logOf(first.store), batchOf(["k=1"]));
  const second = await openStore({ disk: disk.kill() });
  assert.match(second.said[0]?.message ?? "", /not stopped cleanly/);
  await logOf(second.store);
  await second.store.close();
  assert.deepEqual((await openStore({ disk: second.disk })).said, []);
});

test("all logs are closed and made durable by a stop", async () => {
  const disk = new SimulatedDisk(1);
  const { store } = await openStore({ disk });
  const log = await logOf(store);
  log.append(batchOf(["k=1"]));
  await store.close();
  assert.throws(() => log.append(batchOf(["k=2"])), { name: "NOT_LEADER_OR_FOLLOWER" });
  const again = await logOf((await openStore({ disk: disk.powerCut() })).store);
  assert.deepEqual(await readAll(again), ["0:k=1"]);
});

const SELF: Holder = { pid: 100, host: "here", started: "5" };
const processes = (running: Readonly<Record<number, string>>): Processes => ({ self: SELF, startOf: async (pid) => running[pid] });

const locked =
  (what: string) =>
  (holder: string | Holder, outcome: "refused" | "taken", running: Readonly<Record<number, string>> = {}): void => {
    test(`a folder that is held by ${what} is ${outcome}`, async () => {
      const disk = memoryDisk();
      await disk.makeFolder("/locks");
      const file = await disk.open("/locks/lock", "new");
      await file.write([utf8(typeof holder === "string" ? holder : JSON.stringify(holder))], 0);
      const taken = lock(disk, "/locks", processes(running));
      if (outcome === "refused") return assert.rejects(taken, LockedError);
      const unlock = await taken;
      await unlock();
      assert.deepEqual(await disk.list("/locks"), []);
    });
  };

locked("a process that runs")({ pid: 7, host: "here", started: "3" }, "refused", { 7: "3" });
locked("a process that is gone")({ pid: 7, host: "here", started: "3" }, "taken");
locked("a process whose number is another's by now")({ pid: 7, host: "here", started: "3" }, "taken", { 7: "4" });
locked("a process of another machine")({ pid: 7, host: "there", started: "3" }, "refused");
locked("an earlier run with our own number")({ pid: 100, host: "here", started: "1" }, "taken");
locked("nobody knows whom")("{half a li", "taken");

test("two brokers of one process do not share a folder", async () => {
  const disk = memoryDisk();
  await disk.makeFolder("/twice");
  const unlock = await lock(disk, "/twice", processes({}));
  await assert.rejects(lock(disk, "/twice", processes({})), LockedError);
  await unlock();
  await (await lock(disk, "/twice", processes({})))();
});

test("what is to be done from time to time is done by the clock, and not after the stop", async () => {
  const { store, clock } = await openStore({ disk: new SimulatedDisk(1) });
  const log = await logOf(store, { retentionMs: 1_000, segmentBytes: 80 });
  for (const value of ["1", "2", "3"]) await appended(log, batchOf([`k=${value}`]));
  clock.advance(300_000);
  while (log.startOffset < 3) await settled();
  assert.deepEqual(await readAll(log), []);
  await store.close();
  assert.equal(clock.armed, 0);
});
