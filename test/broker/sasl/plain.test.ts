import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plainExchange } from "../../../src/broker/sasl/plain.ts";
import { EMPTY, utf8 } from "../../../src/core/bytes.ts";

const next = (message: string) =>
  plainExchange(
    new Map([
      ["alice", "secret"],
      ["empty", ""],
    ]),
  ).next(utf8(message));

describe("SASL PLAIN", () => {
  it("accepts the name with its password, and the name as the authorization id", () => {
    for (const message of ["\0alice\0secret", "alice\0alice\0secret"])
      assert.deepEqual(next(message), { kind: "accepted", user: "alice", bytes: EMPTY });
  });

  const REFUSED: readonly (readonly [message: string, reason: string, told?: string])[] = [
    ["\0alice\0other", "Invalid username or password", "Authentication failed: Invalid username or password"],
    ["\0bob\0secret", "Invalid username or password", "Authentication failed: Invalid username or password"],
    ["\0bob\0", "password not specified", "Authentication failed: password not specified"],
    ["\0empty\0", "password not specified", "Authentication failed: password not specified"],
    ["\0\0secret", "username not specified", "Authentication failed: username not specified"],
    [
      "bob\0alice\0secret",
      "Client requested an authorization id that is different from username",
      "Authentication failed: Client requested an authorization id that is different from username",
    ],
    ["alice\0secret", "a message of 2 parts", "Invalid SASL/PLAIN response: expected 3 tokens, got 2"],
    ["\0alice\0secret\0", "a message of 4 parts", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"],
    ["", "a message of 1 parts", "Invalid SASL/PLAIN response: expected 3 tokens, got 1"],
  ];
  for (const [message, reason, told] of REFUSED)
    it(`refuses ${JSON.stringify(message)}`, () => {
      assert.deepEqual(next(message), { kind: "refused", reason, ...(told === undefined ? {} : { told }) });
    });
});
