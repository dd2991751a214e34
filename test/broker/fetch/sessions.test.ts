// Incremental fetch sessions: what is told again and what is not, and who loses a slot.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Asking, FetchSessions } from "../../../src/broker/fetch/sessions.ts";
import { type Fetched, type FetchTarget, targetsOf } from "../../../src/broker/fetch/targets.ts";
import { type FetchRequest, fetch } from "../../../src/kafka/wire/api/01-fetch.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { UUID_ZERO } from "../../../src/kafka/wire/type.ts";
import { ManualClock } from "../../kit/clock.ts";

const VERSION = 12;
const EVICTION_MS = 120_000;

interface Wanted {
  readonly id?: number;
  readonly epoch: number;
  readonly partitions?: readonly number[];
  readonly forgotten?: readonly number[];
}

const request = ({ id = 0, epoch, partitions = [], forgotten = [] }: Wanted): FetchRequest => ({
  ...fetch.request.empty,
  sessionId: id,
  sessionEpoch: epoch,
  topics: [
    {
      topic: "t",
      topicId: UUID_ZERO,
      partitions: partitions.map((partition) => ({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: 0,
        lastFetchedEpoch: -1,
        logStartOffset: -1,
        partitionMaxBytes: 100,
        replicaDirectoryId: UUID_ZERO,
        highWatermark: 0,
      })),
    },
  ],
  forgottenTopicsData: [{ topic: "t", topicId: UUID_ZERO, partitions: forgotten }],
});

/** As if the partitions had so many bytes to give, and these high watermarks. */
const fetchedOf = (
  targets: readonly FetchTarget[],
  of: { readonly bytes?: readonly number[]; readonly end?: number; readonly code?: number } = {},
) =>
  targets.map(
    (target): Fetched => ({
      target,
      bytes: of.bytes?.includes(target.partition) ? 1 : 0,
      answer: {
        ...fetch.response.empty.responses[0]!,
        partitionIndex: target.partition,
        errorCode: of.code ?? 0,
        highWatermark: of.end ?? 0,
        logStartOffset: 0,
      } as unknown as Fetched["answer"], // What sessions look at.
    }),
  );

const asking = (answer: Asking | number): Asking => {
  assert.ok(typeof answer !== "number", `refused with ${answer}`);
  return answer;
};
const partitionsOf = (all: readonly { readonly target: FetchTarget }[]) => all.map(({ target }) => target.partition);
const sessions = (slots = 10, clock = new ManualClock()) => new FetchSessions(clock, () => slots);

const opened = (all: FetchSessions, partitions: readonly number[]): number => {
  const first = asking(all.take(request({ epoch: 0, partitions }), VERSION));
  return first.answer(fetchedOf(first.targets)).sessionId;
};

describe("a session", () => {
  test("begins with a full answer, and then tells only what has changed", () => {
    const all = sessions();
    const first = asking(all.take(request({ epoch: 0, partitions: [0, 1] }), VERSION));
    const begun = first.answer(fetchedOf(first.targets));
    assert.notEqual(begun.sessionId, 0);
    assert.deepEqual(partitionsOf(begun.told), [0, 1]);
    const tell = (epoch: number, of: Parameters<typeof fetchedOf>[1]) => {
      const next = asking(all.take(request({ id: begun.sessionId, epoch }), VERSION));
      return partitionsOf(next.answer(fetchedOf(next.targets, of)).told);
    };
    assert.deepEqual(tell(1, {}), []);
    assert.deepEqual(tell(2, { bytes: [0] }), [0]);
    assert.deepEqual(tell(3, { end: 5 }), [1, 0]);
    assert.deepEqual(tell(4, { end: 5 }), []);
    assert.deepEqual(tell(5, { code: 1 }), [1, 0]);
    assert.deepEqual(tell(6, { code: 1 }), [1, 0]);
  });

  test("has partitions added and forgotten, and ends with the last", () => {
    const all = sessions();
    const id = opened(all, [0]);
    assert.deepEqual(
      partitionsOf(asking(all.take(request({ id, epoch: 1, partitions: [1] }), VERSION)).targets.map((target) => ({ target }))),
      [0, 1],
    );
    assert.deepEqual(asking(all.take(request({ id, epoch: 2, forgotten: [0] }), VERSION)).targets.length, 1);
    assert.deepEqual(asking(all.take(request({ id, epoch: 3, forgotten: [1] }), VERSION)).targets, []);
    assert.equal(all.size, 0);
  });

  test("may begin with nothing; a request that leaves nothing is answered as what it asks for", () => {
    const all = sessions();
    const id = opened(all, []);
    assert.notEqual(id, 0);
    const last = asking(all.take(request({ id, epoch: 1, partitions: [2], forgotten: [2] }), VERSION));
    assert.deepEqual([last.targets.map(({ partition }) => partition), last.answer(fetchedOf(last.targets)).sessionId], [[2], 0]);
  });

  test("that is not known, is elsewhere, or changes how it names topics is refused", () => {
    const all = sessions();
    const id = opened(all, [0]);
    assert.equal(all.take(request({ id: id + 1, epoch: 1 }), VERSION), ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
    assert.equal(all.take(request({ id, epoch: 2 }), VERSION), ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    assert.equal(all.take(request({ id, epoch: 1 }), 13), ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
  });

  test("is ended by a client that wants none", () => {
    const all = sessions();
    const id = opened(all, [0]);
    const last = asking(all.take(request({ id, epoch: -1, partitions: [0] }), VERSION));
    assert.deepEqual(last.answer(fetchedOf(targetsOf(request({ epoch: -1, partitions: [0] })))).sessionId, 0);
    assert.equal(all.size, 0);
  });
});

describe("slots", () => {
  test("a full cache gives no session, until one was not used for a while", () => {
    const clock = new ManualClock();
    const all = sessions(1, clock);
    assert.notEqual(opened(all, [0]), 0);
    assert.equal(opened(all, [0]), 0);
    clock.advance(EVICTION_MS + 1);
    assert.notEqual(opened(all, [0]), 0);
    assert.equal(all.size, 1);
  });

  test("a larger session takes the slot of a smaller one that is no longer young", () => {
    const clock = new ManualClock();
    const all = sessions(1, clock);
    const small = opened(all, [0]);
    clock.advance(EVICTION_MS - 1);
    asking(all.take(request({ id: small, epoch: 1 }), VERSION));
    clock.advance(2);
    assert.equal(opened(all, [0]), 0);
    assert.notEqual(opened(all, [0, 1]), 0);
    assert.equal(all.take(request({ id: small, epoch: 2 }), VERSION), ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  });
});
