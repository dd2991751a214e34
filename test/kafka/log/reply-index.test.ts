import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import { Code, fail, type Status } from "../../../src/core/status.ts";
import { hash64 } from "../../../src/kafka/log/hash64.ts";
import { IndexSegment, type RecordPlace } from "../../../src/kafka/log/index-segment.ts";
import { INDEX_FINDS_MAX, INDEX_SLOTS_FIRST, RECALL_SPAN, SCAN_RECORDS_MAX } from "../../../src/kafka/log/limits.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { matcherOf } from "../../../src/kafka/log/matcher.ts";
import { Recall } from "../../../src/kafka/log/recall.ts";
import { ReplyIndex } from "../../../src/kafka/log/reply-index.ts";
import { ReplyIndexes } from "../../../src/kafka/log/reply-indexes.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { Turns } from "../../../src/kafka/log/turns.ts";
import { History, recordOf, TOPIC } from "./history.ts";

const turn = (): Promise<void> => new Promise((settle) => setImmediate(settle));
const id = (value: string): readonly [string, string][] => [["id", value]];

test("a hash is the same for the same text, and different for others", () => {
  const seen = new Map<string, string>();
  for (let index = 0; index < 20_000; index++) {
    const text = `59410e57-3e0f-4b61-9328-f645a7968ac8-${index}`;
    const hash = hash64(text);
    assert.deepEqual(hash64(text), hash);
    assert.equal(seen.get(String(hash)), undefined);
    seen.set(String(hash), text);
  }
  const low = new Set([...seen.keys()].map((hash) => Number(hash.split(",")[0]) % 4_096));
  assert.ok(low.size > 4_000, "the low bits are spread");
});

test("a segment finds what was added, in its order, up to its fill", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(3), fc.nat(0xffff), fc.nat(2 ** 48 - 1)), { maxLength: 56 }), (added) => {
      const segment = new IndexSegment(64);
      for (const [low, high, partition, offset] of added) {
        assert.ok(!segment.full);
        segment.add([low, high + 1], { partition, offset });
      }
      for (let low = 0; low <= 5; low++)
        for (let high = 0; high <= 3; high++) {
          const found: RecordPlace[] = [];
          segment.find([low, high + 1], (place) => found.push(place));
          assert.deepEqual(
            found,
            added.filter((one) => one[0] === low && one[1] === high).map(([, , partition, offset]) => ({ partition, offset })),
          );
        }
      assert.equal(segment.full, added.length >= 56);
    }),
    { numRuns: 100 },
  );
});

const scene = ({ bytesMax = 1 << 24, indexBytesMax = 1 << 24, live = false, partitions = 1, old = [] as readonly string[] } = {}) => {
  const history = new History(partitions);
  const memory = new LogMemory(bytesMax);
  const log = new TopicLog({ topic: TOPIC, memory, ranges: history });
  const turns = new Turns();
  history.write(
    0,
    old.map((value, index) => recordOf(`old-${index}`, id(value))),
  );
  for (const [partition, { length }] of history.partitions.entries())
    log.open(partition, { offset: length, end: length, earliest: !live && length === 0 });
  const indexMemory = new LogMemory(indexBytesMax);
  const makeIndex = (): ReplyIndex => new ReplyIndex({ log, header: "id", memory: indexMemory, turns });
  const write = (partition: number, value: string, name = "id"): void => {
    const { records, next } = history.write(partition, [recordOf(`${value}@${history.partitions[partition]!.length}`, [[name, value]])]);
    log.append(partition, records, next);
  };
  return { history, log, turns, indexMemory, makeIndex, write };
};

/** Settles when the index has come to the log's end, with what went wrong if anything did. */
const reached = (index: ReplyIndex, log: TopicLog, history: History): Promise<Status | undefined> =>
  new Promise((settle) => {
    let over = false;
    const done = (status?: Status): void => {
      over = true;
      settle(status);
    };
    index.whenReached(log.ends(), { reached: () => done(), failed: done });
    const answer = (): void => {
      history.answer();
      if (!over) setImmediate(answer);
    };
    answer();
  });

test("an index finds what was there before it and what comes, below what is asked for", async () => {
  const { history, log, makeIndex, write } = scene({ live: true, old: ["a", "b", "a", "c", "a"] });
  history.recordsMax = 2;
  write(0, "a");
  const index = makeIndex();
  assert.equal(await reached(index, log, history), undefined);
  write(0, "a");
  write(0, "b");
  await reached(index, log, history);
  const offsets = (value: string, below: number): number[] => index.find(value, [below])!.map(({ offset }) => offset);
  assert.deepEqual(offsets("a", 100), [0, 2, 4, 5, 6]);
  assert.deepEqual(offsets("a", 5), [0, 2, 4]);
  assert.deepEqual(offsets("b", 100), [1, 7]);
  assert.deepEqual(offsets("none", 100), []);
});

