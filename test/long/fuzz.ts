// `npm run long:fuzz`: damaged bytes for the decoders of HTTP/2 and of Kafka's records, more than ten million inputs in all. What is
// thrown beside the declared errors, or takes a second, ends the run.
import { connectionTarget } from "../kit/fuzz/connection-target.ts";
import { fuzz } from "../kit/fuzz/fuzzing.ts";
import { HTTP2_TARGETS } from "../kit/fuzz/http2-targets.ts";
import { KAFKA_TARGETS } from "../kit/fuzz/kafka-targets.ts";
import { FUZZ_EXECUTIONS } from "./expected.ts";
import { longRun } from "./record.ts";

await longRun("fuzz", async (report) => {
  let total = 0;
  for (const target of [...HTTP2_TARGETS, connectionTarget, ...KAFKA_TARGETS]) {
    const executions = FUZZ_EXECUTIONS[target.name];
    if (executions === undefined) throw new Error(`nothing says how many inputs ${target.name} gets`);
    const began = performance.now();
    await fuzz(target, executions, Date.now());
    report.pass(`${target.name}: ${executions} damaged inputs, 0 crashes, 0 hangs`);
    report.figure(`${target.name}: microseconds an input`, ((performance.now() - began) * 1000) / executions);
    total += executions;
  }
  report.figure("inputs in all", total);
});
