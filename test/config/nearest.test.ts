import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { distance, hint, nearest } from "../../src/config/nearest.ts";

const KEYS = ["exit", "guarded", "when", "with", "reply-to", "routes"] as const;

for (const [found, meant] of [
  ["exti", "exit"],
  ["exits", "exit"],
  ["gaurded", "guarded"],
  ["Guarded", "guarded"],
  ["replyTo", "reply-to"],
  ["reply_to", "reply-to"],
  ["wen", "when"],
  ["route", "routes"],
  ["rou", "routes"],
  ["vault", undefined],
  ["x", undefined],
  ["", undefined],
  ["e".repeat(10_000), undefined],
] as const) {
  test(`'${found.slice(0, 20)}' is ${meant === undefined ? "near to nothing" : `meant to be '${meant}'`}`, () => {
    assert.equal(nearest(found, KEYS), meant);
  });
}

test("a swap of neighbours is one edit", () => {
  assert.equal(distance("exti", "exit", 5), 1);
});

test("counting stops past the most that is asked for", () => {
  assert.equal(distance("aaaaaaaa", "bbbbbbbb", 2), 3);
});

test("the distance is symmetric, zero only for equals, and at most the longer length", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const edits = distance(a, b, 100);
      assert.equal(edits, distance(b, a, 100));
      assert.equal(edits === 0, a === b);
      assert.ok(edits <= Math.max(a.length, b.length));
    }),
  );
});

test("a hint names the nearest and what is allowed", () => {
  assert.equal(hint("exti", ["exit", "when"]), "; did you mean 'exit'? allowed: exit, when");
  assert.equal(hint("zzz", ["exit", "when"]), "; allowed: exit, when");
  assert.equal(hint("zzz", []), "");
});

test("a long list of what is allowed is cut", () => {
  const many = Array.from({ length: 20 }, (_, index) => `k${index}`);
  assert.match(hint("zzz", many), /k15, … \(20 in all\)$/);
});
