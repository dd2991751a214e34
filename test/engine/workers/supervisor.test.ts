// A supervisor over processes that a test plays: they start, say, and end when it says so.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Counters } from "../../../src/core/counters.ts";
import { logTo } from "../../../src/core/log.ts";
import { type Snapshot, snapshotOf } from "../../../src/core/snapshot.ts";
import type { ToWorker, WorkerStart } from "../../../src/engine/workers/messages.ts";
import { DRAIN_GRACE_MS, StartFailed, Supervisor } from "../../../src/engine/workers/supervisor.ts";
import { COUNT_MS_MAX, type ProcessOwner, RESTART_MS_FIRST, RESTART_MS_MAX, STEADY_MS } from "../../../src/engine/workers/worker.ts";
import { ManualClock } from "../../kit/clock.ts";

class Played {
  readonly start: WorkerStart;
  readonly told: ToWorker[] = [];
  killed = false;
  readonly #owner: ProcessOwner;

  constructor(start: WorkerStart, owner: ProcessOwner) {
    this.start = start;
    this.#owner = owner;
  }
  ready(port = 7151): void {
    this.#owner.said({ kind: "ready", ports: { "n:in": [port] } });
  }
  counts(counted: Snapshot): void {
    const asked = this.told.findLast(({ kind }) => kind === "count");
    this.#owner.said({ kind: "counted", counted, ...(asked?.kind === "count" ? { ask: asked.ask } : {}) });
  }
  lastWords(counted: Snapshot): void {
    this.#owner.said({ kind: "counted", counted });
  }
  end(status: number | null, signal: string | null = null): void {
    this.#owner.ended({ status, signal });
  }
  get drains(): boolean {
    return this.told.some(({ kind }) => kind === "drain");
  }
}

const rig = (workers: number) => {
  const clock = new ManualClock();
  const spawned: Played[] = [];
  const lines: string[] = [];
  const readiness: number[] = [];
  const supervisor = new Supervisor({
    ...{ workers, clock, log: logTo((line) => lines.push(line), "debug") },
    spawn: (start, owner) => {
      const played = new Played(start, owner);
      spawned.push(played);
      return {
        pid: spawned.length,
        send: (message) => played.told.push(message),
        kill: () => {
          played.killed = true;
          setImmediate(() => played.end(null, "SIGKILL"));
        },
      };
    },
    changed: (ready) => readiness.push(ready),
  });
  return { clock, spawned, lines, readiness, supervisor };
};

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

const started = async (workers: number) => {
  const all = rig(workers);
  const starting = all.supervisor.start();
  all.spawned[0]?.ready();
  await turn();
  for (const other of all.spawned.slice(1)) other.ready();
  await starting;
  return all;
};

const counting = (requests: number, active: number): Snapshot => {
  const counters = new Counters();
  counters.declare({ name: "requests", kind: "counter", unit: "count", help: "" });
  counters.declare({ name: "active", kind: "gauge", unit: "count", help: "" });
  counters.counter({ namespace: "n", binding: "b", metric: "requests" }).value = requests;
  counters.counter({ namespace: "n", binding: "b", metric: "active" }).value = active;
  return snapshotOf(counters);
};
const totalOf = (counters: Counters, metric: string): number => {
  let sum = 0;
  for (const { key, of } of counters.all()) if (key.metric === metric && "value" in of) sum += of.value;
  return sum;
};

describe("a start", () => {
  test("begins with one worker, whose ports the others are given, and is over when all are ready", async () => {
    const { supervisor, spawned } = rig(3);
    let over = false;
    const starting = supervisor.start().then(() => {
      over = true;
    });
    assert.equal(spawned.length, 1);
    spawned[0]?.ready(4711);
    await turn();
    assert.deepEqual(
      spawned.map(({ start }) => start),
      [
        { number: 1, of: 3, first: true, ports: {} },
        { number: 2, of: 3, first: false, ports: { "n:in": [4711] } },
        { number: 3, of: 3, first: false, ports: { "n:in": [4711] } },
      ],
    );
    spawned[2]?.ready();
    await turn();
    assert.equal(over, false);
    spawned[1]?.ready();
    await starting;
  });

  test("that one worker fails is over at once: nothing is tried again", async () => {
    const { supervisor, spawned } = rig(2);
    const starting = supervisor.start();
    spawned[0]?.end(1);
    await assert.rejects(starting, (reason) => reason instanceof StartFailed && reason.message === "worker 1 could not be started");
    assert.equal(spawned.length, 1);
  });

  test("that a later worker fails ends those that are there", async () => {
    const { supervisor, spawned, clock } = rig(3);
    const starting = supervisor.start();
    spawned[0]?.ready();
    await turn();
    spawned[1]?.end(1);
    await assert.rejects(starting, StartFailed);
    assert.deepEqual(
      spawned.map(({ killed }) => killed),
      [true, false, true],
    );
    assert.equal(clock.armed, 0);
  });
});

