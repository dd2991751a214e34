import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latin1, utf8 } from "../../src/core/bytes.ts";
import { percentDecode, percentDecodeText, percentEncode } from "../../src/core/percent.ts";

const BYTES_MAX = 2048;

const messages: readonly (readonly [message: string, encoded: string])[] = [
  ["", ""],
  ["plain text ~!", "plain text ~!"],
  ["100%", "100%25"],
  ["50% \u00fc\n", "50%25 %C3%BC%0A"],
  [
    "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n",
    "%09%0Atest with whitespace%0D%0Aand Unicode BMP %E2%98%BA and non-BMP %F0%9F%98%88%09%0A",
  ],
];
for (const [message, encoded] of messages)
  test(`the message ${JSON.stringify(message)} is encoded and decoded`, () => {
    assert.equal(percentEncode(message, BYTES_MAX), encoded);
    assert.equal(percentDecodeText(encoded), message);
    assert.equal(percentDecode(utf8(encoded)), message);
  });

test("what is badly encoded stays as it is", () => {
  for (const message of ["50% of %zz and %4", "%", "ends with %2"]) {
    assert.equal(percentDecodeText(message), message);
    assert.equal(percentDecode(utf8(message)), message);
  }
  assert.equal(percentDecodeText("%ff"), "\uFFFD");
  assert.equal(percentDecode(utf8("ü and %C3%BC")), "ü and ü", "plain UTF-8 beside it");
});

test("any message comes back and is printable on the way; no bytes make the decoder throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 50 }), (message) => {
      const encoded = percentEncode(message, BYTES_MAX);
      assert.match(encoded, /^[\x20-\x7e]*$/);
      assert.equal(percentDecodeText(encoded), message);
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(percentDecode(bytes), percentDecodeText(latin1(bytes)))));
});

test("a long message is cut at the end of a character, both ways", () => {
  assert.equal(percentDecodeText(percentEncode("é".repeat(BYTES_MAX), BYTES_MAX)), "é".repeat(BYTES_MAX / 2));
  assert.equal(percentEncode("x".repeat(10_000), BYTES_MAX).length, BYTES_MAX);
  assert.equal(percentDecodeText(percentEncode(`a${"é".repeat(BYTES_MAX)}`, BYTES_MAX)).length, BYTES_MAX / 2);
  assert.equal(percentDecode(utf8("é".repeat(BYTES_MAX)), 11), "é".repeat(5));
  assert.equal(percentDecode(utf8("%25".repeat(20)), 7), "%".repeat(7));
});
