import assert from "node:assert/strict";
import { test } from "node:test";
import { factsOf } from "../../../src/broker/storage/batch-facts.ts";
import type { LogConfig } from "../../../src/broker/storage/log-config.ts";
import { checkedFlip, type FlipWay } from "./damage.ts";
import { appended, batchOf, logOf, openStore, readAll } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const FLIPS = 25;

const check = (way: FlipWay, cleanup: LogConfig["cleanup"]): void => {
  const kind = cleanup.compact ? "compacted log" : "log";
  test(`${FLIPS} flipped bits in the files of a ${kind}: none unseen (${way})`, async () => {
    for (let seed = 1; seed <= FLIPS; seed++) await checkedFlip({ seed, way, config: { segmentBytes: 700, cleanup } });
  });
};

for (const way of ["stopped", "killed", "running"] as const) {
  check(way, { delete: true, compact: false });
  check(way, { delete: false, compact: true });
}

test("a log cut off at any byte of its last batch goes on from the batch before", async () => {
  const size = factsOf(batchOf(["d=4", "e=5"])).bytes;
  for (let left = 0; left < size; left++) {
    const disk = new SimulatedDisk(left);
    const first = await openStore({ disk });
    const log = await logOf(first.store);
    for (const records of [["a=1"], ["b=2", "c=3"], ["d=4", "e=5"]]) await appended(log, batchOf(records));
    const path = "/data/orders-0/00000000000000000000.log";
    const whole = disk.contentOf(path).length;
    const cut = disk.kill();
    cut.cutFile(path, whole - size + left);
    const { store, said } = await openStore({ disk: cut });
    const again = await logOf(store);
    assert.equal(again.endOffset, 3);
    assert.equal(await appended(again, batchOf(["f=6"])), 3);
    assert.deepEqual(await readAll(again), ["0:a=1", "1:b=2", "2:c=3", "3:f=6"]);
    const told = said.find(({ message }) => message.includes("cut off"));
    if (left === 0) assert.equal(told, undefined);
    else assert.deepEqual([told?.facts["file"], told?.facts["offset"], told?.facts["bytes"]], [path, 3, left]);
    await store.close();
  }
});

test("damage in the middle costs its own batch only, is told, and refused to readers", async () => {
  const disk = new SimulatedDisk(3);
  const first = await openStore({ disk });
  const log = await logOf(first.store);
  for (let at = 0; at < 60; at++) await appended(log, batchOf([`k=${at}`]));
  const killed = disk.kill();
  const size = factsOf(batchOf(["k=1"])).bytes;
  killed.flip("/data/orders-0/00000000000000000000.log", (3 * size + 66) * 8);
  const { store, said } = await openStore({ disk: killed, limits: { unsyncedBytes: 1_000 } });
  const again = await logOf(store);
  assert.equal(again.endOffset, 60);
  const told = said.filter(({ level }) => level === "error");
  assert.deepEqual(
    told.map(({ facts }) => [facts["offset"], facts["nextOffset"], facts["bytes"]]),
    [[3, 4, size]],
  );
  await assert.rejects(async () => again.read(3, { bytesMax: 1, isolation: "uncommitted" }), { name: "CORRUPT_MESSAGE" });
  const before = await again.read(0, { bytesMax: 10_000, isolation: "uncommitted" });
  assert.equal(before.batches.length, 3);
  const after = await again.read(4, { bytesMax: 100_000, isolation: "uncommitted" });
  assert.equal(after.batches.length, 56);
  await store.close();
});

test("sound batches behind a torn one are cut off too, and kept aside", async () => {
  const disk = new SimulatedDisk(3);
  const first = await openStore({ disk });
  const log = await logOf(first.store);
  for (let at = 0; at < 5; at++) await appended(log, batchOf([`k=${at}`]));
  const killed = disk.kill();
  const path = "/data/orders-0/00000000000000000000.log";
  const size = factsOf(batchOf(["k=1"])).bytes;
  const cut = killed.contentOf(path).slice(2 * size);
  cut[66]! ^= 1;
  killed.flip(path, (2 * size + 66) * 8);
  const { store, said } = await openStore({ disk: killed });
  assert.equal((await logOf(store)).endOffset, 2);
  const keptIn = said.find(({ message }) => message.includes("cut off"))?.facts["keptIn"];
  assert.equal(keptIn, `${path}.${2 * size}.cut`);
  assert.deepEqual(new Uint8Array(killed.contentOf(keptIn)), new Uint8Array(cut));
  await store.close();
});
