import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { factsOf } from "../../../src/broker/storage/batch-facts.ts";
import type { LogConfig } from "../../../src/broker/storage/log-config.ts";
import type { PartitionLog } from "../../../src/broker/storage/partition-log.ts";
import type { Compression } from "../../../src/kafka/wire/compression.ts";
import { appended, batchOf, logOf, NOW_MS, type Opened, openStore, readAll, readFrom } from "./kit.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const COMPACT = { delete: false, compact: true } as const;

const open = async (config: Partial<LogConfig> = {}, disk = new SimulatedDisk(1)): Promise<Opened & { readonly log: PartitionLog }> => {
  const opened = await openStore({ disk, limits: { tailBytes: 0 } });
  return { ...opened, log: await logOf(opened.store, { cleanup: COMPACT, ...config }) };
};

const compacted = async (log: PartitionLog): Promise<void> => {
  await log.steps.roll();
  await log.steps.compact();
};

/** What a reader who knows all records makes of them. */
const stateOf = (records: readonly string[]): Map<string, string> => {
  const state = new Map<string, string>();
  for (const record of records) {
    const [key = "", value = ""] = record.slice(record.indexOf(":") + 1).split("=");
    if (value === "") state.delete(key);
    else state.set(key, value);
  }
  return state;
};

const sorted = (state: Map<string, string>) => [...state].sort();

test("only the newest record of a key stays, at its offset", async () => {
  const { log } = await open({ cleanableDirtyRatioMin: 0.1 });
  for (const record of ["a=1", "b=1", "a=2", "c=1", "a=3"]) await appended(log, batchOf([record]));
  await compacted(log);
  assert.deepEqual(await readAll(log), ["1:b=1", "3:c=1", "4:a=3"]);
  assert.deepEqual([log.startOffset, log.endOffset], [0, 5]);
  assert.equal(await appended(log, batchOf(["b=2"])), 5);
  await compacted(log);
  assert.deepEqual(await readAll(log), ["3:c=1", "4:a=3", "5:b=2"]);
});

test("a batch keeps its place and loses its outdated records, whatever it is compressed with", async () => {
  const check = async (options: { readonly compression?: Compression }): Promise<void> => {
    const { log } = await open();
    await appended(log, batchOf(["a=1", "b=1", "c=1"], options));
    await appended(log, batchOf(["b=2"], options));
    await compacted(log);
    assert.deepEqual(await readAll(log), ["0:a=1", "2:c=1", "3:b=2"]);
    const [first] = await readFrom(log, 1);
    assert.ok(first);
    const { baseOffset, lastOffset, count } = factsOf(first);
    assert.deepEqual([baseOffset, lastOffset, count], [0, 2, 2]);
  };
  await check({});
  for (const compression of ["gzip", "snappy", "lz4", "zstd"] as const) await check({ compression });
});

test("a tombstone stays for its time, then goes", async () => {
  const { log, clock } = await open({ deleteRetentionMs: 1_000, cleanableDirtyRatioMin: 0.01 });
  await appended(log, batchOf(["a=1"]));
  await appended(log, batchOf(["a=", "b=1"]));
  await compacted(log);
  assert.deepEqual(await readAll(log), ["1:a=", "2:b=1"]);
  clock.advance(999);
  await appended(log, batchOf(["c=1"]));
  await compacted(log);
  assert.deepEqual(await readAll(log), ["1:a=", "2:b=1", "3:c=1"]);
  clock.advance(1);
  await appended(log, batchOf(["d=1"]));
  await compacted(log);
  assert.deepEqual(await readAll(log), ["2:b=1", "3:c=1", "4:d=1"]);
});

test("records keep their timestamps when a batch is given a time for its tombstones", async () => {
  const { log } = await open();
  await appended(log, batchOf(["a=1", "b="], { timestampMs: NOW_MS - 77 }));
  await compacted(log);
  assert.deepEqual(await log.offsetForTimestamp(NOW_MS - 100), { offset: 0, timestampMs: NOW_MS - 77 });
});

