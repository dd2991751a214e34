// Under load nothing fails, nothing is mixed up, nothing is late; by a client that checks every reply, and by ghz.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startBackend } from "../kit/backend.ts";
import { type GhzOptions, ghz } from "../kit/ghz.ts";
import { needs } from "../kit/needs.ts";
import { startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { nonceCalls } from "./nonces.ts";

const PROTO = fileURLToPath(new URL("../../examples/grpc.kafka.echo/protos/echo.proto", import.meta.url));

describe("replies belong to their calls", needs("kafka"), () => {
  let kafka: SharedKafka;
  before(async () => {
    kafka = await sharedKafka();
  });
  after(() => kafka.stop());

  for (const example of ["grpc.kafka.echo", "grpc.kafka.proxy"] as const) {
    for (const [calls, inFlight] of [
      [200, 1],
      [5_000, 100],
    ] as const) {
      test(`${calls} calls through ${example}, ${inFlight} in flight`, async () => {
        const { failed, errors, crossed, late, calls: made } = await nonceCalls({ kafka, example, calls, inFlight });
        assert.deepEqual({ made, failed, errors, crossed, late }, { made: calls, failed: 0, errors: {}, crossed: 0, late: 0 });
      });
    }
  }
});

describe("ghz is served", needs("kafka", "go"), () => {
  let kafka: SharedKafka;
  before(async () => {
    kafka = await sharedKafka();
  });
  after(() => kafka.stop());

  const data = '{"message":"Hello World"}';
  const runs: readonly Omit<GhzOptions, "port" | "proto">[] = [
    { call: "grpc.examples.echo.Echo.UnaryEcho", data, calls: 1_000, inFlight: 8 },
    { call: "grpc.examples.echo.Echo.ServerStreamingEcho", data, calls: 200, inFlight: 8 },
    { call: "grpc.examples.echo.Echo.ClientStreamingEcho", data: `[${data},${data}]`, calls: 200, inFlight: 8 },
    { call: "grpc.examples.echo.Echo.BidirectionalStreamingEcho", data: `[${data},${data}]`, calls: 200, inFlight: 8 },
  ];

  test("by grpc.kafka.proxy, with all four kinds of calls", async () => {
    const backend = await startBackend();
    const topics = { "echo-requests": 1, "echo-responses": 1 };
    const scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port });
    try {
      for (const run of runs) {
        const { count, statuses } = await ghz({ ...run, port: scenario.port, proto: PROTO });
        assert.deepEqual([run.call, count, statuses], [run.call, run.calls, { OK: run.calls }]);
      }
    } finally {
      await scenario.stop();
      backend.stop();
    }
  });
});
