// A status on a final record and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latin1, text, utf8 } from "../../src/core/bytes.ts";
import { percentDecode, percentEncode, STATUS_MESSAGE_BYTES_MAX, statusHeaders, statusOf } from "../../src/exchange/final.ts";
import { headed, headersOf } from "./headed.ts";

test("a status is decimal text, and its message only when there is one", () => {
  assert.deepEqual(statusHeaders({ code: 0, message: "" }), headersOf([["zilla:status", "0"]]));
  assert.deepEqual(
    statusHeaders({ code: 9, message: "Custom Error Message" }),
    headersOf([
      ["zilla:status", "9"],
      ["zilla:message", "Custom Error Message"],
    ]),
  );
});

const UNREADABLE = "a reply ended without a readable status";
for (const [headers, status] of [
  [[], { code: 0, message: "" }],
  [[["zilla:status", "0"]], { code: 0, message: "" }],
  [[["zilla:status", "9"]], { code: 9, message: "" }],
  [[["zilla:status", " 9 "]], { code: 9, message: "" }],
  [[["zilla:status", "99"]], { code: 99, message: "" }],
  [
    [
      ["zilla:status", "9"],
      ["zilla:message", "Custom Error Message"],
    ],
    { code: 9, message: "Custom Error Message" },
  ],
  [
    [
      ["zilla:status", "9"],
      ["zilla:message", "a%20b%C3%BC"],
    ],
    { code: 9, message: "a b\u00fc" },
  ],
  [
    [
      ["zilla:status", "9"],
      ["zilla:message", "100% %zz %"],
    ],
    { code: 9, message: "100% %zz %" },
  ],
  [
    [
      ["zilla:status", "9"],
      ["zilla:message", "\u00fc"],
    ],
    { code: 9, message: "\u00fc" },
  ],
  [
    [
      ["zilla:status", "9"],
      ["zilla:message", new Uint8Array([0xff])],
    ],
    { code: 9, message: "\ufffd" },
  ],
  [
    [
      ["zilla:status", "9"],
      ["zilla:message", null],
    ],
    { code: 9, message: "" },
  ],
  [[["zilla:message", "x"]], { code: 0, message: "" }],
  [[["zilla:status", ""]], { code: 2, message: UNREADABLE }],
  [[["zilla:status", null]], { code: 2, message: UNREADABLE }],
  [[["zilla:status", "OK"]], { code: 2, message: UNREADABLE }],
  [[["zilla:status", "-1"]], { code: 2, message: UNREADABLE }],
  [[["zilla:status", "1.0"]], { code: 2, message: UNREADABLE }],
  [[["zilla:status", "1".repeat(300)]], { code: 2, message: UNREADABLE }],
  [
    [
      ["zilla:status", "x"],
      ["zilla:message", "why"],
    ],
    { code: 2, message: "why" },
  ],
] as const) {
  test(`the status of ${JSON.stringify(headers)} is ${status.code} '${status.message}'`, () => {
    assert.deepEqual(statusOf(headed(headersOf(headers))), status);
  });
}

test("a message is percent-coded as gRPC says", () => {
  assert.equal(latin1(percentEncode("50% \u00fc\n")), "50%25 %C3%BC%0A");
});

test("every message that fits comes back", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (message) => assert.equal(percentDecode(percentEncode(message)), message)));
});

test("no bytes make the decoder throw", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void percentDecode(bytes)));
});

test("a long message is cut at the end of a character", () => {
  const long = "\u00fc".repeat(STATUS_MESSAGE_BYTES_MAX);
  assert.equal(text(percentEncode(`a${long}`)).length, 1 + 6 * ((STATUS_MESSAGE_BYTES_MAX - 2) / 2));
  assert.equal(percentDecode(utf8(`a${long}`)).length, STATUS_MESSAGE_BYTES_MAX / 2);
});