test("an index that has to read much lets others have turns", async () => {
  const { history, log, makeIndex, write } = scene();
  for (let count = 0; count < SCAN_RECORDS_MAX + 1; count++) write(0, "a");
  const index = makeIndex();
  await new Promise<void>((settle) => process.nextTick(settle));
  assert.ok(index.find("a", [1 << 30])!.length <= SCAN_RECORDS_MAX);
  await reached(index, log, history);
  assert.equal(index.find("a", [1 << 30])!.length, SCAN_RECORDS_MAX + 1);
});

test("an index waits for offsets without records too", async () => {
  const { history, log, turns } = scene();
  const loading = new TopicLog({ topic: TOPIC, memory: new LogMemory(), ranges: history });
  loading.open(0, { offset: 0, end: 2, earliest: true });
  const index = new ReplyIndex({ log: loading, header: "id", memory: new LogMemory(), turns });
  const done = reached(index, loading, history);
  let settled = false;
  done.then(() => {
    settled = true;
  });
  loading.append(0, new History(1).write(0, [recordOf("v", id("a"))]).records, 1);
  await turn();
  await turn();
  assert.equal(settled, false);
  loading.append(0, [], 2);
  await done;
  assert.equal(log.readers, 0);
});

test("past its limit an index forgets the oldest, whole segments at a time, and counts them", async () => {
  const { history, log, makeIndex, write, indexMemory } = scene({ indexBytesMax: INDEX_SLOTS_FIRST * 16 * 6 });
  const index = makeIndex();
  for (let count = 0; count < 6_000; count++) write(0, `v${count}`);
  await reached(index, log, history);
  assert.ok(index.dropped > 0 && indexMemory.bytes <= indexMemory.bytesMax);
  assert.deepEqual(index.find("v0", [1 << 30]), []);
  assert.equal(index.find("v5999", [1 << 30])!.length, 1);
  index.close(fail("UNAVAILABLE", "closed").status);
  assert.deepEqual([indexMemory.bytes, log.readers], [0, 0]);
});

test("an index without room finds nothing, and does not hang", async () => {
  const { history, log, makeIndex, write } = scene({ indexBytesMax: 1 });
  const index = makeIndex();
  for (let count = 0; count < 10; count++) write(0, "a");
  await reached(index, log, history);
  assert.deepEqual(index.find("a", [100]), []);
});

test("a log that begins anew ends its index and who waits for it, and the next one is another", async () => {
  const { log, turns, write } = scene();
  const indexes = new ReplyIndexes(turns);
  write(0, "a");
  const index = indexes.of(log, "id");
  assert.equal(indexes.of(log, "id"), index);
  assert.notEqual(indexes.of(log, "other"), index);
  const failed = new Promise<Status>((settle) => index.whenReached([99], { reached: () => assert.fail(), failed: settle }));
  log.restart(0, { offset: 0, end: 0, earliest: true }, fail("UNAVAILABLE", "truncated").status);
  assert.equal((await failed).code, Code.UNAVAILABLE);
  assert.ok(index.over);
  assert.notEqual(indexes.of(log, "id"), index);
  indexes.forget(log);
  assert.deepEqual([log.readers, indexes.bytes], [0, 0]);
});

/** Recalls a value, reading whenever it is woken, with Kafka answering. */
class Recalling {
  readonly values: string[] = [];
  status: Status | undefined;
  readonly recall: Recall;
  #woken = false;

  wakes = 0;

  constructor(
    log: TopicLog,
    index: ReplyIndex,
    value: string,
    { wanted = value, partitions }: { wanted?: string; partitions?: ReadonlySet<number> } = {},
  ) {
    const matcher = matcherOf({ filters: [], correlated: { name: "id", value: utf8(wanted) } })!;
    this.recall = new Recall({ log, index, value, matcher, partitions }, this);
  }
  wake(): void {
    this.wakes++;
    this.#woken = true;
  }
  ended(status: Status): void {
    this.status = status;
  }
  async until(holds: () => boolean, history?: History): Promise<this> {
    while (!holds()) {
      if (this.#woken) {
        this.#woken = false;
        for (let batch = this.recall.read(); batch; batch = this.recall.read())
          for (const { value } of batch) this.values.push(Buffer.from(value!).toString());
      } else if (!history?.answer()) await turn();
    }
    return this;
  }
}

test("a recall gives what was there already, from memory and from Kafka, then what comes", async () => {
  const { history, log, makeIndex, write } = scene({ live: true, old: ["a", "b", "a", "c"] });
  history.recordsMax = 10;
  write(0, "b");
  write(0, "a");
  const recalling = new Recalling(log, makeIndex(), "a");
  write(0, "a");
  await recalling.until(() => recalling.values.length === 4, history);
  write(0, "b");
  write(0, "a");
  await recalling.until(() => recalling.values.length === 5, history);
  assert.deepEqual(recalling.values, ["old-0", "old-2", "a@5", "a@6", "a@8"]);
  assert.deepEqual([...recalling.recall.start!], [[0, 6]]);
  recalling.recall.close();
  assert.equal(log.readers, 1, "the index reads on");
});

