import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, codeName } from "../../../src/core/status.ts";
import { Entry } from "../../../src/kafka/client/entry.ts";
import { PartitionQueue } from "../../../src/kafka/client/partition-queue.ts";
import type { Sent } from "../../../src/kafka/client/sent-batch.ts";
import { decodeBatches } from "../../../src/kafka/wire/decode-batch.ts";
import type { ProducedPartition } from "../../../src/kafka/wire/produce.ts";
import type { Acks } from "../../../src/ports/kafka.ts";
import { recordWith, TestReceipt } from "../../kit/receipts.ts";

const LATER = 1_000_000;

/** A queue, what was put into it, and what came of it. */
const queueOf = (acks: Acks = "in_sync_replicas") => {
  const queue = new PartitionQueue({ topic: "t", partition: 2, acks, settle: (entry, status, at) => entry.receipt.produced(status, at) });
  if (acks === "in_sync_replicas") queue.identify({ id: 77, epoch: 0 });
  const receipts = new Map<string, TestReceipt>();
  const push = (...values: readonly string[]): void => {
    for (const value of values) {
      const receipt = new TestReceipt();
      receipts.set(value, receipt);
      queue.push(new Entry([recordWith(value)], receipt, { expiresMs: LATER, deadline: false }));
    }
  };
  const told = (): Record<string, string> => Object.fromEntries([...receipts].map(([value, { text }]) => [value, text]));
  return { queue, push, told, receipts };
};

const answer = (errorCode: number, more: Partial<ProducedPartition> = {}): ProducedPartition => ({
  partition: 2,
  errorCode,
  baseOffset: -1,
  appendTimestampMs: -1,
  logStartOffset: 0,
  recordErrors: [],
  errorMessage: null,
  ...more,
});

/** Values, epoch and sequence of a batch as it would be sent. */
const shown = (batch: Sent | undefined): string => {
  if (!batch) return "nothing";
  const [decoded] = decodeBatches(Buffer.concat(batch.encoded!.pieces), { topic: "t", partition: 2 }).batches;
  assert.ok(decoded?.kind === "batch");
  const values = decoded.records.map(({ value }) => Buffer.from(value ?? []).toString()).join(" ");
  return `${values} @ ${decoded.producerEpoch}/${decoded.baseSequence}`;
};

test("what waits goes as one batch, and its receipts tell where each was written", () => {
  const { queue, push, told } = queueOf();
  push("a", "b", "c");
  const batch = queue.next(0)!;
  assert.equal(shown(batch), "a b c @ 0/0");
  queue.answered(batch, answer(0, { baseOffset: 40 }), 0);
  assert.deepEqual(told(), { a: "OK at 40", b: "OK at 41", c: "OK at 42" });
  assert.ok(queue.empty);
});

test("the first batch goes alone; once one is written, up to five are on their way", () => {
  const { queue, push } = queueOf();
  push("a");
  const first = queue.next(0)!;
  push("b");
  assert.equal(queue.next(0), undefined);
  queue.answered(first, answer(0, { baseOffset: 0 }), 0);
  const sent = ["b", "c", "d", "e", "f"].map((value, index) => {
    if (index > 0) push(value);
    return queue.next(0);
  });
  assert.deepEqual(sent.map(shown), ["b @ 0/1", "c @ 0/2", "d @ 0/3", "e @ 0/4", "f @ 0/5"]);
  push("g");
  assert.equal(queue.next(0), undefined);
});

test("without idempotence one is on its way, and nothing is numbered", () => {
  const { queue, push } = queueOf("leader_only");
  push("a");
  const first = queue.next(0)!;
  assert.equal(shown(first), "a @ -1/-1");
  queue.answered(first, answer(0, { baseOffset: 0 }), 0);
  push("b");
  queue.next(0);
  push("c");
  assert.equal(queue.next(0), undefined);
});

test("batches that were lost are sent again one by one, in order, with the numbers they had", () => {
  const { queue, push, told } = queueOf();
  push("a");
  queue.answered(queue.next(0)!, answer(0, { baseOffset: 0 }), 0);
  push("b");
  const b = queue.next(0)!;
  push("c");
  const c = queue.next(0)!;
  queue.lost(c, 0);
  queue.lost(b, 0);
  push("d");
  assert.equal(queue.next(0), undefined, "not before its time");
  const again = queue.next(LATER / 2)!;
  assert.equal(shown(again), "b @ 0/1");
  assert.equal(queue.next(LATER / 2), undefined, "the next waits for it");
  queue.answered(again, answer(46), 0);
  const next = queue.next(LATER / 2)!;
  assert.equal(shown(next), "c @ 0/2");
  queue.answered(next, answer(0, { baseOffset: 9 }), 0);
  assert.equal(shown(queue.next(LATER / 2)), "d @ 0/3");
  assert.deepEqual(told(), { a: "OK at 0", b: "OK at -1", c: "OK at 9", d: "waiting" });
});

test("a batch that fails for good leaves a gap: what follows begins anew under the next epoch", () => {
  const { queue, push, told } = queueOf();
  push("a");
  queue.answered(queue.next(0)!, answer(0, { baseOffset: 0 }), 0);
  push("b");
  const b = queue.next(0)!;
  push("c");
  const c = queue.next(0)!;
  queue.answered(b, answer(29), 0);
  queue.answered(c, answer(45), 0);
  push("d");
  assert.equal(shown(queue.next(LATER / 2)), "c @ 1/0");
  assert.deepEqual(told(), { a: "OK at 0", b: "PERMISSION_DENIED", c: "waiting", d: "waiting" });
});