describe("a worker that ends", () => {
  test("is started again after a pause that grows, up to a limit, and it is said each time", async () => {
    const { spawned, clock, lines } = await started(2);
    const pauses: number[] = [];
    for (let times = 0; times < 11; times++) {
      spawned.at(-1)?.end(null, "SIGSEGV");
      const pauseMs = Number(/pauseMs=(\d+)/.exec(lines.at(-1) ?? "")?.[1]);
      pauses.push(pauseMs);
      const before = spawned.length;
      clock.advance(pauseMs - 1);
      assert.equal(spawned.length, before);
      clock.advance(1);
      assert.equal(spawned.length, before + 1);
    }
    assert.deepEqual(
      pauses,
      Array.from({ length: 11 }, (_, at) => Math.min(RESTART_MS_FIRST * 2 ** at, RESTART_MS_MAX)),
    );
    assert.match(lines.at(-1) ?? "", /warn a worker has ended and is started again worker=2 signal=SIGSEGV pauseMs=30000/);
    assert.deepEqual(spawned.at(-1)?.start, { number: 2, of: 2, first: false, ports: { "n:in": [7151] } });
  });

  test("after it was ready for long begins with the shortest pause", async () => {
    const { spawned, clock, lines } = await started(1);
    spawned[0]?.end(1);
    clock.advance(RESTART_MS_FIRST);
    spawned[1]?.ready();
    clock.advance(STEADY_MS - 1);
    spawned[1]?.end(1);
    assert.match(lines.at(-1) ?? "", new RegExp(`pauseMs=${2 * RESTART_MS_FIRST}$`, "m"));
    clock.advance(2 * RESTART_MS_FIRST);
    spawned[2]?.ready();
    clock.advance(STEADY_MS);
    spawned[2]?.end(1);
    assert.match(lines.at(-1) ?? "", new RegExp(`status=1 pauseMs=${RESTART_MS_FIRST}$`, "m"));
  });

  test("is missed in what is told of how many are ready, until it is ready again", async () => {
    const { spawned, clock, readiness, supervisor } = await started(2);
    spawned[0]?.end(1);
    spawned[1]?.end(1);
    clock.advance(RESTART_MS_FIRST);
    spawned[2]?.ready();
    assert.deepEqual(readiness, [1, 0, 1]);
    const counted = supervisor.counted();
    spawned[2]?.counts([]);
    const counters = await counted;
    assert.deepEqual([totalOf(counters, "sluice.workers"), totalOf(counters, "sluice.workers.restarts")], [1, 2]);
  });
});

describe("what is counted", () => {
  test("is the sum of all, or that of each by its number", async () => {
    const { spawned, supervisor } = await started(2);
    const sum = supervisor.counted();
    for (const [at, played] of spawned.entries()) played.counts(counting(10 ** at, 3));
    assert.deepEqual([totalOf(await sum, "requests"), totalOf(await sum, "active")], [11, 6]);
    const each = supervisor.countedEach();
    for (const [at, played] of spawned.entries()) played.counts(counting(20 ** at, 3));
    assert.deepEqual(
      [...(await each)].map(([worker, counters]) => [worker, totalOf(counters, "requests")]),
      [
        [1, 1],
        [2, 20],
      ],
    );
  });

  test("stays counted when a worker ends, but for what stood at some height", async () => {
    const { spawned, supervisor, clock } = await started(2);
    const first = supervisor.counted();
    spawned[0]?.counts(counting(5, 3));
    spawned[1]?.counts(counting(7, 2));
    assert.deepEqual([totalOf(await first, "requests"), totalOf(await first, "active")], [12, 5]);
    spawned[0]?.end(null, "SIGKILL");
    spawned[1]?.lastWords(counting(9, 0));
    spawned[1]?.end(0);
    const later = await supervisor.counted();
    assert.deepEqual([totalOf(later, "requests"), totalOf(later, "active")], [14, 0]);
    clock.advance(RESTART_MS_FIRST);
    spawned[2]?.ready();
    const again = supervisor.counted();
    spawned[2]?.counts(counting(1, 1));
    assert.deepEqual([totalOf(await again, "requests"), totalOf(await again, "active")], [15, 1]);
  });

  test("of a worker that does not answer is what it told last", async () => {
    const { spawned, supervisor, clock } = await started(1);
    const first = supervisor.counted();
    spawned[0]?.counts(counting(5, 3));
    await first;
    const second = supervisor.counted();
    clock.advance(COUNT_MS_MAX);
    assert.equal(totalOf(await second, "requests"), 5);
  });

  test("is told at once of a worker that ends while it is asked", async () => {
    const { spawned, supervisor } = await started(1);
    const counted = supervisor.counted();
    spawned[0]?.end(1);
    assert.equal(totalOf(await counted, "requests"), 0);
  });
});

describe("a drain", () => {
  test("is told to all, and is clean when all end with status 0", async () => {
    const { spawned, supervisor, clock } = await started(2);
    const drained = supervisor.drain(1_000);
    assert.deepEqual(
      spawned.map(({ drains }) => drains),
      [true, true],
    );
    for (const played of spawned) played.end(0);
    assert.equal(await drained, true);
    assert.equal(clock.armed, 0);
    assert.equal(spawned.length, 2, "nothing is started again");
  });

  test("ends those that do not, and is not clean then", async () => {
    const { spawned, supervisor, clock } = await started(2);
    const drained = supervisor.drain(1_000);
    spawned[0]?.end(0);
    clock.advance(1_000 + DRAIN_GRACE_MS - 1);
    assert.equal(spawned[1]?.killed, false);
    clock.advance(1);
    assert.equal(await drained, false);
    assert.equal(spawned[1]?.killed, true);
  });

  test("of a worker that waits to be started again is over at once", async () => {
    const { spawned, supervisor, clock } = await started(1);
    spawned[0]?.end(1);
    assert.equal(await supervisor.drain(1_000), true);
    assert.equal(clock.armed, 0);
  });
});
