// `npm run long:conformance`: every case of the conformance suite for gRPC, for our server and for our client.
import assert from "node:assert/strict";
import { runConformance } from "../kit/conformance.ts";
import { CONFORMANCE_CASES } from "./expected.ts";
import { longRun } from "./record.ts";

await longRun("conformance", async (report) => {
  for (const mode of ["server", "client"] as const) {
    const cases = CONFORMANCE_CASES[mode];
    const { passed, failed, said } = await runConformance(mode);
    assert.deepEqual([passed, failed], [cases, 0], said);
    report.pass(`${mode}: ${passed} of ${cases} cases pass`);
  }
});
