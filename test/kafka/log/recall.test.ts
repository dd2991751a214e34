import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { Code, type Status } from "../../../src/core/status.ts";
import { INDEX_FINDS_MAX, RECALL_SPAN } from "../../../src/kafka/log/limits.ts";
import { matcherOf } from "../../../src/kafka/log/matcher.ts";
import { Recall } from "../../../src/kafka/log/recall.ts";
import type { ReplyIndex } from "../../../src/kafka/log/reply-index.ts";
import type { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { type History, recordOf } from "./history.ts";
import { id, indexScene, reached, turn } from "./index-scene.ts";

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
  const { history, log, makeIndex, write } = indexScene({ live: true, old: ["a", "b", "a", "c"] });
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
  const { history, log, makeIndex } = indexScene({ live: true, old: ["a"] });
  const recalling = new Recalling(log, makeIndex(), "a");
  await turn();
  await turn();
  assert.equal(recalling.recall.start, undefined);
  await recalling.until(() => recalling.values.length === 1, history);
  assert.deepEqual([...recalling.recall.start!], [[0, 1]]);
  recalling.recall.close();
});

test("places far apart are read apart, and each record once", async () => {
  const { history, log, makeIndex, write } = indexScene({ bytesMax: 1, partitions: 2 });
  history.recordsMax = RECALL_SPAN * 2;
  const wanted: string[] = [];
  for (let count = 0; count < RECALL_SPAN * 2; count++) {
    if (count % 1_500 === 7) wanted.push(`a@${count}`);
    write(0, count % 1_500 === 7 ? "a" : "b");
  }
  write(1, "a");
  const recalling = new Recalling(log, makeIndex(), "a");
  await recalling.until(() => recalling.values.length === wanted.length + 1, history);
  // Nothing is in memory, so nobody knows any more which partition's came first.
  assert.deepEqual(
    recalling.values.filter((value) => value !== "a@0"),
    wanted,
  );
  assert.ok(recalling.values.includes("a@0"));
  assert.ok(history.wanted.slice(-3).every(({ from, below }) => below - from <= RECALL_SPAN));
  recalling.recall.close();
});

test("what was deleted since is no reply any more, what was not is", async () => {
  const { history, log, makeIndex, write } = indexScene({ bytesMax: 1 });
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
  const { history, log, makeIndex, write } = indexScene();
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
  const { history, log, makeIndex } = indexScene({ live: true, old: ["a"] });
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
    const { history, log, makeIndex } = indexScene({ bytesMax });
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
  const { history, log, makeIndex, write } = indexScene({ partitions: 2 });
  for (const partition of [0, 1, 0, 1]) write(partition, "a");
  const recalling = new Recalling(log, makeIndex(), "a", { partitions: new Set([1]) });
  write(0, "a");
  write(1, "a");
  await recalling.until(() => recalling.values.length === 3, history);
  assert.deepEqual(recalling.values, ["a@0", "a@1", "a@2"]);
  assert.deepEqual([...recalling.recall.start!], [[1, 2]]);
});

test("a recall listens from the start, and one that was closed is not heard of again", async () => {
  const { history, log, makeIndex, write } = indexScene({ bytesMax: 1 });
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
