// `npm run long:franz-go`: the whole suite of franz-go, with as many records as Apache Kafka was judged with.
import assert from "node:assert/strict";
import { judgedByFranzGo } from "../kit/franz-go-broker.ts";
import { FRANZ_GO_FAILS, FRANZ_GO_LEFT_OUT } from "./franz-go-tests.ts";
import { longRun } from "./record.ts";

const RECORDS = 50_000;
const TIMEOUT_MS = 1_200_000;

await longRun("franz-go", async (report) => {
  const { passed, failed, skipped, said } = await judgedByFranzGo(RECORDS, TIMEOUT_MS);
  assert.deepEqual(failed, Object.keys(FRANZ_GO_FAILS), said);
  assert.deepEqual(skipped, Object.keys(FRANZ_GO_LEFT_OUT).sort());
  for (const name of passed) report.pass(name);
  report.figure("passed", passed.length);
  report.figure("failed", failed.length);
  report.figure("left out, parts of tests among them", skipped.length);
  report.figure("records through each chain of consumers", RECORDS);
});
