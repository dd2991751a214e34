import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { History, recordOf, TOPIC } from "./history.ts";
import { Reading } from "./reading.ts";
import { correlated, id, scene } from "./scene.ts";

test("a reader from the latest is given nothing of before, also while the log still loads what was before", () => {
  const { history, log, write } = scene();
  history.write(0, [recordOf("old"), recordOf("older")]);
  const loading = new TopicLog({ topic: TOPIC, memory: new LogMemory(), ranges: history });
  loading.open(0, { offset: 0, end: 2, earliest: true });
  const readers = [{}, { correlated: correlated("a") }].map((query) => new Reading(loading, { from: "latest", ...query }).drain());
  assert.deepEqual([...readers[0]!.cursor.start], [[0, 2]]);
  const rest = new History(1).write(0, [recordOf("old", id("a")), recordOf("older", id("a")), recordOf("new", id("a"))]);
  loading.append(0, rest.records.slice(0, 1), 1);
  for (const reader of readers) reader.drain();
  loading.append(0, rest.records.slice(1), 3);
  for (const reader of readers) {
    assert.deepEqual(reader.drain().values, ["new"]);
    assert.deepEqual(
      reader.records.map(({ progress }) => [...progress]),
      [[3]],
    );
  }
  assert.equal(log.readers, 0);
  write(0, "unused");
});

test("positions: by partition, earliest as -2, latest as -1, others by the entry -1 or the earliest", () => {
  const { log, write } = scene({ partitions: 2 });
  write(0, "a0", "a1", "a2");
  write(1, "b0", "b1");
  const from = (position: readonly (readonly [number, number])[], wanted: string[], start: number[]): void => {
    const reader = new Reading(log, { from: new Map(position) }).drain();
    assert.deepEqual(reader.values, wanted);
    assert.deepEqual([...reader.cursor.start.values()], start);
    reader.cursor.close();
  };
  from(
    [
      [0, 1],
      [1, 1],
    ],
    ["a1", "a2", "b1"],
    [1, 1],
  );
  from(
    [
      [0, -2],
      [1, -1],
    ],
    ["a0", "a1", "a2"],
    [0, 2],
  );
  from([[0, 2]], ["a2", "b0", "b1"], [2, 0]);
  from(
    [
      [0, 2],
      [-1, -1],
    ],
    ["a2"],
    [2, 2],
  );
  from([[-1, 1]], ["a1", "a2", "b1"], [1, 1]);
});

test("progress of a reader from a position keeps what it sent until a partition has passed it", () => {
  const { log, write } = scene({ partitions: 2 });
  write(0, "a0", "a1");
  write(1, "b0", "b1");
  const reader = new Reading(log, {
    from: new Map([
      [0, 1],
      [1, 2],
    ]),
  }).drain();
  assert.deepEqual(
    reader.records.map(({ progress }) => [...progress]),
    [[2, 2]],
  );
  write(0, "a2");
  const other = new Reading(log, { from: "latest" }).drain();
  write(1, "b2");
  assert.equal(reader.drain().batches.at(-1), other.drain().batches.at(-1), "shared again");
});

test("a position beyond what the log has reached is waited for", () => {
  const { log, write } = scene();
  const reader = new Reading(log, { from: new Map([[0, 2]]) }).drain();
  write(0, "a0", "a1");
  write(0, "a2");
  assert.deepEqual(reader.drain().values, ["a2"]);
});

test("progress does not go back where the log moved on without records", () => {
  const { log, write } = scene({ partitions: 2 });
  const reader = new Reading(log, { from: new Map([[0, 2]]), filters: [{ key: utf8("k") }] }).drain();
  log.append(0, [], 5);
  write(1, recordOf("a", [], "k"));
  assert.deepEqual([...reader.drain().records[0]!.progress], [5, 1]);
});
