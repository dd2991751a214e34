// How long a Produce waits until its records are durable.
import assert from "node:assert/strict";
import { test } from "node:test";
import { produce } from "../../../src/broker/00-produce.ts";
import { OPEN_ACCESS } from "../../../src/broker/access.ts";
import type { RequestContext } from "../../../src/broker/api.ts";
import { patienceOf, SYNC_MS_ALLOWED } from "../../../src/broker/produce/patience.ts";
import type { Disk, DiskFile } from "../../../src/broker/storage/disk.ts";
import { memoryDisk } from "../../../src/broker/storage/memory-disk.ts";
import { Topic } from "../../../src/broker/topics/topic.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { UUID_ZERO } from "../../../src/kafka/wire/type.ts";
import { ManualClock } from "../../kit/clock.ts";
import { fakeClient } from "../asking.ts";
import { batchOf, logOf, openStore, TOPIC_ID } from "../storage/kit.ts";

test("what is durable in time is told so, and the timer is taken back", async () => {
  const clock = new ManualClock();
  const patience = patienceOf(clock, 30_000);
  assert.equal(await patience.wait(Promise.resolve()), "durable");
  assert.equal(clock.armed, 1);
  patience.end();
  assert.equal(clock.armed, 0);
});

test("what fails is told as it failed", async () => {
  const patience = patienceOf(new ManualClock(), 30_000);
  await assert.rejects(patience.wait(Promise.reject(new Error("no space"))), /no space/);
});

test("a client waits as long as it says, and no shorter than a sync may take", async () => {
  for (const [timeoutMs, waitedMs] of [
    [30_000, 30_000],
    [0, SYNC_MS_ALLOWED],
    [-1, SYNC_MS_ALLOWED],
  ] as const) {
    const clock = new ManualClock();
    const waiting = patienceOf(clock, timeoutMs).wait(new Promise(() => {}));
    clock.advance(waitedMs - 1);
    assert.equal(clock.armed, 1);
    clock.advance(1);
    assert.equal(await waiting, "late");
  }
});

/** A disk that writes records when it is let. */
const waiting = (until: Promise<void>): Disk => {
  const disk = memoryDisk();
  return {
    ...disk,
    async open(path, mode) {
      const file = await disk.open(path, mode);
      const write: DiskFile["write"] = (pieces, position) => until.then(() => file.write(pieces, position));
      return path.endsWith(".log") ? { ...file, write, writeThrough: write } : file;
    },
  };
};

test("records that the disk does not make durable in time are answered REQUEST_TIMED_OUT, and kept all the same", async () => {
  const synced = Promise.withResolvers<void>();
  const { store, clock } = await openStore({ disk: waiting(synced.promise) });
  const log = await logOf(store);
  const { armed } = clock;
  const topic = new Topic({ name: "orders", id: TOPIC_ID, partitions: [log], own: new Map() });
  const broker = { clock, access: OPEN_ACCESS, topics: { get: () => topic, partitionOf: () => log } };
  const context = { version: 12, clientId: "test", client: fakeClient(), broker } as unknown as RequestContext; // A Produce asks for no more.
  const partitionData = [{ index: 0, records: batchOf(["a=1"]) }];
  const topicData = [{ name: "orders", topicId: UUID_ZERO, partitionData }];
  const answered = produce.handle({ transactionalId: null, acks: -1, timeoutMs: 5_000, topicData }, context);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5_000);
  const answer = (await answered)?.responses[0]?.partitionResponses[0];
  assert.deepEqual([answer?.errorCode, answer?.baseOffset], [ErrorCode.REQUEST_TIMED_OUT, 0]);
  synced.resolve();
  await log.durable(1);
  assert.equal(log.highWatermark, 1);
  assert.equal(clock.armed, armed, "nothing is left waiting");
  await store.close();
});
