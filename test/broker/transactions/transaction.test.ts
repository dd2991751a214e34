import assert from "node:assert/strict";
import { test } from "node:test";
import {
  born,
  completed,
  covers,
  coversGroup,
  EPOCH_MAX,
  ending,
  extended,
  initialized,
  markerProducer,
  type Producer,
  type Step,
  type Transaction,
  timedOut,
} from "../../../src/broker/transactions/transaction.ts";
import type { KafkaErrorName } from "../../../src/kafka/wire/errors.ts";

const NOW = 1_000;
const T0 = { topic: "t", partition: 0 };
const T1 = { topic: "t", partition: 1 };
const FRESH = 99;

const taken = (step: Step): Transaction => {
  assert.ok("to" in step, JSON.stringify(step));
  return step.to;
};
const refusedWith = (step: Step, error: KafkaErrorName): void => assert.deepEqual(step, { error });
const of = ({ producerId, epoch }: Transaction): Producer => ({ producerId, epoch });
const empty = (): Transaction => born("tx", 7, { timeoutMs: 60_000, nowMs: NOW });
const ongoing = (): Transaction => taken(extended(empty(), of(empty()), { partitions: [T0], groups: ["g"], nowMs: NOW }));
const init = (asked?: Producer) => ({ asked, timeoutMs: 60_000, nowMs: NOW, freshProducerId: FRESH });
const end = (commit: boolean, bumps = false) => ({ commit, bumps, nowMs: NOW, freshProducerId: FRESH });

test("a known id gets the next epoch, and whoever had the one before is fenced", () => {
  const next = taken(initialized(empty(), init()));
  assert.deepEqual(of(next), { producerId: 7, epoch: 1 });
  refusedWith(extended(next, of(empty()), { partitions: [T0], groups: [], nowMs: NOW }), "PRODUCER_FENCED");
});

test("a client that did not hear the answer asks again and gets the same epoch", () => {
  const asked = of(empty());
  const next = taken(initialized(empty(), init(asked)));
  assert.equal(next.epoch, 1);
  assert.equal(taken(initialized(next, init(asked))).epoch, 1);
  refusedWith(initialized(next, init({ producerId: 7, epoch: 5 })), "PRODUCER_FENCED");
});

test("epochs that are used up lead to a fresh producer id, also when the answer was not heard", () => {
  const last = { ...empty(), epoch: EPOCH_MAX };
  const next = taken(initialized(last, init(of(last))));
  assert.deepEqual([of(next), next.lastProducerId], [{ producerId: FRESH, epoch: 0 }, 7]);
  assert.deepEqual(of(taken(initialized(next, init(of(last))))), { producerId: FRESH, epoch: 0 });
});

test("an open transaction is aborted under an epoch that fences its producer; until then others wait", () => {
  const aborting = taken(initialized(ongoing(), init()));
  assert.deepEqual([aborting.state, aborting.epoch], ["PrepareAbort", 1]);
  refusedWith(initialized(aborting, init()), "CONCURRENT_TRANSACTIONS");
  assert.equal(taken(initialized(completed(aborting, NOW), init())).epoch, 2);
});

test("partitions and groups are added once, and begin the transaction", () => {
  const begun = ongoing();
  assert.deepEqual([begun.state, begun.partitions, begun.groups, begun.startedMs], ["Ongoing", [T0], ["g"], NOW]);
  assert.equal(taken(extended(begun, of(begun), { partitions: [T0], groups: ["g"], nowMs: NOW + 5 })), begun);
  const more = taken(extended(begun, of(begun), { partitions: [T1], groups: [], nowMs: NOW + 5 }));
  assert.deepEqual([more.partitions, more.startedMs], [[T0, T1], NOW]);
});

test("records may be written to what was added, by its own producer, while it is open", () => {
  const begun = ongoing();
  assert.equal(covers(begun, of(begun), T0), undefined);
  assert.equal(covers(begun, of(begun), T1), "INVALID_TXN_STATE");
  assert.equal(covers(begun, { producerId: 8, epoch: 0 }, T0), "INVALID_PRODUCER_ID_MAPPING");
  assert.equal(covers(begun, { producerId: 7, epoch: 4 }, T0), "INVALID_PRODUCER_EPOCH");
  assert.equal(covers(taken(ending(begun, of(begun), end(true))), of(begun), T0), "CONCURRENT_TRANSACTIONS");
});