test("where it began is not told before the index has come so far", async () => {
  const { history, log, makeIndex } = scene({ live: true, old: ["a"] });
  const recalling = new Recalling(log, makeIndex(), "a");
  await turn();
  await turn();
  assert.equal(recalling.recall.start, undefined);
  await recalling.until(() => recalling.values.length === 1, history);
  assert.deepEqual([...recalling.recall.start!], [[0, 1]]);
  recalling.recall.close();
});

test("places far apart are read apart, and each record once", async () => {
  const { history, log, makeIndex, write } = scene({ bytesMax: 1, partitions: 2 });
  history.recordsMax = RECALL_SPAN * 2;
  const wanted: string[] = [];
  for (let count = 0; count < RECALL_SPAN * 2; count++) {
    if (count % 1_500 === 7) wanted.push(`a@${count}`);
    write(0, count % 1_500 === 7 ? "a" : "b");
  }
  write(1, "a");
  const recalling = new Recalling(log, makeIndex(), "a");
  await recalling.until(() => recalling.values.length === wanted.length + 1, history);
  assert.deepEqual(recalling.values, [...wanted, "a@0"]);
  assert.ok(history.wanted.slice(-3).every(({ from, below }) => below - from <= RECALL_SPAN));
  recalling.recall.close();
});

test("what was deleted since is no reply any more, what was not is", async () => {
  const { history, log, makeIndex, write } = scene({ bytesMax: 1 });
  for (const value of ["a", "b", "a", "a"]) write(0, value);
  const index = makeIndex();
  await reached(index, log, history);
  history.begins[0] = 3;
  const recalling = new Recalling(log, index, "a");
  await recalling.until(() => recalling.values.length === 1, history);
  assert.deepEqual(recalling.values, ["a@3"]);
  history.begins[0] = 4;
  const none = new Recalling(log, index, "a");
  write(0, "a");
  await none.until(() => none.values.length === 1, history);
  assert.deepEqual(none.values, ["a@4"]);
});

test("a value that very many records have is looked for by a scan", async () => {
  const { history, log, makeIndex, write } = scene();
  for (let count = 0; count <= INDEX_FINDS_MAX; count++) write(0, "a");
  const index = makeIndex();
  await reached(index, log, history);
  assert.equal(index.find("a", [1 << 30]), undefined);
  const recalling = new Recalling(log, index, "a");
  await recalling.until(() => recalling.values.length === INDEX_FINDS_MAX + 1, history);
  write(0, "a");
  await recalling.until(() => recalling.values.length === INDEX_FINDS_MAX + 2, history);
  assert.equal(new Set(recalling.values).size, INDEX_FINDS_MAX + 2);
});

test("a recall ends with its log, and leaves nothing when it is closed", async () => {
  const { history, log, makeIndex } = scene({ live: true, old: ["a"] });
  const index = makeIndex();
  const closed = new Recalling(log, index, "a");
  closed.recall.close();
  const ended = new Recalling(log, index, "a");
  await turn();
  log.close();
  assert.deepEqual([closed.status, ended.status?.code, log.readers, history.waiting], [undefined, Code.UNAVAILABLE, 0, 0]);
});

test("a place whose record has another value is passed over, in memory and in Kafka", async () => {
  for (const bytesMax of [1, 1 << 24]) {
    const { history, log, makeIndex } = scene({ bytesMax });
    const { records, next } = history.write(0, [
      recordOf("0", id("a")),
      recordOf("1", [...id("a"), ...id("b")]),
      recordOf("2", [...id("a"), ...id("b"), ...id("a")]),
    ]);
    log.append(0, records, next);
    // As if "a" and "b" had the same hash.
    const recalling = new Recalling(log, makeIndex(), "a", { wanted: "b" });
    log.append(0, history.write(0, [recordOf("3", id("b"))]).records, 4);
    await recalling.until(() => recalling.values.length >= 3, history);
    assert.deepEqual(recalling.values, ["1", "2", "3"]);
  }
});

test("a recall of some partitions finds what is in them", async () => {
  const { history, log, makeIndex, write } = scene({ partitions: 2 });
  for (const partition of [0, 1, 0, 1]) write(partition, "a");
  const recalling = new Recalling(log, makeIndex(), "a", { partitions: new Set([1]) });
  write(0, "a");
  write(1, "a");
  await recalling.until(() => recalling.values.length === 3, history);
  assert.deepEqual(recalling.values, ["a@0", "a@1", "a@2"]);
  assert.deepEqual([...recalling.recall.start!], [[1, 2]]);
});

test("a recall listens from the start, and one that was closed is not heard of again", async () => {
  const { history, log, makeIndex, write } = scene({ bytesMax: 1 });
  write(0, "a");
  const index = makeIndex();
  const recalling = new Recalling(log, index, "a");
  assert.ok(!log.listeners.empty);
  const early = new Recalling(log, index, "a");
  early.recall.close();
  await reached(index, log, history);
  assert.equal(early.wakes, 0);
  recalling.recall.read();
  assert.equal(history.waiting, 1);
  recalling.recall.close();
  assert.deepEqual([history.waiting, log.listeners.empty], [0, true]);
});
