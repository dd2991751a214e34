// The small parts that calls are made of.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Kept } from "../../../src/bindings/kafka-grpc/kept.ts";
import { OffsetBudget, Offsets } from "../../../src/bindings/kafka-grpc/offsets.ts";
import { pauseMs } from "../../../src/bindings/kafka-grpc/pauses.ts";
import { Remembered } from "../../../src/bindings/kafka-grpc/remembered.ts";
import { groupOf } from "../../../src/bindings/kafka-grpc/remote-server.ts";

test("offsets hold what was added, in any order, once, and cost as many ranges as there are runs", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 }), (added) => {
      const budget = new OffsetBudget(1_000);
      const offsets = new Offsets(budget);
      for (const offset of added) assert.ok(offsets.add(offset));
      const wanted = [...new Set(added)].sort((a, b) => a - b);
      const runs = wanted.filter((offset) => !wanted.includes(offset - 1)).length;
      assert.equal(1_000 - budget.left, runs);
      assert.equal(offsets.last, wanted.at(-1) ?? -1);
      assert.deepEqual(offsets.drain(), wanted);
      assert.equal(budget.left, 1_000);
      assert.deepEqual(offsets.drain(), []);
    }),
  );
});

test("a stream that has a partition to itself costs one range, and past the budget no new one is held", () => {
  const budget = new OffsetBudget(1);
  const offsets = new Offsets(budget);
  for (let offset = 10; offset < 100_000; offset++) assert.ok(offsets.add(offset));
  assert.equal(budget.left, 0);
  assert.equal(offsets.add(200_000), false);
  assert.equal(offsets.drain().length, 99_990);
});

test("messages are kept as copies while they are few, and not at all when they are many", () => {
  const kept = new Kept(10);
  const message = new Uint8Array([1, 2, 3, 4]);
  kept.add(message);
  message[0] = 9;
  assert.deepEqual(kept.messages, [new Uint8Array([1, 2, 3, 4])]);
  kept.add(new Uint8Array(6));
  assert.ok(kept.complete);
  kept.add(new Uint8Array(1));
  assert.deepEqual([kept.complete, kept.messages.length], [false, 0]);
  kept.add(new Uint8Array(1));
  assert.equal(kept.messages.length, 0, "a part would be no request");
  kept.restart();
  kept.add(new Uint8Array(10));
  assert.deepEqual([kept.complete, kept.messages.length], [true, 1]);
});

test("pauses double from the first to the most, and differ by up to a half", () => {
  const pauses = { firstMs: 100, mostMs: 1_000 };
  const longest = [1, 2, 3, 4, 5, 500].map((failures) => pauseMs(pauses, failures, () => 1));
  assert.deepEqual(longest, [100, 200, 400, 800, 1_000, 1_000]);
  assert.equal(
    pauseMs(pauses, 1, () => 0),
    50,
  );
});

test("ended calls are remembered by id and deadline, the newest of them", () => {
  const remembered = new Remembered(2);
  const call = (key: string, deadlineMs?: number) => ({ key, deadlineMs });
  assert.equal(remembered.add(call("a"), 1), false);
  assert.equal(remembered.add(call("a", 5), 2), false);
  assert.deepEqual([remembered.get(call("a")), remembered.get(call("a", 5)), remembered.get(call("a", 6))], [1, 2, undefined]);
  assert.equal(remembered.add(call("a"), 7), false, "the same call again takes no place");
  assert.equal(remembered.add(call("b"), 3), true);
  assert.deepEqual([remembered.get(call("a", 5)), remembered.get(call("a")), remembered.get(call("b"))], [undefined, 7, 3]);
  remembered.forget(call("b"));
  assert.equal(remembered.size, 1);
});

test("the group's name follows the configured format", () => {
  const binding = { namespace: "example", name: "west" };
  assert.equal(groupOf(binding), "zilla:example-west");
  assert.equal(groupOf(binding, "%s.%s"), "example.west");
  assert.equal(groupOf(binding, "fixed"), "fixed");
  assert.equal(groupOf({ namespace: "$&", name: "%s" }), "zilla:$&-%s", "names are no patterns");
});