for (const commit of [true, false]) {
  const [prepare, complete] = commit ? ["PrepareCommit", "CompleteCommit"] : ["PrepareAbort", "CompleteAbort"];
  test(`${prepare}: asked again it waits, asked for the other it is refused, and done it is done`, () => {
    const begun = ongoing();
    const preparing = taken(ending(begun, of(begun), end(commit)));
    assert.equal(preparing.state, prepare);
    refusedWith(ending(preparing, of(begun), end(commit)), "CONCURRENT_TRANSACTIONS");
    refusedWith(ending(preparing, of(begun), end(!commit)), "INVALID_TXN_STATE");
    refusedWith(extended(preparing, of(begun), { partitions: [T0], groups: [], nowMs: NOW }), "CONCURRENT_TRANSACTIONS");
    const done = completed(preparing, NOW);
    assert.deepEqual([done.state, done.partitions, done.groups], [complete, [], []]);
    assert.equal(taken(ending(done, of(begun), end(commit))), done);
    refusedWith(ending(done, of(begun), end(!commit)), "INVALID_TXN_STATE");
  });

  test(`${prepare} with a bump: the answer carries the next epoch, and a repeated request gets it again`, () => {
    const begun = ongoing();
    const before = of(begun);
    const preparing = taken(ending(begun, before, end(commit, true)));
    assert.deepEqual([preparing.state, preparing.epoch, markerProducer(preparing)], [prepare, 1, { producerId: 7, epoch: 1 }]);
    refusedWith(ending(preparing, before, end(commit, true)), "CONCURRENT_TRANSACTIONS");
    for (const next of [true, false]) refusedWith(ending(preparing, of(preparing), end(next, true)), "CONCURRENT_TRANSACTIONS");
    const done = completed(preparing, NOW);
    assert.equal(taken(ending(done, before, end(commit, true))), done);
    refusedWith(ending(done, before, end(!commit, true)), "PRODUCER_FENCED");
  });
}

test("the markers of a transaction that used up its epochs carry its own producer id", () => {
  const begun = { ...ongoing(), epoch: EPOCH_MAX };
  const preparing = taken(ending(begun, of(begun), end(true, true)));
  assert.deepEqual(of(preparing), { producerId: FRESH, epoch: 0 });
  assert.deepEqual(markerProducer(preparing), { producerId: 7, epoch: EPOCH_MAX + 1 });
});

test("an abort of nothing bumps the epoch where the client takes it from the answer, a commit of nothing is refused", () => {
  assert.deepEqual(of(taken(ending(empty(), of(empty()), end(false, true)))), { producerId: 7, epoch: 1 });
  refusedWith(ending(empty(), of(empty()), end(true, true)), "INVALID_TXN_STATE");
  refusedWith(ending(empty(), of(empty()), end(false)), "INVALID_TXN_STATE");
});

test("a transaction that is open for too long is aborted under the next epoch", () => {
  const begun = ongoing();
  assert.equal(timedOut(begun, NOW + 60_000), undefined);
  const aborting = timedOut(begun, NOW + 60_001);
  assert.deepEqual([aborting?.state, aborting?.epoch], ["PrepareAbort", 1]);
  assert.equal(timedOut(empty(), NOW + 600_000), undefined);
});

test("offsets may be committed in a group that was added, by the transaction's own producer", () => {
  const begun = ongoing();
  assert.equal(coversGroup(begun, of(begun), "g"), undefined);
  assert.equal(coversGroup(begun, of(begun), "other"), "INVALID_TXN_STATE");
  assert.equal(coversGroup(empty(), of(empty()), "g"), "INVALID_TXN_STATE");
  assert.equal(coversGroup(begun, { producerId: 7, epoch: 4 }, "g"), "PRODUCER_FENCED");
});