test("while the outcome of one batch is unknown, no new epoch begins: it might be written twice", () => {
  const { queue, push } = queueOf();
  push("a");
  queue.answered(queue.next(0)!, answer(0, { baseOffset: 0 }), 0);
  push("b");
  const b = queue.next(0)!;
  push("c");
  const c = queue.next(0)!;
  queue.lost(c, 0);
  queue.answered(b, answer(29), 0);
  const again = queue.next(LATER / 2)!;
  assert.equal(shown(again), "c @ 0/2");
  queue.answered(again, answer(45), LATER / 2);
  assert.equal(shown(queue.next(LATER)), "c @ 1/0");
});

test("records that are named as at fault fail alone; the others are written", () => {
  const { queue, push, told } = queueOf();
  push("a", "b", "c", "d");
  queue.answered(
    queue.next(0)!,
    answer(87, {
      recordErrors: [
        { index: 1, message: null },
        { index: 3, message: null },
      ],
    }),
    0,
  );
  const again = queue.next(LATER / 2)!;
  assert.equal(shown(again), "a c @ 1/0");
  queue.answered(again, answer(0, { baseOffset: 5 }), 0);
  assert.deepEqual(told(), { a: "OK at 5", b: "INTERNAL", c: "OK at 6", d: "INTERNAL" });
});

test("where nobody is named, halves are tried until the one at fault is alone", () => {
  const { queue, push, told } = queueOf("leader_only");
  push("a", "b", "BAD", "d", "e");
  let offset = 0;
  for (let round = 0; round < 20 && !queue.empty; round++) {
    const batch = queue.next(LATER / 2)!;
    const values = shown(batch).split(" @ ")[0]!.split(" ");
    if (values.includes("BAD")) queue.answered(batch, answer(10), LATER / 2);
    else {
      queue.answered(batch, answer(0, { baseOffset: offset }), LATER / 2);
      offset += values.length;
    }
  }
  assert.deepEqual(told(), { a: "OK at 0", b: "OK at 1", BAD: "RESOURCE_EXHAUSTED", d: "OK at 2", e: "OK at 3" });
});

test("a batch holds no more than its bound, unless one produce alone is larger", () => {
  const { queue, push } = queueOf("leader_only");
  queue.batchBytesMax = 300;
  push("x".repeat(100), "y".repeat(100), "z".repeat(1_000));
  const sizes: number[] = [];
  for (let batch = queue.next(0); batch; batch = queue.next(0)) {
    sizes.push(batch.entries.length);
    queue.answered(batch, answer(0), 0);
  }
  assert.deepEqual(sizes, [2, 1]);
});

test("what waits too long is dropped: with its own time as DEADLINE_EXCEEDED, else as UNAVAILABLE", () => {
  const { queue } = queueOf();
  const receipts = [new TestReceipt(), new TestReceipt(), new TestReceipt()];
  queue.push(new Entry([recordWith("a")], receipts[0]!, { expiresMs: 100, deadline: true }));
  queue.push(new Entry([recordWith("b")], receipts[1]!, { expiresMs: 100, deadline: false }));
  queue.push(new Entry([recordWith("c")], receipts[2]!, { expiresMs: 200, deadline: true }));
  queue.expire(100, 30_000);
  assert.deepEqual(
    receipts.map(({ text }) => text),
    ["DEADLINE_EXCEEDED", "UNAVAILABLE", "waiting"],
  );
  assert.equal(queue.next(200), undefined);
  assert.equal(receipts[2]!.text, "DEADLINE_EXCEEDED");
});

test("a refused batch loses those whose time has passed; one whose outcome is unknown is tried until the timeout", () => {
  const { queue } = queueOf();
  const receipts = [new TestReceipt(), new TestReceipt()];
  queue.push(new Entry([recordWith("a")], receipts[0]!, { expiresMs: 100, deadline: true }));
  queue.push(new Entry([recordWith("b")], receipts[1]!, { expiresMs: LATER, deadline: true }));
  const batch = queue.next(0)!;
  queue.answered(batch, answer(6), 0);
  queue.expire(100, 30_000);
  assert.deepEqual(
    receipts.map(({ text }) => text),
    ["DEADLINE_EXCEEDED", "waiting"],
  );
  const again = queue.next(5_000)!;
  assert.equal(shown(again), "b @ 1/0");
  queue.lost(again, 5_000);
  queue.expire(29_999, 30_000);
  assert.equal(receipts[1]!.text, "waiting");
  queue.expire(30_000, 30_000);
  assert.equal(codeName(receipts[1]!.status!.code), "UNAVAILABLE");
  assert.match(receipts[1]!.status!.message, /not known/);
});

test("closing answers everything once, also what is on its way", () => {
  const { queue, push, told } = queueOf();
  push("a");
  const batch = queue.next(0)!;
  push("b");
  queue.close({ code: Code.UNAVAILABLE, message: "closed" });
  assert.deepEqual(told(), { a: "UNAVAILABLE", b: "UNAVAILABLE" });
  queue.answered(batch, answer(0, { baseOffset: 0 }), 0);
  assert.equal(queue.next(LATER), undefined);
});

test("an epoch that is used up wants another producer id", () => {
  const { queue, push } = queueOf();
  queue.identify({ id: 77, epoch: 32_767 });
  push("a");
  queue.answered(queue.next(0)!, answer(59), 0);
  assert.equal(queue.next(LATER / 2), undefined);
  assert.ok(queue.needsIdentity);
  assert.equal(queue.lastProducerId, 77);
  queue.identify({ id: 78, epoch: 0 });
  assert.equal(shown(queue.next(LATER / 2)), "a @ 0/0");
});
