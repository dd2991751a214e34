import assert from "node:assert/strict";
import { test } from "node:test";
import { drainMsOf } from "../../src/config/drain.ts";
import { graphOf } from "../kit/config.ts";

for (const [says, text, ms] of [
  ["nobody says one", "name: a\n", undefined],
  ["one namespace says one", "name: a\n---\nname: b\nlimits: { drain: 5s }\n", 5000],
  ["two say one", "name: a\nlimits: { drain: 1m }\n---\nname: b\nlimits: { drain: 5s }\n", 60_000],
  ["it is none at all", "name: a\nlimits: { drain: 0s }\n", 0],
] as const) {
  test(`the time to drain where ${says}: ${ms} ms`, () => assert.equal(drainMsOf(graphOf(text)), ms));
}
