import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { Code, StatusError } from "../../../src/core/status.ts";
import { BATCH_RECORDS_MAX } from "../../../src/kafka/log/limits.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { History, recordOf, TOPIC } from "./history.ts";
import { Reading } from "./reading.ts";
import { correlated, id, scene } from "./scene.ts";

test("what is older than the log is read from Kafka, range by range, and then the tail exactly", () => {
  const { history, log, write } = scene({ partitions: 2, live: true });
  write(0, "a0", "a1");
  const reader = new Reading(log, { from: "earliest" }).drain();
  assert.deepEqual([reader.values, history.waiting], [[], 1]);
  write(1, "b0");
  while (history.answer()) reader.drain();
  assert.deepEqual(reader.values, ["old-0", "old-1", "a0", "a1", "b0"]);
  assert.deepEqual(
    reader.records.map(({ progress }) => [...progress]),
    [
      [1, -2],
      [1, 1],
      [2, 1],
      [3, 1],
      [3, 2],
    ],
  );
  write(0, "a2");
  const other = new Reading(log, { from: "latest" }).drain();
  write(0, "a3");
  assert.equal(reader.drain().batches.at(-1), other.drain().batches.at(-1));
});

test("a reader that lags behind what memory holds loses nothing and is given nothing twice", () => {
  const { history, memory, log, write } = scene({ bytesMax: 3_000 });
  const slow = new Reading(log, { from: "earliest" });
  const slowFiltered = new Reading(log, { from: "latest", filters: [{ key: utf8("k") }] });
  for (const reader of [slow, slowFiltered]) reader.step();
  for (let count = 0; count < 100; count++) write(0, recordOf(String(count), [], count % 2 ? "k" : "x"));
  assert.ok(memory.bytes <= 3_000 && memory.dropped > 50);
  for (const reader of [slow, slowFiltered])
    do reader.drain();
    while (history.answer());
  assert.deepEqual(
    slow.values,
    Array.from({ length: 100 }, (_, index) => String(index)),
  );
  assert.deepEqual(
    slowFiltered.values,
    slow.values.filter((value) => Number(value) % 2),
  );
});

test("a position before the earliest is OUT_OF_RANGE, by the log or by Kafka", () => {
  const history = new History(1);
  const log = new TopicLog({ topic: TOPIC, memory: new LogMemory(), ranges: history });
  log.open(0, { offset: 5, end: 5, earliest: true });
  assert.throws(
    () => new Reading(log, { from: new Map([[0, 4]]) }),
    (reason) => reason instanceof StatusError && reason.status.code === Code.OUT_OF_RANGE,
  );
  const { history: other, log: live } = scene({ live: true });
  other.write(0, [recordOf("x")]);
  other.begins[0] = 1;
  const reader = new Reading(live, { from: new Map([[0, 0]]) }).drain();
  other.answer();
  assert.equal(reader.status?.code, Code.OUT_OF_RANGE);
  assert.equal(live.readers, 0);
});

test("a reader that has read a part of one append, or of what was found for it, goes on there when it lags", () => {
  const { history, log, write } = scene({ bytesMax: 300_000 });
  const readers = [new Reading(log, { from: "earliest" }), new Reading(log, { from: "latest", correlated: correlated("a") })];
  readers[1]!.step();
  write(0, ...Array.from({ length: 600 }, (_, index) => recordOf(String(index), id("a"))));
  for (const reader of readers) reader.step();
  assert.deepEqual(
    readers.map(({ records }) => records.length),
    [BATCH_RECORDS_MAX, BATCH_RECORDS_MAX],
  );
  const first = log.first;
  for (let index = 600; index < 1_700; index++) write(0, recordOf(String(index), id("a")));
  assert.ok(log.first > first + 2);
  history.recordsMax = 100;
  for (const reader of readers) {
    do reader.drain();
    while (history.answer());
    assert.deepEqual(
      reader.values,
      Array.from({ length: 1_700 }, (_, index) => String(index)),
    );
  }
});
