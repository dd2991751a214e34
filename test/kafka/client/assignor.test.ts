import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AssignorMember, assign } from "../../../src/kafka/client/assignor.ts";
import type { TopicPartition } from "../../../src/ports/kafka.ts";

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
const member = (id: string, topics: readonly string[], owned: readonly TopicPartition[] = []): AssignorMember => ({
  id,
  topics,
  owned,
  generation: 1,
});
const sizes = (assignment: ReadonlyMap<string, readonly TopicPartition[]>): readonly number[] =>
  [...assignment.values()].map(({ length }) => length);

/** Rounds until nothing moves: each member gives up what it was not given, as members do. */
const settle = (
  members: readonly AssignorMember[],
  counts: ReadonlyMap<string, number>,
): { readonly rounds: number; readonly members: readonly AssignorMember[] } => {
  let now = members;
  for (let rounds = 1; ; rounds++) {
    assert.ok(rounds < 10, "does not come to rest");
    const given = assign(now, counts);
    const next = now.map((one) => ({ ...one, owned: given.get(one.id) ?? [], generation: one.generation + 1 }));
    const same = next.every(({ owned }, index) => owned.map(nameOf).sort().join() === now[index]!.owned.map(nameOf).sort().join());
    if (same) return { rounds, members: next };
    now = next;
  }
};

test("partitions are shared out evenly, the remainder one by one", () => {
  const counts = new Map([["a", 7]]);
  const given = assign([member("m1", ["a"]), member("m2", ["a"]), member("m3", ["a"])], counts);
  assert.deepEqual([...sizes(given)].sort(), [2, 2, 3]);
});

test("a new member is given nothing that another still has; the other gives up its share first", () => {
  const counts = new Map([["a", 4]]);
  const all = [0, 1, 2, 3].map((partition) => ({ topic: "a", partition }));
  const first = assign([member("m1", ["a"], all), member("m2", ["a"], [])], counts);
  assert.deepEqual(sizes(first), [2, 0]);
  const second = assign([member("m1", ["a"], first.get("m1")), member("m2", ["a"], [])], counts);
  assert.deepEqual(sizes(second), [2, 2]);
  assert.deepEqual(second.get("m1"), first.get("m1"));
});

test("when a member leaves, the others keep what they have", () => {
  const counts = new Map([["a", 6]]);
  const owned = (partitions: readonly number[]): TopicPartition[] => partitions.map((partition) => ({ topic: "a", partition }));
  const given = assign([member("m1", ["a"], owned([0, 1])), member("m2", ["a"], owned([4, 5]))], counts);
  assert.deepEqual(sizes(given), [3, 3]);
  for (const partition of [0, 1]) assert.ok(given.get("m1")!.some((one) => one.partition === partition));
  for (const partition of [4, 5]) assert.ok(given.get("m2")!.some((one) => one.partition === partition));
});

test("of two that claim a partition, the one of the newer generation keeps it", () => {
  const counts = new Map([["a", 1]]);
  const claim = [{ topic: "a", partition: 0 }];
  const given = assign(
    [
      { ...member("old", ["a"], claim), generation: 4 },
      { ...member("new", ["a"], claim), generation: 5 },
    ],
    counts,
  );
  assert.deepEqual([given.get("old"), given.get("new")], [[], claim]);
});

test("of two that claim a partition in one generation, neither has it until both have let go", () => {
  const counts = new Map([["a", 1]]);
  const claim = [{ topic: "a", partition: 0 }];
  assert.deepEqual(sizes(assign([member("m1", ["a"], claim), member("m2", ["a"], claim)], counts)), [0, 0]);
  assert.deepEqual(sizes(assign([member("m1", ["a"]), member("m2", ["a"])], counts)), [1, 0]);
});

test("what is owned of a topic that is gone, or no longer wanted, is not given", () => {
  const counts = new Map([["a", 1]]);
  const owned = [
    { topic: "a", partition: 0 },
    { topic: "a", partition: 5 },
    { topic: "gone", partition: 0 },
  ];
  assert.deepEqual(assign([member("m1", ["a", "gone"], owned)], counts).get("m1"), [{ topic: "a", partition: 0 }]);
  assert.deepEqual(assign([member("m1", [], owned)], counts).get("m1"), []);
});

test("whoever wants what: each partition has one owner that wants it, shares are as even as they can be, and rounds end", () => {
  const topics = ["a", "b", "c"];
  const group = fc.record({
    counts: fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8)),
    wants: fc.array(fc.subarray(topics, { minLength: 1 }), { minLength: 1, maxLength: 6 }),
    owners: fc.array(fc.nat(5), { minLength: 24, maxLength: 24 }),
  });
  fc.assert(
    fc.property(group, ({ counts: [a, b, c], wants, owners }) => {
      const counts = new Map([
        ["a", a],
        ["b", b],
        ["c", c],
      ]);
      const partitions = topics.flatMap((topic) => Array.from({ length: counts.get(topic)! }, (_, partition) => ({ topic, partition })));
      const members = wants.map((of, index) =>
        member(
          `m${index}`,
          of,
          partitions.filter((_, at) => owners[at] === index),
        ),
      );
      const settled = settle(members, counts);
      const given = settled.members.flatMap(({ id, topics: wanted, owned }) => {
        for (const { topic } of owned) assert.ok(wanted.includes(topic), `${id} did not ask for ${topic}`);
        return owned.map(nameOf);
      });
      const wanted = partitions.filter(({ topic }) => wants.some((of) => of.includes(topic)));
      assert.deepEqual(given.sort(), wanted.map(nameOf).sort());
      for (const from of settled.members)
        for (const to of settled.members)
          if (from.owned.length > to.owned.length + 1)
            assert.ok(!from.owned.some(({ topic }) => to.topics.includes(topic)), "could be more even");
    }),
    { numRuns: 300 },
  );
});
