// `npm run long:h2spec`: h2spec against ours, against the implementation on node:http2, and against node:http2 as it comes.
import assert from "node:assert/strict";
import { runH2spec } from "../kit/h2spec.ts";
import { startPlainServer } from "../kit/plain-server.ts";
import { H2SPEC_CASES } from "./expected.ts";
import { longRun } from "./record.ts";

await longRun("h2spec", async (report) => {
  for (const layer of ["sluice", "node", "bare"] as const) {
    const server = await startPlainServer(layer);
    const { passed, failed, skipped, said } = await runH2spec(server.port);
    await server.stop();
    report.figure(`${layer}: passed`, passed.length);
    report.figure(`${layer}: failed`, failed.length);
    report.figure(`${layer}: skipped`, skipped.length);
    assert.equal(passed.length + failed.length + skipped.length, H2SPEC_CASES, said);
    if (layer !== "sluice") continue;
    assert.deepEqual([failed, skipped], [[], []], said);
    report.pass(`${passed.length} of ${H2SPEC_CASES} cases of h2spec pass, strict`);
  }
});
