// A status on a final record and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1, utf8 } from "../../src/core/bytes.ts";
import { FINAL_MESSAGE_BYTES_MAX, statusHeaders, statusOf } from "../../src/exchange/final.ts";
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

test("a message of a final record is percent-coded, and cut at the end of a character", () => {
  const long = "\u00fc".repeat(FINAL_MESSAGE_BYTES_MAX);
  const [, header] = statusHeaders({ code: 5, message: `a${long}` });
  assert.equal(latin1(header!.value!).length, 1 + 6 * ((FINAL_MESSAGE_BYTES_MAX - 2) / 2));
  const back = statusOf({ header: (name) => (name === header!.name ? header!.value : utf8("5")) });
  assert.deepEqual(back, { code: 5, message: `a${"\u00fc".repeat((FINAL_MESSAGE_BYTES_MAX - 2) / 2)}` });
  const plain = statusOf({ header: (name) => (name === header!.name ? utf8(`a${long}`) : utf8("5")) });
  assert.equal(plain.message.length, FINAL_MESSAGE_BYTES_MAX / 2, "uncoded, as others may write it");
});
