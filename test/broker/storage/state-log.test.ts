import assert from "node:assert/strict";
import { test } from "node:test";
import { StateLog } from "../../../src/broker/storage/state-log.ts";
import { text, utf8 } from "../../../src/core/bytes.ts";
import { type Opened, openStore } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const ID = { name: "__state", id: "00000000-0000-0000-0000-00000000000a" };

const open = async (disk: SimulatedDisk): Promise<Opened & { readonly state: StateLog; readonly entries: Record<string, string> }> => {
  const opened = await openStore({ disk });
  const { state, entries } = await StateLog.open(opened.store, ID, () => opened.clock.now());
  return { ...opened, state, entries: Object.fromEntries([...entries].map(([key, value]) => [key, text(value)])) };
};

test("what was put and not taken out is there after a power cut", async () => {
  const disk = new SimulatedDisk(1);
  const { state, entries } = await open(disk);
  assert.deepEqual(entries, {});
  await state.put("a", utf8("1"));
  await Promise.all([state.put("b", utf8("1")), state.put("b", utf8("2")), state.delete("a"), state.put("c", utf8(""))]);
  await state.apply([
    { key: "d", value: utf8("4") },
    { key: "c", value: null },
  ]);
  await state.apply([]);
  assert.deepEqual((await open(disk.powerCut())).entries, { b: "2", d: "4" });
});

test("several changes are kept together or not at all", async () => {
  const disk = new SimulatedDisk(7);
  const { state } = await open(disk);
  await state.put("a", utf8("1"));
  disk.fault = (operation) => (operation === "write" ? "ENOSPC" : undefined);
  const both = [
    { key: "a", value: utf8("2") },
    { key: "b", value: utf8("2") },
  ];
  await assert.rejects(state.apply(both), { name: "KAFKA_STORAGE_ERROR" });
  assert.deepEqual((await open(disk.powerCut())).entries, { a: "1" });
});

test("the log is compacted in the background, and tells the same", async () => {
  const disk = new SimulatedDisk(1);
  const { state, store } = await open(disk);
  for (let at = 0; at < 50; at++) await state.put(`k${at % 5}`, utf8("x".repeat(100) + at));
  const [log] = [...store.logs()];
  const before = log!.bytes;
  await log!.steps.roll();
  await log!.steps.compact();
  assert.ok(log!.bytes < before / 5);
  const { entries } = await open(disk.powerCut());
  assert.deepEqual(Object.keys(entries).sort(), ["k0", "k1", "k2", "k3", "k4"]);
  assert.ok(entries["k4"]?.endsWith("49"));
});
