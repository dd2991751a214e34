import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { Code, fail, StatusError } from "../../../src/core/status.ts";
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX, FOUND_MAX, SCAN_RECORDS_MAX } from "../../../src/kafka/log/limits.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import type { ProducedRecord } from "../../../src/ports/kafka.ts";
import { History, recordOf, TOPIC } from "./history.ts";
import { Reading } from "./reading.ts";

interface Scene {
  readonly history: History;
  readonly memory: LogMemory;
  readonly log: TopicLog;
  write(partition: number, ...records: (ProducedRecord | string | undefined)[]): void;
}

/** A log of partitions that were read from their beginning, which is the earliest there is unless `live`. */
const scene = ({ partitions = 1, bytesMax = 1 << 24, live = false } = {}): Scene => {
  const history = new History(partitions);
  const memory = new LogMemory(bytesMax);
  const log = new TopicLog({ topic: TOPIC, memory, ranges: history });
  const open = (): void => {
    for (const [partition, records] of history.partitions.entries())
      log.open(partition, { offset: records.length, end: records.length, earliest: !live });
  };
  if (live) for (const partition of history.partitions.keys()) history.write(partition, [recordOf(`old-${partition}`)]);
  open();
  return {
    history,
    memory,
    log,
    write(partition, ...records) {
      const { records: fetched, next } = history.write(
        partition,
        records.map((record) => (typeof record === "string" ? recordOf(record) : record)),
      );
      log.append(partition, fetched, next);
    },
  };
};

const id = (value: string): readonly [string, string][] => [["id", value]];
const correlated = (value: string) => ({ name: "id", value: utf8(value) });

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

test("progress does not go back where the log moved on without records", () => {
  const { log, write } = scene({ partitions: 2 });
  const reader = new Reading(log, { from: new Map([[0, 2]]), filters: [{ key: utf8("k") }] }).drain();
  log.append(0, [], 5);
  write(1, recordOf("a", [], "k"));
  assert.deepEqual([...reader.drain().records[0]!.progress], [5, 1]);
});
