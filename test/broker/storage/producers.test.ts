import assert from "node:assert/strict";
import { test } from "node:test";
import type { PartitionLog } from "../../../src/broker/storage/partition-log.ts";
import { appended, batchOf, logOf, openStore, readAll } from "./kit.ts";

interface Sent {
  readonly sequence: number;
  readonly epoch?: number;
  readonly count?: number;
  readonly transactional?: true;
}

const sent = ({ sequence, epoch = 0, count = 1, transactional }: Sent): Uint8Array =>
  batchOf(
    Array.from({ length: count }, (_, at) => `${sequence + at}`),
    { producer: { id: 7, epoch, sequence }, ...(transactional ? { transactional } : {}) },
  );

const open = async (): Promise<PartitionLog> => logOf((await openStore()).store);

const refuses =
  (what: string) =>
  (before: readonly Sent[], wrong: Sent, name: string): void => {
    test(`${what}: ${name}`, async () => {
      const log = await open();
      for (const one of before) await appended(log, sent(one));
      const end = log.endOffset;
      assert.throws(() => log.append(sent(wrong)), { name });
      assert.equal(log.endOffset, end);
    });
  };

refuses("a sequence number is left out")([{ sequence: 0 }], { sequence: 2 }, "OUT_OF_ORDER_SEQUENCE_NUMBER");
refuses("an old sequence number with another count")(
  [{ sequence: 0, count: 3 }],
  { sequence: 0, count: 2 },
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
);
refuses("an older epoch")([{ sequence: 0, epoch: 2 }], { sequence: 1, epoch: 1 }, "INVALID_PRODUCER_EPOCH");
refuses("a new epoch that does not begin at 0")([{ sequence: 0 }], { sequence: 1, epoch: 1 }, "OUT_OF_ORDER_SEQUENCE_NUMBER");
refuses("records beside a transaction that is open")([{ sequence: 0, transactional: true }], { sequence: 1 }, "INVALID_TXN_STATE");
refuses("the sixth batch back")(
  [0, 1, 2, 3, 4, 5].map((sequence) => ({ sequence })),
  { sequence: 0 },
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
);

test("a producer that is not known may begin anywhere", async () => {
  const log = await open();
  assert.equal(await appended(log, sent({ sequence: 41 })), 0);
  assert.equal(await appended(log, sent({ sequence: 42 })), 1);
});

test("one of the last five batches that comes again is answered with its offsets and not stored", async () => {
  const log = await open();
  for (let at = 0; at < 6; at++) await appended(log, sent({ sequence: at * 2, count: 2 }));
  for (let at = 1; at < 6; at++) {
    const { baseOffset, lastOffset, repeated } = log.append(sent({ sequence: at * 2, count: 2 }));
    assert.deepEqual([baseOffset, lastOffset, repeated], [at * 2, at * 2 + 1, true]);
  }
  assert.equal((await readAll(log)).length, 12);
});

test("a batch that comes again before it is durable is told when it is", async () => {
  const log = await open();
  log.append(sent({ sequence: 0 }));
  const { lastOffset, repeated } = log.append(sent({ sequence: 0 }));
  assert.ok(repeated);
  await log.durable(lastOffset + 1);
  assert.equal(log.highWatermark, 1);
});

test("after the largest sequence number comes 0", async () => {
  const log = await open();
  await appended(log, sent({ sequence: 0x7ffffffe, count: 4 }));
  await appended(log, sent({ sequence: 2 }));
  assert.equal(log.endOffset, 5);
});

test("a new epoch begins at 0, and the old one is fenced by a marker too", async () => {
  const log = await open();
  await appended(log, sent({ sequence: 0, transactional: true }));
  const { lastOffset } = log.appendMarker({ producerId: 7, producerEpoch: 1, coordinatorEpoch: 3, outcome: "abort" });
  await log.durable(lastOffset + 1);
  assert.throws(() => log.append(sent({ sequence: 1, transactional: true })), { name: "INVALID_PRODUCER_EPOCH" });
  assert.throws(() => log.append(sent({ sequence: 1, epoch: 1 })), { name: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
  await appended(log, sent({ sequence: 0, epoch: 1 }));
  const late = { producerId: 7, producerEpoch: 1, coordinatorEpoch: 2, outcome: "commit" } as const;
  assert.throws(() => log.appendMarker(late), { name: "TRANSACTION_COORDINATOR_FENCED" });
});

test("a producer is forgotten after its time, but not with a transaction open", async () => {
  const { store, clock } = await openStore();
  const log = await logOf(store);
  await appended(log, sent({ sequence: 0 }));
  clock.advance(999);
  log.steps.expireProducers(1_000);
  assert.ok(log.producer(7));
  clock.advance(1);
  log.steps.expireProducers(1_000);
  assert.equal(log.producer(7), undefined);
  await appended(log, sent({ sequence: 5, transactional: true }));
  clock.advance(5_000);
  log.steps.expireProducers(1_000);
  assert.ok(log.producer(7));
});
