import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, fail, type Status } from "../../../src/core/status.ts";
import { INDEX_SLOTS_FIRST, SCAN_RECORDS_MAX } from "../../../src/kafka/log/limits.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { ReplyIndex } from "../../../src/kafka/log/reply-index.ts";
import { ReplyIndexes } from "../../../src/kafka/log/reply-indexes.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { History, recordOf, TOPIC } from "./history.ts";
import { id, indexScene, reached, turn } from "./index-scene.ts";

test("an index finds what was there before it and what comes, below what is asked for", async () => {
  const { history, log, makeIndex, write } = indexScene({ live: true, old: ["a", "b", "a", "c", "a"] });
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
  const { history, log, makeIndex, write } = indexScene();
  for (let count = 0; count < SCAN_RECORDS_MAX + 1; count++) write(0, "a");
  const index = makeIndex();
  await new Promise<void>((settle) => process.nextTick(settle));
  assert.ok(index.find("a", [1 << 30])!.length <= SCAN_RECORDS_MAX);
  await reached(index, log, history);
  assert.equal(index.find("a", [1 << 30])!.length, SCAN_RECORDS_MAX + 1);
});

test("an index waits for offsets without records too", async () => {
  const { history, log, turns } = indexScene();
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
  const { history, log, makeIndex, write, indexMemory } = indexScene({ indexBytesMax: INDEX_SLOTS_FIRST * 16 * 6 });
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
  const { history, log, makeIndex, write } = indexScene({ indexBytesMax: 1 });
  const index = makeIndex();
  for (let count = 0; count < 10; count++) write(0, "a");
  await reached(index, log, history);
  assert.deepEqual(index.find("a", [100]), []);
});

test("a log that begins anew ends its index and who waits for it, and the next one is another", async () => {
  const { log, turns, write } = indexScene();
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
