// What readers behind the tail share of what they read from Kafka.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "../../../src/core/status.ts";
import { RANGE_FETCHES_MAX } from "../../../src/kafka/log/limits.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { History, recordOf, TOPIC } from "./history.ts";
import { Reading } from "./reading.ts";

const values = (from: number, below: number): string[] => Array.from({ length: below - from }, (_, at) => `v${from + at}`);

/** So many records in Kafka of one partition, none of them in memory. */
const backlog = (count: number, rangeBytesMax = 1 << 20) => {
  const history = new History(1);
  history.write(
    0,
    values(0, count).map((value) => recordOf(value)),
  );
  const rangeMemory = new LogMemory(rangeBytesMax);
  const log = new TopicLog({ topic: TOPIC, memory: new LogMemory(), rangeMemory, ranges: history });
  log.open(0, { offset: count, end: count, earliest: false });
  return { history, log, rangeMemory };
};
const from = (offset: number): Map<number, number> => new Map([[0, offset]]);
const readAll = (history: History, readers: readonly Reading[]): void => {
  do for (const reader of readers) reader.drain();
  while (history.answer());
};

test("a range is read once for readers that are near each other, and once for one that comes later", () => {
  const { history, log } = backlog(60);
  history.recordsMax = 20;
  const readers = [new Reading(log, { from: from(0) }), new Reading(log, { from: from(5) }), new Reading(log, { from: from(0) })];
  readAll(history, readers);
  assert.deepEqual(
    readers.map((reader) => reader.values),
    [values(0, 60), values(5, 60), values(0, 60)],
  );
  assert.equal(history.reads, 3);
  const late = new Reading(log, { from: from(30) }).drain();
  assert.deepEqual([late.values, history.reads], [values(30, 60), 3]);
});

test("what is kept stays under its limit, and what went because of it is read again", () => {
  const { history, log, rangeMemory } = backlog(300, 4_000);
  history.recordsMax = 50;
  const [quick, slow] = [new Reading(log, { from: from(0) }), new Reading(log, { from: from(0) })];
  slow.step();
  readAll(history, [quick]);
  assert.deepEqual(quick.values, values(0, 300));
  assert.ok(rangeMemory.bytes <= 4_000 && rangeMemory.dropped > 2);
  const { reads } = history;
  readAll(history, [slow]);
  assert.deepEqual(slow.values, values(0, 300));
  assert.ok(history.reads > reads);
});

test("however many readers lag, only so many ranges are on their way at once", () => {
  const { history, log } = backlog(100_000);
  const readers = Array.from({ length: 40 }, (_, at) => new Reading(log, { from: from(at * 2_000) }));
  for (const reader of readers) reader.step();
  assert.equal(history.waiting, RANGE_FETCHES_MAX);
  readers[0]!.cursor.close();
  assert.equal(history.waiting, RANGE_FETCHES_MAX, "the next one takes its place");
  for (const reader of readers.slice(1)) reader.cursor.close();
  assert.equal(history.waiting, 0);
});

test("a reader that leaves takes nothing from those that wait for the same range", () => {
  const { history, log } = backlog(10);
  const [first, second] = [new Reading(log, { from: from(0) }), new Reading(log, { from: from(0) })];
  for (const reader of [first, second]) reader.step();
  first.cursor.close();
  readAll(history, [second]);
  assert.deepEqual(second.values, values(0, 10));
});

test("a position that Kafka no longer has ends the reader that asked for it, not one that waited with it", () => {
  const { history, log } = backlog(10);
  const [gone, there] = [new Reading(log, { from: from(2) }), new Reading(log, { from: from(6) })];
  for (const reader of [gone, there]) reader.step();
  assert.equal(history.waiting, 1);
  history.begins[0] = 5;
  readAll(history, [there]);
  assert.equal(gone.status?.code, Code.OUT_OF_RANGE);
  assert.deepEqual([there.values, there.status], [values(6, 10), undefined]);
});
