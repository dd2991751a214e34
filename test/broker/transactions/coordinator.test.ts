import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import {
  type Ended,
  EXPIRATION_MS,
  LOOK_MS,
  MARKERS_MS_MAX,
  TransactionCoordinator,
} from "../../../src/broker/transactions/coordinator.ts";
import { BLOCK, ProducerIds } from "../../../src/broker/transactions/producer-ids.ts";
import type { Producer, TransactionPartition } from "../../../src/broker/transactions/transaction.ts";
import { silentLog } from "../../../src/core/log.ts";
import type { KafkaErrorName } from "../../../src/kafka/wire/errors.ts";
import { ManualClock } from "../../kit/clock.ts";

/** A coordinator over a map, with what it wrote kept for reading. */
class World {
  readonly clock = new ManualClock();
  readonly entries = new Map<string, Uint8Array>();
  readonly written: string[] = [];
  failing = false;
  /** Markers are not written before it settles. */
  holding: Promise<void> = Promise.resolve();
  /** How often something was remembered. */
  puts = 0;
  coordinator = this.restart();

  restart(): TransactionCoordinator {
    const store = {
      put: async (key: string, value: Uint8Array) => {
        this.puts += 1;
        this.entries.set(key, value);
      },
      delete: async (key: string) => void this.entries.delete(key),
    };
    const entries = new Map(this.entries);
    this.coordinator = new TransactionCoordinator({
      clock: this.clock,
      log: silentLog,
      store,
      entries,
      producerIds: new ProducerIds(store, entries),
      mark: async ({ topic, partition }: TransactionPartition, { producerId, epoch, outcome }: Ended) => {
        await this.holding;
        if (this.failing) throw new Error("the disk is full");
        this.written.push(`${topic}-${partition} ${outcome} ${producerId}/${epoch}`);
      },
      settleOffsets: async (group: string, { producerId }: Producer, commit: boolean) => {
        this.written.push(`${group} ${commit} ${producerId}`);
      },
    });
    return this.coordinator;
  }
  init(asked?: Producer): Promise<Producer> {
    return this.coordinator.initialize({ transactionalId: "tx", timeoutMs: 60_000, asked });
  }
  async begun(): Promise<Producer> {
    const producer = await this.init();
    await this.coordinator.extend("tx", producer, { partitions: [{ topic: "t", partition: 3 }], groups: ["g"] });
    return producer;
  }
  get state(): string | undefined {
    return this.coordinator.get("tx")?.state;
  }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const refusedWith = (work: Promise<unknown>, error: KafkaErrorName): Promise<void> =>
  assert.rejects(work, (reason: unknown) => reason instanceof BrokerError && reason.name === error);

test("a commit writes a marker to every partition and settles every group, then it is complete", async () => {
  const world = new World();
  const producer = await world.begun();
  await world.coordinator.end("tx", producer, { commit: true, bumps: false });
  await turn();
  assert.deepEqual(world.written.sort(), ["g true 0", "t-3 commit 0/0"]);
  assert.equal(world.state, "CompleteCommit");
});

test("what was being ended when the process stopped is ended by the next one", async () => {
  const world = new World();
  const producer = await world.begun();
  world.failing = true;
  await world.coordinator.end("tx", producer, { commit: true, bumps: false });
  await turn();
  assert.equal(world.state, "PrepareCommit");
  world.coordinator.close();
  world.failing = false;
  world.written.length = 0;
  world.restart().start();
  await turn();
  assert.deepEqual([world.state, world.written.sort()], ["CompleteCommit", ["g true 0", "t-3 commit 0/0"]]);
  world.coordinator.close();
});

test("markers that could not be written are tried again", async () => {
  const world = new World();
  const producer = await world.begun();
  world.failing = true;
  await world.coordinator.end("tx", producer, { commit: false, bumps: true });
  await turn();
  assert.equal(world.state, "PrepareAbort");
  world.failing = false;
  world.clock.advance(500);
  await turn();
  assert.equal(world.state, "CompleteAbort");
  assert.ok(world.written.includes("t-3 abort 0/1"));
});

test("an id that is taken over fences its old producer, after its transaction was aborted", async () => {
  const world = new World();
  const old = await world.begun();
  await refusedWith(world.init(), "CONCURRENT_TRANSACTIONS");
  await turn();
  const next = await world.init();
  assert.deepEqual([next.producerId, next.epoch], [old.producerId, 2]);
  await refusedWith(world.coordinator.end("tx", old, { commit: true, bumps: false }), "PRODUCER_FENCED");
});

test("records of an old client need their partition added, those of a new one add it", async () => {
  const world = new World();
  const producer = await world.begun();
  const partition = { topic: "t", partition: 9 };
  await refusedWith(world.coordinator.verify("tx", producer, { partition, extend: false }), "INVALID_TXN_STATE");
  await world.coordinator.verify("tx", producer, { partition, extend: true });
  await world.coordinator.verify("tx", producer, { partition, extend: false });
  await refusedWith(world.coordinator.verify("other", producer, { partition, extend: true }), "INVALID_PRODUCER_ID_MAPPING");
});

test("a transaction that is open for too long is aborted, an id that nobody uses is forgotten", async () => {
  const world = new World();
  world.coordinator.start();
  await world.begun();
  world.clock.advance(60_000 + 2 * LOOK_MS);
  await turn();
  assert.equal(world.state, "CompleteAbort");
  assert.deepEqual(world.written.sort(), ["g false 0", "t-3 abort 0/1"]);
  world.coordinator.close();
  world.restart().start();
  world.clock.advance(EXPIRATION_MS + 61_000);
  await turn();
  assert.equal(world.state, undefined);
  assert.ok(![...world.entries.keys()].some((key) => key.startsWith("transaction/")));
  world.coordinator.close();
});

test("two requests of one id at a time: the second waits for the first", async () => {
  const world = new World();
  const [first, second] = await Promise.all([world.init(), world.init()]);
  assert.deepEqual([second.producerId, second.epoch], [first.producerId, first.epoch + 1]);
});

test("parts that are asked for at once join a transaction together: one step for the first, one for all the rest", async () => {
  const world = new World();
  const producer = await world.init();
  const puts = world.puts;
  const partitions = Array.from({ length: 30 }, (_, partition) => ({ topic: "t", partition }));
  await Promise.all([
    ...partitions.map((partition) => world.coordinator.verify("tx", producer, { partition, extend: true })),
    world.coordinator.verifyGroup("tx", producer, { group: "g", extend: true }),
  ]);
  assert.deepEqual(world.coordinator.get("tx")?.partitions, partitions);
  assert.deepEqual(world.coordinator.get("tx")?.groups, ["g"]);
  assert.ok(world.puts - puts <= 2, `${world.puts - puts} steps were remembered`);
});

test("parts of another epoch do not join those that wait, and are refused alone", async () => {
  const world = new World();
  const producer = await world.init();
  const add = (epoch: number, partition: number) =>
    world.coordinator.verify("tx", { ...producer, epoch }, { partition: { topic: "t", partition }, extend: true });
  const [good, bad] = await Promise.allSettled([world.coordinator.extend("tx", producer, { partitions: [], groups: ["g"] }), add(7, 1)]);
  assert.equal(good.status, "fulfilled");
  assert.ok(bad.status === "rejected" && bad.reason instanceof BrokerError && bad.reason.name === "INVALID_PRODUCER_EPOCH");
});

test("the next transaction waits for the markers of the one before, but not for long", async () => {
  const world = new World();
  const first = await world.begun();
  const holding = Promise.withResolvers<void>();
  world.holding = holding.promise;
  const next = await world.coordinator.end("tx", first, { commit: true, bumps: true });
  const add = () => world.coordinator.verify("tx", next, { partition: { topic: "t", partition: 5 }, extend: true });
  const refused = refusedWith(add(), "CONCURRENT_TRANSACTIONS");
  await turn();
  world.clock.advance(MARKERS_MS_MAX);
  await refused;
  const added = add();
  holding.resolve();
  await added;
  assert.deepEqual(world.coordinator.get("tx")?.partitions, [{ topic: "t", partition: 5 }]);
});

test("a timeout out of bounds and an empty id are refused", async () => {
  const world = new World();
  await refusedWith(
    world.coordinator.initialize({ transactionalId: "tx", timeoutMs: 900_001, asked: undefined }),
    "INVALID_TRANSACTION_TIMEOUT",
  );
  await refusedWith(world.coordinator.initialize({ transactionalId: "", timeoutMs: 1, asked: undefined }), "INVALID_REQUEST");
});

test("producer ids are never given twice, also after a restart", async () => {
  const entries = new Map<string, Uint8Array>();
  const store = { put: async (key: string, value: Uint8Array) => void entries.set(key, value), delete: async () => {} };
  const ids = new ProducerIds(store, entries);
  const taken = await Promise.all(Array.from({ length: BLOCK + 5 }, () => ids.take()));
  assert.equal(new Set(taken).size, BLOCK + 5);
  const next = await new ProducerIds(store, new Map(entries)).take();
  assert.ok(!taken.includes(next));
});
