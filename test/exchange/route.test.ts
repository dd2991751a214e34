// Which calls the conditions of a route take.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../src/core/bytes.ts";
import { type CallCondition, type MetadataCondition, matchesCall, matchesMetadata } from "../../src/exchange/route.ts";
import type { Metadata } from "../../src/ports/grpc.ts";

const plain = (name: string, text: string): MetadataCondition => ({ name, text, bytes: utf8(text) });
const base64 = (name: string, hex: string): MetadataCondition => ({ name, bytes: Buffer.from(hex, "hex") });

for (const [what, metadata, conditions, holds] of [
  ["no condition", [], [], true],
  ["absent metadata", [], [plain("custom", "test")], false],
  ["the text", [["custom", "test"]], [plain("custom", "test")], true],
  ["another text", [["custom", "Test"]], [plain("custom", "test")], false],
  ["a binary text with padding", [["custom-bin", "dGVzdA=="]], [plain("custom", "test")], true],
  ["a binary text without padding", [["custom-bin", "dGVzdA"]], [plain("custom", "test")], true],
  ["bytes in the standard alphabet", [["custom-bin", "++//"]], [base64("custom", "fbefff")], true],
  ["bytes in the other alphabet", [["custom-bin", "--__"]], [base64("custom", "fbefff")], true],
  ["bytes are not a text", [["custom", "++//"]], [base64("custom", "fbefff")], false],
  ["what is no base64", [["custom-bin", "***"]], [plain("custom", "test")], false],
  [
    "all of two",
    [
      ["a", "1"],
      ["b", "2"],
    ],
    [plain("a", "1"), plain("b", "2")],
    true,
  ],
  [
    "one of two",
    [
      ["a", "1"],
      ["b", "3"],
    ],
    [plain("a", "1"), plain("b", "2")],
    false,
  ],
  ["one of two, the other absent", [["b", "2"]], [plain("a", "1"), plain("b", "2")], false],
  [
    "any of several values",
    [
      ["a", "1"],
      ["a", "2"],
    ],
    [plain("a", "2")],
    true,
  ],
  [
    "several values joined",
    [
      ["a", "1"],
      ["a", "2"],
    ],
    [plain("a", "1, 2")],
    true,
  ],
  ["several binary values joined", [["a-bin", "AQ, dGVzdA"]], [plain("a", "test")], true],
  ["an empty text", [["a", ""]], [plain("a", "")], true],
  ["a text outside ASCII, as its bytes", [["a", "\u00c3\u00bc"]], [plain("a", "\u00fc")], true],
] as const satisfies readonly (readonly [string, Metadata, readonly MetadataCondition[], boolean])[]) {
  test(`metadata ${holds ? "matches" : "does not match"}: ${what}`, () => {
    assert.equal(matchesMetadata(metadata, conditions), holds);
  });
}

const call = { service: "example.EchoService", method: "EchoUnary", metadata: [["a", "1"]] as Metadata };
for (const [what, when, matches] of [
  ["no condition", [], true],
  ["an empty condition", [{}], true],
  ["the service", [{ service: "example.EchoService" }], true],
  ["the method", [{ service: "example.EchoService", method: "EchoUnary" }], true],
  ["another method", [{ service: "example.EchoService", method: "EchoUnar" }], false],
  ["a service in other letters", [{ service: "example.echoservice" }], false],
  ["* is a name like any", [{ service: "*" }], false],
  ["any of two", [{ service: "x" }, { service: "example.EchoService" }], true],
  ["service and metadata", [{ service: "example.EchoService", metadata: [plain("a", "1")] }], true],
  ["service without the metadata", [{ service: "example.EchoService", metadata: [plain("b", "1")] }], false],
] as const satisfies readonly (readonly [string, readonly CallCondition[], boolean])[]) {
  test(`a call ${matches ? "matches" : "does not match"}: ${what}`, () => assert.equal(matchesCall(call, when), matches));
}
