// Damaged bytes, as the long run gives them by the million.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clientTarget } from "../kit/fuzz/client-target.ts";
import { connectionTarget } from "../kit/fuzz/connection-target.ts";
import { fuzz } from "../kit/fuzz/fuzzing.ts";
import { HTTP2_TARGETS } from "../kit/fuzz/http2-targets.ts";

const EXECUTIONS = 3_000;
const CONNECTIONS = 500;

for (const target of HTTP2_TARGETS) {
  test(`${target.name}: damaged bytes are refused as declared`, () => fuzz(target, EXECUTIONS, 1));
}

for (const target of [connectionTarget, clientTarget])
  test(`${target.name} takes damaged bytes, throws nothing and keeps nothing`, () => fuzz(target, CONNECTIONS, 1));

test("what a target throws is told with its input", async () => {
  const seeds = [Buffer.from("abc")];
  const run = (bytes: Buffer): void => assert.ok(bytes.length < 4);
  await assert.rejects(fuzz({ name: "short", seeds, run }, EXECUTIONS, 1), /^Error: short on [0-9a-f]{8,}$/);
});