test("a log that is not dirty enough, or too young, is left alone", async () => {
  const { log, clock } = await open({ cleanableDirtyRatioMin: 0.5, compactionLagMsMin: 1_000 });
  for (let at = 0; at < 10; at++) await appended(log, batchOf([`k${at}=1`]));
  await log.steps.roll();
  assert.equal(await log.steps.compact(), undefined);
  clock.advance(1_000);
  assert.ok(await log.steps.compact());
  await appended(log, batchOf(["k0=2"], { timestampMs: clock.now() }));
  await log.steps.roll();
  clock.advance(2_000);
  assert.equal(await log.steps.compact(), undefined);
  log.configure({ ...log.config, compactionLagMsMax: 1_500 });
  assert.ok(await log.steps.compact());
});

test("aborted records go, and their marker once nothing of theirs is left", async () => {
  const { log, clock } = await open({ deleteRetentionMs: 0, cleanableDirtyRatioMin: 0.01 });
  const producer = { id: 3, epoch: 0, sequence: 0 };
  await appended(log, batchOf(["a=0"]));
  await appended(log, batchOf(["a=1", "b=1"], { producer, transactional: true }));
  const end = async (outcome: "commit" | "abort"): Promise<void> => {
    const { lastOffset } = log.appendMarker({ producerId: 3, producerEpoch: 0, coordinatorEpoch: 0, outcome });
    await log.durable(lastOffset + 1);
  };
  await end("abort");
  await appended(log, batchOf(["b=2"], { producer: { ...producer, sequence: 2 }, transactional: true }));
  await end("commit");
  await compacted(log);
  assert.deepEqual(await readAll(log), ["0:a=0", "4:b=2"]);
  const kinds = async () => (await readFrom(log, 0)).map((batch) => factsOf(batch).baseOffset);
  assert.deepEqual(await kinds(), [0, 3, 4, 5]);
  assert.deepEqual(
    log.abortedIn(0, 10).map(({ firstOffset }) => firstOffset),
    [1],
  );
  for (let round = 0; round < 3; round++) {
    clock.advance(1);
    await appended(log, batchOf([`z=${round}`]));
    await compacted(log);
  }
  assert.deepEqual(await kinds(), [0, 4, 5, 8]);
  assert.deepEqual(log.abortedIn(0, 10), []);
});

test("a producer's last sequence is known though its records were compacted away", async () => {
  const disk = new SimulatedDisk(2);
  const { log, store } = await open({}, disk);
  await appended(log, batchOf(["a=1"], { producer: { id: 5, epoch: 0, sequence: 0 } }));
  await appended(log, batchOf(["a=2"]));
  await compacted(log);
  assert.deepEqual(await readAll(log), ["1:a=2"]);
  await store.close();
  const next = disk.powerCut();
  for (const path of next.files()) if (path.endsWith(".index")) await next.unlink(path);
  const again = (await open({}, next)).log;
  assert.equal(again.producer(5)?.batches.at(-1)?.lastSequence, 0);
  assert.ok(again.append(batchOf(["a=1"], { producer: { id: 5, epoch: 0, sequence: 0 } })).repeated);
});

const anyBatch = fc.record({
  records: fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.constantFrom("", "1", "2", "3")), { minLength: 1, maxLength: 4 }),
  next: fc.constantFrom("nothing", "nothing", "nothing", "roll", "compact", "restart", "wait"),
});

test("compaction at any time changes nothing for a reader who wants the newest of every key", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyBatch, { minLength: 1, maxLength: 25 }), async (steps) => {
      const config = { deleteRetentionMs: 1_000, cleanableDirtyRatioMin: 0.01, segmentBytes: 400 };
      let { log, store, disk, clock } = await open(config);
      const written: string[] = [];
      for (const { records, next } of steps) {
        const told = records.map(([key, value]) => `${key}=${value}`);
        written.push(...told);
        await appended(log, batchOf(told));
        if (next === "roll") await log.steps.roll();
        if (next === "compact") await log.steps.compact();
        if (next === "wait") clock.advance(600);
        if (next === "restart") {
          await store.close();
          ({ log, store, disk, clock } = await open(config, disk as SimulatedDisk)); // As it was opened.
        }
      }
      const found = await readAll(log);
      assert.deepEqual(sorted(stateOf(found)), sorted(stateOf(written)));
      for (const record of found) assert.equal(record.slice(record.indexOf(":") + 1), written[Number.parseInt(record, 10)]);
    }),
    { numRuns: 40 },
  );
});
