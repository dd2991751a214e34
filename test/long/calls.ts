// `npm run long:calls`: a hundred thousand calls at a hundred in flight through each Kafka example, each reply compared with its own
// request, then as many alone as show a wake-up that is lost, and ghz beside it.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startBackend } from "../kit/backend.ts";
import { ghz } from "../kit/ghz.ts";
import { startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { type NonceOptions, nonceCalls } from "../scenarios/nonces.ts";
import { CALLS } from "./expected.ts";
import { longRun, type Report } from "./record.ts";

const PROTO = fileURLToPath(new URL("../../examples/grpc.kafka.proxy/protos/echo.proto", import.meta.url));

const nonces = async (options: NonceOptions, report: Report): Promise<void> => {
  const { calls, failed, errors, crossed, late, elapsedMs, p50Ms, p99Ms, maxMs } = await nonceCalls(options);
  assert.deepEqual({ calls, failed, errors, crossed, late }, { calls: options.calls, failed: 0, errors: {}, crossed: 0, late: 0 });
  const at = `${options.example} at ${options.inFlight}`;
  report.figure(`${at}: calls a second`, calls / (elapsedMs / 1000));
  report.figure(`${at}: p50 ms`, p50Ms);
  report.figure(`${at}: p99 ms`, p99Ms);
  report.figure(`${at}: max ms`, maxMs);
  report.pass(`${calls} calls through ${options.example} at ${options.inFlight} in flight: 0 errors, 0 crossed, 0 late`);
};

const byGhz = async (kafka: SharedKafka, report: Report): Promise<void> => {
  const backend = await startBackend();
  const topics = { "echo-requests": 3, "echo-responses": 3 };
  const scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port });
  try {
    const call = "grpc.examples.echo.Echo.UnaryEcho";
    const { count, statuses, rps } = await ghz({
      port: scenario.port,
      proto: PROTO,
      call,
      data: '{"message":"x"}',
      calls: CALLS.ghz,
      inFlight: CALLS.inFlight,
    });
    assert.deepEqual([count, statuses], [CALLS.ghz, { OK: CALLS.ghz }]);
    report.figure("ghz: calls a second", rps);
    report.pass(`${count} calls of ghz through grpc.kafka.proxy at ${CALLS.inFlight} in flight: all OK`);
  } finally {
    await scenario.stop();
    backend.stop();
  }
};

await longRun("calls", async (report) => {
  const kafka = await sharedKafka();
  try {
    for (const example of ["grpc.kafka.echo", "grpc.kafka.proxy"] as const) {
      await nonces({ kafka, example, calls: CALLS.crowd, inFlight: CALLS.inFlight }, report);
      await nonces({ kafka, example, calls: CALLS.alone, inFlight: 1 }, report);
    }
    await byGhz(kafka, report);
  } finally {
    await kafka.stop();
  }
});
