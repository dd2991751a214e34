import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX, FOUND_MAX, SCAN_RECORDS_MAX } from "../../../src/kafka/log/limits.ts";
import { recordOf } from "./history.ts";
import { Reading } from "./reading.ts";
import { correlated, id, scene } from "./scene.ts";

test("readers at the tail share one batch", () => {
  const { log, write } = scene();
  const readers = Array.from({ length: 3 }, () => new Reading(log, { from: "latest" }).drain());
  write(0, "a", "b");
  for (const reader of readers) assert.equal(reader.drain().batches[0], readers[0]!.batches[0]);
  assert.deepEqual(readers[2]!.values, ["a", "b"]);
  assert.deepEqual(
    readers[2]!.records.map(({ progress }) => [...progress]),
    [[1], [2]],
  );
});

test("an append of many records is read in bounded batches", () => {
  const { log, write } = scene();
  const reader = new Reading(log, { from: "earliest" });
  write(0, ...Array.from({ length: 600 }, (_, index) => String(index)));
  write(0, "x".repeat(BATCH_BYTES_MAX), "y".repeat(BATCH_BYTES_MAX / 2 - 100), "z".repeat(BATCH_BYTES_MAX / 2 - 100));
  reader.drain();
  assert.deepEqual(
    reader.batches.map(({ length }) => length),
    [BATCH_RECORDS_MAX, BATCH_RECORDS_MAX, 600 - 2 * BATCH_RECORDS_MAX, 1, 2],
  );
});

test("a reader is woken when there is something after it had nothing, once", () => {
  const { log, write } = scene();
  const reader = new Reading(log, { from: "earliest" }).drain();
  write(0, "a");
  write(0, "b");
  assert.equal(reader.wakes, 1);
  reader.drain();
  write(0, "c");
  assert.equal(reader.wakes, 2);
});

test("a correlated reader is woken for its own records only, and looks at no others", () => {
  const { log, write } = scene();
  const mine = new Reading(log, { from: "latest", correlated: correlated("mine"), waits: true }).drain();
  const other = new Reading(log, { from: "latest", correlated: correlated("other") }).drain();
  write(0, recordOf("1", id("other")), recordOf("2", id("nobody")), recordOf("3", id("other")));
  assert.deepEqual([mine.wakes, other.wakes > 0], [0, true]);
  write(
    0,
    recordOf("4", id("mine")),
    recordOf("5", [
      ["id", "x"],
      ["id", "mine"],
    ]),
    recordOf("6", [["other", "mine"]]),
  );
  assert.deepEqual(mine.drain().values, ["4", "5"]);
  assert.deepEqual(
    mine.records.map(({ progress }) => progress[0]),
    [4, 5],
  );
  assert.deepEqual(other.drain().values, ["1", "3"]);
});

test("filters are OR-ed and their conditions AND-ed, whether found by a look-up or by a scan", () => {
  const { log, write } = scene();
  const filters = [{ key: utf8("k"), headers: [{ name: "a", value: utf8("1") }] }, { headers: [{ name: "b", value: utf8("2") }] }];
  const early = new Reading(log, { from: "earliest", filters }).drain();
  const records = [
    recordOf("0", [["a", "1"]], "k"),
    recordOf("1", [["a", "1"]], "x"),
    recordOf("2", [["a", "2"]], "k"),
    recordOf(
      "3",
      [
        ["b", "1"],
        ["b", "2"],
      ],
      "x",
    ),
    recordOf(
      "4",
      [
        ["a", "1"],
        ["b", "2"],
      ],
      "k",
    ),
    recordOf("5"),
  ];
  write(0, ...records);
  const late = new Reading(log, { from: "earliest", filters });
  for (const reader of [early, late]) {
    assert.deepEqual(reader.drain().values, ["0", "3", "4"]);
    assert.deepEqual(
      reader.records.map(({ progress }) => progress[0]),
      [1, 4, 5],
    );
  }
  const all = new Reading(log, { from: "earliest", filters: [{ key: utf8("none") }, {}] });
  assert.equal(all.drain().values.length, 6);
});

test("a reader of some partitions is given those", () => {
  const { log, write } = scene({ partitions: 2 });
  const some = new Reading(log, { from: "earliest", partitions: new Set([1]) }).drain();
  const found = new Reading(log, { from: "latest", partitions: new Set([1]), correlated: correlated("a") }).drain();
  assert.deepEqual([...some.cursor.start], [[1, 0]]);
  write(0, recordOf("0", id("a")));
  write(1, recordOf("1", id("a")));
  assert.deepEqual([some.drain().values, found.drain().values], [["1"], ["1"]]);
});

test("more finds than are remembered are scanned for, in order and once", () => {
  const { log, write } = scene({ partitions: 2 });
  const reader = new Reading(log, { from: "latest", correlated: correlated("a") });
  reader.step();
  const wanted: string[] = [];
  for (let count = 0; count < FOUND_MAX * 2; count++) {
    write(count % 2, recordOf(String(count), id("a")), recordOf("other", id("b")));
    wanted.push(String(count));
  }
  assert.deepEqual(reader.drain().values, wanted);
  write(0, recordOf("live", id("a")));
  assert.equal(reader.drain().values.at(-1), "live");
});

test("a long scan without a match lets others have a turn, and comes back by itself", () => {
  const { log, write } = scene();
  for (let count = 0; count < 3 * SCAN_RECORDS_MAX; count += 256) write(0, ...new Array<string>(256).fill("v"));
  write(0, recordOf("wanted", [], "k"));
  const reader = new Reading(log, { from: "earliest", filters: [{ key: utf8("k") }] });
  assert.equal(reader.step(), false);
  assert.ok(reader.woken);
  assert.deepEqual(reader.drain().values, ["wanted"]);
  assert.ok(reader.wakes >= 3);
});

test("a reader that is closed is heard and found no more, and cancels its range", () => {
  const { history, log, write } = scene({ live: true });
  const lagging = new Reading(log, { from: "earliest" }).drain();
  const waiting = new Reading(log, { from: "latest", correlated: correlated("a") }).drain();
  const tail = new Reading(log, { from: "latest" }).drain();
  for (const { cursor } of [lagging, waiting, tail]) cursor.close();
  assert.deepEqual([history.waiting, log.readers, log.listeners.empty], [0, 0, true]);
  history.answer();
  write(0, recordOf("v", id("a")));
  for (const reader of [lagging, waiting, tail]) assert.deepEqual([reader.drain().values, reader.status], [[], undefined]);
});
