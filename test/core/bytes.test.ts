import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, copy, equal, fromBase64, latin1, text, utf8 } from "../../src/core/bytes.ts";

test("base64 is read in either alphabet, padded or not", () => {
  for (const [value, bytes] of [
    ["dGVzdA==", "test"],
    ["dGVzdA", "test"],
    ["", ""],
  ] as const)
    assert.equal(text(fromBase64(value)!), bytes);
  assert.deepEqual(fromBase64("AQIA+AE="), fromBase64("AQIA-AE"));
});

test("what is no base64 is refused", () => {
  for (const value of ["a", "abc=d", "ab cd", "ab===", "é"]) assert.equal(fromBase64(value), undefined, value);
});

test("bytes are compared, copied and joined by content", () => {
  const whole = utf8("héllo");
  const view = whole.subarray(0, 3);
  assert.ok(equal(view, utf8("hé")));
  assert.ok(!equal(view, whole));
  assert.notEqual(copy(view).buffer, whole.buffer);
  assert.equal(text(concat([view, utf8("!"), new Uint8Array(0)])), "hé!");
  assert.equal(latin1(Uint8Array.of(0, 255)), "\u0000\u00ff");
});
