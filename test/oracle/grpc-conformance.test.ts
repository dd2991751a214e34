// The conformance suite of connectrpc: all cases for our gRPC client, and for our gRPC server those in clear, which take half a minute.
// They run where the long run, which plays all, has built the suite: that takes minutes from an empty cache.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConformanceMode, runConformance } from "../kit/conformance.ts";
import { needs } from "../kit/needs.ts";
import { needsBuilt } from "../kit/tools.ts";
import { CONFORMANCE_CASES } from "../long/expected.ts";

const SUITE_MS = 300_000;

const SELECTED: readonly { readonly mode: ConformanceMode; readonly patterns: readonly string[]; readonly cases: number }[] = [
  { mode: "client", patterns: [], cases: CONFORMANCE_CASES.client },
  { mode: "server", patterns: ["**/Compression:COMPRESSION_GZIP/TLS:false/**", "**/HTTPVersion:2/TLS:false/**"], cases: 187 },
];

for (const { mode, patterns, cases } of SELECTED) {
  test(`the ${mode} passes ${cases} cases of the conformance suite`, {
    ...needs("go"),
    ...needsBuilt("conformance"),
    timeout: SUITE_MS,
  }, async () => {
    const { passed, failed, said } = await runConformance(mode, patterns);
    assert.deepEqual([passed, failed], [cases, 0], said);
  });
}
