import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { patternOf } from "../../src/config/pattern.ts";

for (const [pattern, takes, refuses] of [
  [
    "example.EchoService/*",
    ["example.EchoService/EchoUnary", "example.EchoService/"],
    ["exampleXEchoService/EchoUnary", "example.EchoService"],
  ],
  ["example.*/Echo*", ["example.EchoService/EchoUnary", "example./Echo"], ["example.EchoService/Unary", "other.Service/Echo"]],
  ["*", ["", "anything/at.all"], []],
  ["a*b*c", ["abc", "a-b-b-c", "abbcc"], ["ab", "acb", "abcd", "xabc"]],
  ["a{x}c", ["abc", "abbc"], ["ac", "abcd"]],
  ["a{x}", ["ab"], ["a"]],
  ["*a", ["a", "ba", "aa"], ["ab"]],
  ["a", ["a"], ["", "aa", "A"]],
  ["a.b(c)[d]+", ["a.b(c)[d]+"], ["aXb(c)[d]+"]],
  ["ab*ba", ["abba", "ab-ba"], ["aba"]],
  ["{not a name}", ["{not a name}"], ["x"]],
] as const) {
  test(`'${pattern}' takes ${takes.map((each) => `'${each}'`).join(", ")}`, () => {
    for (const value of takes) assert.ok(patternOf(pattern).matches(value), value);
    for (const value of refuses) assert.ok(!patternOf(pattern).matches(value), value);
  });
}

test("names capture what they stand for", () => {
  assert.deepEqual({ ...patternOf("/items/{id}/parts/{part}").captures("/items/7/parts/a/b") }, { id: "7", part: "a/b" });
  assert.equal(patternOf("/items/{id}").captures("/items/"), undefined);
});

test("a pattern says the same as the regular expression that it stands for", () => {
  const piece = fc.constantFrom("a", "b", "ab", "*", "{x}");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.stringMatching(/^[ab]{0,10}$/), (pieces, value) => {
      const expression = new RegExp(`^${pieces.map((each) => (each === "*" ? ".*" : each === "{x}" ? ".+" : each)).join("")}$`);
      assert.equal(patternOf(pieces.join("")).matches(value), expression.test(value));
    }),
  );
});

test("no caller can make a pattern slow", () => {
  const started = performance.now();
  assert.ok(!patternOf("*a*a*a*a*a*a*a*a*b").matches("a".repeat(100_000)));
  assert.ok(performance.now() - started < 500);
});
