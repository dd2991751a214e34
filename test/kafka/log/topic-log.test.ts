import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, fail } from "../../../src/core/status.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { History, recordOf, TOPIC } from "./history.ts";
import { Reading } from "./reading.ts";
import { correlated, id, scene } from "./scene.ts";

test("the order over partitions is that of arrival, and progress follows it", () => {
  const { log, write } = scene({ partitions: 3 });
  const reader = new Reading(log, { from: "earliest" });
  write(2, "a");
  write(0, "b", "c");
  write(2, "d");
  reader.drain();
  assert.deepEqual(reader.values, ["a", "b", "c", "d"]);
  assert.deepEqual(
    reader.records.map(({ progress }) => [...progress]),
    [
      [0, 0, 1],
      [1, 0, 1],
      [2, 0, 1],
      [2, 0, 2],
    ],
  );
});

test("what a fetch brings twice is appended once, and offsets without records move the place", () => {
  const { history, log, write } = scene();
  const reader = new Reading(log, { from: "earliest" });
  write(0, "a", "b");
  const again = new History(1).write(
    0,
    ["a", "b", "c"].map((value) => recordOf(value)),
  );
  history.write(0, [recordOf("c"), undefined]);
  log.append(0, again.records, 4);
  write(0, "d");
  reader.drain();
  assert.deepEqual(reader.values, ["a", "b", "c", "d"]);
  assert.deepEqual(
    reader.records.map(({ progress }) => progress[0]),
    [1, 2, 3, 5],
  );
});

test("the memory is shared by all logs, and the oldest chunk of all goes first", () => {
  const memory = new LogMemory(3_000);
  const history = new History(1);
  const logs = [0, 1].map(() => new TopicLog({ topic: TOPIC, memory, ranges: history }));
  for (const log of logs) log.open(0, { offset: 0, end: 0, earliest: true });
  const append = (log: TopicLog, count: number): void => {
    for (let index = 0; index < count; index++) {
      const at = nextOffset.get(log) ?? 0;
      log.append(0, new History(1).write(0, [...new Array(at).fill(undefined), recordOf("v")]).records, at + 1);
      nextOffset.set(log, at + 1);
    }
  };
  const nextOffset = new Map<TopicLog, number>();
  append(logs[0]!, 3);
  append(logs[1]!, 100);
  assert.equal(logs[0]!.first, 3);
  assert.ok(memory.bytes <= 3_000);
  logs[1]!.close();
  assert.equal(memory.bytes, 0);
  for (let count = 0; count < 5_000; count++) {
    const log = new TopicLog({ topic: TOPIC, memory, ranges: history });
    log.open(0, { offset: 0, end: 0, earliest: true });
    append(log, 1);
    log.close();
  }
  assert.equal(memory.bytes, 0);
});

test("a partition that is added is read by those who read all", () => {
  const history = new History(2);
  const log = new TopicLog({ topic: TOPIC, memory: new LogMemory(), ranges: history });
  log.open(0, { offset: 0, end: 0, earliest: true });
  const readers = [new Reading(log, { from: "latest" }).drain(), new Reading(log, { from: "latest", correlated: correlated("a") }).drain()];
  const chosen = new Reading(log, { from: "latest", partitions: new Set([0]) }).drain();
  log.open(1, { offset: 0, end: 1, earliest: true });
  log.append(1, history.write(1, [recordOf("v", id("a"))]).records, 1);
  for (const reader of readers) {
    assert.deepEqual(reader.drain().values, ["v"]);
    assert.deepEqual([...reader.records[0]!.progress], [0, 1]);
  }
  assert.deepEqual(chosen.drain().values, []);
});

test("records deleted unread end those who wait for certain ones, and the others go on", () => {
  const { log, write, history } = scene();
  write(0, "a");
  const waiting = new Reading(log, { from: "latest", correlated: correlated("a"), waits: true }).drain();
  const reader = new Reading(log, { from: "earliest" }).drain();
  const status = fail("UNAVAILABLE", "replies may have been deleted unread").status;
  history.write(0, [undefined, undefined]);
  log.restart(0, { offset: 3, end: 3, earliest: true }, status);
  assert.equal(waiting.status, status);
  write(0, "b");
  assert.deepEqual(reader.drain().values, ["a", "b"]);
  assert.equal(log.readers, 1);
});

test("a log that was truncated ends all its readers and begins anew", () => {
  const { log, write, memory, history } = scene();
  write(0, "a", "b", "c");
  const readers = [new Reading(log, { from: "earliest" }), new Reading(log, { from: "latest", correlated: correlated("a"), waits: true })];
  for (const reader of readers) reader.drain();
  log.restart(0, { offset: 1, end: 1, earliest: true }, fail("UNAVAILABLE", "truncated").status);
  assert.deepEqual(
    readers.map(({ status }) => status?.code),
    [Code.UNAVAILABLE, Code.UNAVAILABLE],
  );
  assert.equal(memory.bytes, 0);
  history.partitions[0]!.length = 1;
  const anew = new Reading(log, { from: "latest" }).drain();
  write(0, "B");
  assert.deepEqual(anew.drain().values, ["B"]);
  assert.deepEqual([...anew.records[0]!.progress], [2]);
});

test("a closed log ends its readers", () => {
  const { log, memory, write } = scene();
  write(0, "a");
  const reader = new Reading(log, { from: "earliest" }).drain();
  log.close();
  assert.deepEqual([reader.status?.code, memory.bytes, log.readers], [Code.UNAVAILABLE, 0, 0]);
});

test("a record in memory is found by its place", () => {
  const { log, write } = scene({ partitions: 2 });
  write(0, "a0", "a1");
  write(1, "b0");
  write(0, undefined, "a3");
  assert.equal(Buffer.from(log.recordAt(0, 1)!.value!).toString(), "a1");
  assert.equal(Buffer.from(log.recordAt(0, 3)!.value!).toString(), "a3");
  assert.deepEqual([log.recordAt(0, 2), log.recordAt(1, 5), log.recordAt(0, 9)], [undefined, undefined, undefined]);
});
