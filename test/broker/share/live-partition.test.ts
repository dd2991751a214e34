import assert from "node:assert/strict";
import { test } from "node:test";
import { LivePartition } from "../../../src/broker/share/live-partition.ts";
import type { ShareSnapshot } from "../../../src/broker/share/share-partition.ts";
import { ManualClock } from "../../kit/clock.ts";

const LOCK_MS = 30_000;

const setUp = () => {
  const clock = new ManualClock();
  const kept: ShareSnapshot[] = [];
  let release = (): void => {};
  const live = new LivePartition(
    { start: 0, runs: [] },
    {
      clock,
      terms: () => ({
        ...{ sessionMs: 1, heartbeatMs: 1, lockMs: LOCK_MS, deliveriesMax: 5, inFlightMax: 100 },
        ...{ reset: "latest", isolation: "uncommitted", renews: true },
      }),
      keep: (snapshot) => {
        kept.push(snapshot);
        return new Promise((resolve) => {
          release = resolve;
        });
      },
      couldNotKeep: () => {},
    },
  );
  const acquire = () =>
    live.acquire({ member: "a", batches: [{ first: 0, last: 4, isHidden: false }], most: 100, cut: "whole", batchSize: 100 });
  return { clock, kept, live, acquire, release: () => release() };
};

const accepted = [{ firstOffset: 0, lastOffset: 1, acknowledgeTypes: [1] }];

test("an acknowledgement is answered when it is durable", async () => {
  const { live, acquire, kept, release } = setUp();
  acquire();
  let isAnswered = false;
  const answered = live.acknowledge("a", accepted).then(() => {
    isAnswered = true;
  });
  await Promise.resolve();
  assert.deepEqual([isAnswered, kept.map(({ start, done }) => [start, done])], [false, [[0, 2]]]);
  release();
  await answered;
});

test("a lock that ends gives the records to whoever waits, and is kept", () => {
  const { live, acquire, kept, clock } = setUp();
  acquire();
  let isTold = false;
  live.listen(() => {
    isTold = true;
  });
  clock.advance(LOCK_MS - 1);
  assert.equal(isTold, false);
  clock.advance(1);
  assert.deepEqual([isTold, kept.length, live.next], [true, 1, 0]);
  assert.deepEqual(acquire(), [{ first: 0, last: 4, deliveries: 2 }]);
});

test("one that is over takes no acknowledgement, tells those who wait, and leaves no timer", async () => {
  const { live, acquire, kept, clock } = setUp();
  acquire();
  let isTold = false;
  live.listen(() => {
    isTold = true;
  });
  live.close();
  await assert.rejects(live.acknowledge("a", accepted), { name: "FENCED_STATE_EPOCH" });
  assert.deepEqual([isTold, kept, clock.armed], [true, [], 0]);
});
