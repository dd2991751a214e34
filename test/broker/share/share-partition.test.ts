import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { NEVER } from "../../../src/broker/share/runs.ts";
import { ACKNOWLEDGE, type Acquiring, SharePartition } from "../../../src/broker/share/share-partition.ts";

const TERMS = { deliveriesMax: 3, untilMs: NEVER };
const at = (start = 0): SharePartition => new SharePartition({ start, runs: [] });
const span = (first: number, last: number, isHidden = false) => ({ first, last, isHidden });

const acquire = (partition: SharePartition, of: Partial<Acquiring> = {}) =>
  partition.acquire({
    ...{ member: "a", batches: [span(0, 9)], most: 100, cut: "whole", batchSize: 100, untilMs: 1_000, inFlightMax: 100 },
    ...of,
  });
const told = (acquired: ReturnType<SharePartition["acquire"]>): string =>
  acquired.map(({ first, last, deliveries }) => `${first}-${last}x${deliveries}`).join(" ");
const acknowledge = (partition: SharePartition, [first, last, ...types]: readonly [number, number, ...number[]], member = "a") =>
  partition.acknowledge(member, [{ firstOffset: first, lastOffset: last, acknowledgeTypes: types }], TERMS)?.error ?? "NONE";
const { gap, accept, release, reject, renew } = ACKNOWLEDGE;

describe("records are given", () => {
  test("to one member at a time", () => {
    const partition = at();
    assert.equal(told(acquire(partition)), "0-9x1");
    assert.equal(told(acquire(partition, { member: "b" })), "");
    assert.deepEqual([partition.next, partition.end], [10, 10]);
  });

  test("in whole batches unless they are to be cut", () => {
    const batches = [span(0, 2), span(3, 4), span(5, 9)];
    assert.equal(told(acquire(at(), { batches, most: 4, batchSize: 2 })), "0-2x1 3-4x1");
    assert.equal(told(acquire(at(), { batches, most: 4, cut: "strict" })), "0-3x1");
  });

  test("up to a number between the first that is not done and the last", () => {
    const partition = at();
    assert.equal(told(acquire(partition, { cut: "strict", inFlightMax: 6 })), "0-5x1");
    assert.equal(told(acquire(partition, { cut: "strict", inFlightMax: 6 })), "");
    acknowledge(partition, [0, 1, accept]);
    partition.advance();
    assert.equal(told(acquire(partition, { cut: "strict", inFlightMax: 6 })), "6-7x1");
  });

  test("not whole batches that are larger than that", () => {
    assert.equal(told(acquire(at(), { batches: [span(0, 500)], most: 1_000 })), "0-99x1");
  });

  test("from where the log has some, but for what nobody is to see", () => {
    const partition = at();
    const batches = [span(2, 2), span(3, 3, true), span(4, 4), span(8, 9)];
    assert.equal(told(acquire(partition, { batches })), "2-2x1 4-4x1 8-9x1");
    assert.equal(partition.start, 2);
  });

  test("not below where the log begins", () => {
    const partition = at();
    acquire(partition);
    partition.trim(5);
    assert.deepEqual(
      [partition.start, acknowledge(partition, [0, 4, accept]), acknowledge(partition, [3, 5, accept])],
      [5, "NONE", "NONE"],
    );
    partition.trim(20);
    assert.deepEqual([partition.start, partition.next, partition.end], [20, 20, 20]);
  });
});

describe("records are acknowledged", () => {
  test("each in its own way", () => {
    const partition = at();
    acquire(partition);
    assert.equal(acknowledge(partition, [0, 4, accept, release, reject, gap, renew]), "NONE");
    assert.deepEqual(partition.snapshot(), {
      start: 0,
      done: 3,
      runs: [
        [0, 0, 1, "done"],
        [1, 1, 1, "available"],
        [2, 3, 1, "done"],
        [4, 4, 1, "available"],
        [5, 9, 1, "available"],
      ],
    });
    partition.advance();
    assert.deepEqual([partition.start, partition.next], [1, 1]);
    assert.equal(told(acquire(partition, { member: "b" })), "1-1x2");
  });

  test("by whoever has them, while it has them", () => {
    const partition = at();
    acquire(partition);
    assert.equal(acknowledge(at(), [0, 0, accept]), "INVALID_RECORD_STATE");
    assert.equal(acknowledge(partition, [0, 0, accept], "b"), "INVALID_RECORD_STATE");
    assert.equal(acknowledge(partition, [0, 10, accept]), "INVALID_REQUEST");
    assert.equal(acknowledge(partition, [0, 1, release]), "NONE");
    assert.equal(acknowledge(partition, [1, 2, accept]), "INVALID_RECORD_STATE");
    assert.equal(acknowledge(partition, [2, 2, accept]), "NONE");
  });

  test("one by one, many at once, without taking long", () => {
    const partition = at();
    const last = 99_999;
    acquire(partition, { batches: [span(0, last)], most: last, inFlightMax: last + 2 });
    const types = Array.from({ length: last + 1 }, (_, offset) => (offset % 2 === 0 ? release : accept));
    const began = performance.now();
    assert.equal(acknowledge(partition, [0, last, ...types]), "NONE");
    assert.ok(performance.now() - began < 5_000, "it takes longer than its length accounts for");
    assert.equal(partition.snapshot().done, 50_000);
    assert.equal(acquire(partition, { batches: [span(0, last)], most: last, inFlightMax: last + 2 }).length, 50_000);
    assert.ok(performance.now() - began < 5_000, "it takes longer than its length accounts for");
  });

  test("all or none", () => {
    const partition = at();
    acquire(partition);
    const before = partition.snapshot();
    const batches = [
      { firstOffset: 0, lastOffset: 4, acknowledgeTypes: [accept] },
      { firstOffset: 4, lastOffset: 5, acknowledgeTypes: [accept] },
    ];
    assert.equal(partition.acknowledge("a", batches, TERMS)?.error, "INVALID_RECORD_STATE");
    assert.deepEqual(partition.snapshot(), before);
  });

  test("and what is done at the beginning is forgotten", () => {
    const partition = at();
    acquire(partition);
    acknowledge(partition, [1, 9, accept]);
    partition.advance();
    assert.equal(partition.start, 0);
    acknowledge(partition, [0, 0, reject]);
    partition.advance();
    assert.deepEqual([partition.start, partition.snapshot().runs], [10, []]);
    assert.equal(acknowledge(partition, [0, 5, accept]), "NONE");
  });
});

