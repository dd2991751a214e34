// Our headers, to and from records.
import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1, utf8 } from "../../src/core/bytes.ts";
import * as extensions from "../../src/exchange/extensions.ts";
import { headed, headersOf } from "./headed.ts";

test("a deadline is whole Unix milliseconds, rounded up", () => {
  assert.equal(latin1(extensions.deadlineHeader(1764000000000.2).value ?? utf8("")), "1764000000001");
  assert.equal(extensions.deadlineOf(headed([extensions.deadlineHeader(1764000000000)])), 1764000000000);
});

test("every header is read back", () => {
  const id = utf8("K-1");
  assert.deepEqual(extensions.cancelOf(headed([extensions.cancelHeader(id)])), id);
  assert.equal(extensions.attemptOf(headed([extensions.attemptHeader("7a")])), "7a");
  assert.equal(extensions.initialOf(headed([extensions.initialHeader(2)])), 2);
  assert.equal(extensions.hasOneReply(headed([extensions.ONE_REPLY_HEADER])), true);
  assert.equal(extensions.hasNoMessages(headed([extensions.NO_MESSAGES_HEADER])), true);
});

test("a record without them has none", () => {
  const record = headed([]);
  assert.equal(extensions.deadlineOf(record), undefined);
  assert.equal(extensions.cancelOf(record), undefined);
  assert.equal(extensions.attemptOf(record), undefined);
  assert.equal(extensions.initialOf(record), undefined);
  assert.equal(extensions.hasOneReply(record), false);
  assert.equal(extensions.hasNoMessages(record), false);
});

for (const value of [null, "", "-1", "1.5", "x", " 1", "1e3", "9".repeat(16), "\u0661"]) {
  test(`a number that is none reads as absent: ${JSON.stringify(value)}`, () => {
    const record = headed(
      headersOf([
        ["sluice:deadline", value],
        ["sluice:initial", value],
      ]),
    );
    assert.equal(extensions.deadlineOf(record), undefined);
    assert.equal(extensions.initialOf(record), undefined);
  });
}

test("other texts are not what they stand for", () => {
  const record = headed(
    headersOf([
      ["sluice:shape", "two"],
      ["sluice:messages", "1"],
      ["sluice:cancel", null],
    ]),
  );
  assert.equal(extensions.hasOneReply(record), false);
  assert.equal(extensions.hasNoMessages(record), false);
  assert.equal(extensions.cancelOf(record), undefined);
});
