// Texts that stand for who calls.
import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "../../src/core/bytes.ts";
import { type CallerText, callerTextResolver } from "../../src/exchange/caller-text.ts";

const sessions = { jwt: { identity: "ann$1\\", attributes: { key: "k" } } };

for (const [what, of, given, resolved] of [
  ["a literal", { kind: "literal", text: "\u00fc" }, undefined, "\u00fc"],
  ["the identity, as it is", { kind: "identity", guard: "jwt" }, sessions, "ann$1\\"],
  ["an attribute", { kind: "attribute", guard: "jwt", name: "key" }, sessions, "k"],
  ["nobody known", { kind: "identity", guard: "jwt" }, undefined, ""],
  ["another guard", { kind: "identity", guard: "other" }, sessions, ""],
  ["another attribute", { kind: "attribute", guard: "jwt", name: "nokey" }, sessions, ""],
  ["what every object has", { kind: "attribute", guard: "jwt", name: "constructor" }, sessions, ""],
  ["a guard that every object has", { kind: "identity", guard: "toString" }, sessions, ""],
] as const satisfies readonly (readonly [string, CallerText, typeof sessions | undefined, string])[]) {
  test(`a text resolves: ${what}`, () => {
    const bytes = callerTextResolver(of)(given === undefined ? {} : { sessions: given });
    assert.equal(text(bytes), resolved);
  });
}