describe("what comes back", () => {
  test("is given again, but not too often", () => {
    const partition = at();
    for (let times = 1; times <= TERMS.deliveriesMax; times++) {
      assert.equal(told(acquire(partition)), `0-9x${times}`);
      acknowledge(partition, [0, 0, release]);
      partition.release("a", TERMS.deliveriesMax);
    }
    partition.advance();
    assert.equal(partition.start, 10);
  });

  test("came in time, or its lock has ended", () => {
    const partition = at();
    acquire(partition, { most: 5, cut: "strict", untilMs: 1_000 });
    acquire(partition, { member: "b", untilMs: 2_000 });
    assert.equal(partition.dueMs, 1_000);
    assert.deepEqual([partition.expire(999, 3), partition.expire(1_000, 3), partition.dueMs], [false, true, 2_000]);
    assert.equal(acknowledge(partition, [0, 0, accept]), "INVALID_RECORD_STATE");
    assert.equal(told(acquire(partition, { member: "c" })), "0-4x2");
  });

  test("not what was renewed", () => {
    const partition = at();
    acquire(partition);
    partition.acknowledge("a", [{ firstOffset: 2, lastOffset: 3, acknowledgeTypes: [renew] }], { deliveriesMax: 3, untilMs: 5_000 });
    partition.expire(1_000, 3);
    assert.equal(acknowledge(partition, [2, 3, accept]), "NONE");
    assert.equal(acknowledge(partition, [1, 1, accept]), "INVALID_RECORD_STATE");
  });
});

/** The same, offset by offset. */
class Model {
  readonly states = new Map<number, { member: string; deliveries: number; isDone: boolean }>();
  end = 0;

  acquire(member: string, { first, last }: { first: number; last: number }, most: number): string {
    const given: string[] = [];
    let left = most;
    for (let offset = Math.max(first, 0); offset <= last && left > 0; offset++) {
      const state = this.states.get(offset) ?? { member: "", deliveries: 0, isDone: false };
      if (!this.states.has(offset) && offset > this.end) break;
      this.end = Math.max(this.end, offset + 1);
      this.states.set(offset, state);
      if (state.isDone || state.member !== "") continue;
      Object.assign(state, { member, deliveries: state.deliveries + 1 });
      given.push(`${offset}x${state.deliveries}`);
      left -= 1;
    }
    return given.join(" ");
  }
  acknowledge(member: string, [first, last]: readonly [number, number], type: number): boolean {
    const all = Array.from({ length: last - first + 1 }, (_, index) => first + index).map((offset) => this.states.get(offset));
    const start = this.start;
    if (last < start) return true;
    if (all.some((state, index) => first + index >= start && state?.member !== member)) return false;
    for (const state of all) if (state && !state.isDone) this.#leave(state, type);
    return true;
  }
  release(member: string): void {
    for (const state of this.states.values()) if (state.member === member) this.#leave(state, release);
  }
  get start(): number {
    for (let offset = 0; ; offset++) if (!this.states.get(offset)?.isDone) return offset;
  }
  #leave(state: { member: string; deliveries: number; isDone: boolean }, type: number): void {
    state.member = "";
    state.isDone = type !== release || state.deliveries >= TERMS.deliveriesMax;
  }
}

describe("whatever members do", () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("acquire" as const),
      member: fc.constantFrom("a", "b"),
      length: fc.nat(6),
      most: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({
      kind: fc.constant("acknowledge" as const),
      member: fc.constantFrom("a", "b"),
      first: fc.nat(30),
      length: fc.nat(4),
      type: fc.constantFrom(gap, accept, release, reject),
    }),
    fc.record({ kind: fc.constant("release" as const), member: fc.constantFrom("a", "b") }),
  );

  test("runs of offsets are as single offsets would be, and after a restart too", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let partition = at();
        const model = new Model();
        for (const one of steps) {
          if (one.kind === "acquire") {
            const batch = span(partition.next, partition.next + one.length);
            const given = acquire(partition, { member: one.member, batches: [batch], most: one.most, cut: "strict" });
            const singly = given.flatMap(({ first, last, deliveries }) =>
              Array.from({ length: last - first + 1 }, (_, index) => `${first + index}x${deliveries}`),
            );
            assert.equal(singly.join(" "), model.acquire(one.member, batch, one.most));
          } else if (one.kind === "acknowledge") {
            const range = [one.first, one.first + one.length] as const;
            const isFine = acknowledge(partition, [...range, one.type], one.member) === "NONE";
            assert.equal(isFine, model.acknowledge(one.member, range, one.type));
          } else {
            partition.release(one.member, TERMS.deliveriesMax);
            model.release(one.member);
          }
          partition.advance();
          assert.equal(partition.start, model.start);
        }
        for (const member of ["a", "b"]) partition.release(member, TERMS.deliveriesMax);
        partition = new SharePartition(partition.snapshot());
        model.release("a");
        model.release("b");
        assert.equal(partition.start, model.start);
      }),
      { numRuns: 300, seed: 932 },
    );
  });
});
