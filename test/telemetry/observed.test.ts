import assert from "node:assert/strict";
import { test } from "node:test";
import { Counter, Counters, type Histogram } from "../../src/core/counters.ts";
import { OK } from "../../src/core/status.ts";
import type { Call, Grpc } from "../../src/ports/grpc.ts";
import type { Kafka } from "../../src/ports/kafka.ts";
import { IGNORED } from "../../src/ports/service.ts";
import { declareMetrics, metricNames } from "../../src/telemetry/metrics.ts";
import { observer } from "../../src/telemetry/observed.ts";
import { ask } from "../kit/ask.ts";
import { ManualClock } from "../kit/clock.ts";

const call: Call = { service: "a.A", method: "B", scheme: "http", authority: "x", metadata: [], deadlineMs: Number.POSITIVE_INFINITY };

const echo: Grpc = (_call, reply) => ({ ...IGNORED, write: (batch) => reply.write(batch) || true, end: () => reply.end(OK) });

const counted = (serves: readonly ("grpc" | "http")[], enabled: readonly string[]) => {
  const counters = new Counters();
  declareMetrics(counters);
  const observing = observer({ namespace: "n", binding: "b", enabled: new Set(enabled) }, serves, { counters, clock: new ManualClock() });
  const values = (): Record<string, number> =>
    Object.fromEntries([...counters.all()].map(({ key, of }) => [key.metric, of instanceof Counter ? of.value : (of as Histogram).sum]));
  return { observing, values };
};

test("a call is counted where the grpc port is served, once in each metric", async () => {
  const { observing, values } = counted(["grpc"], metricNames);
  assert.equal(observing.exited("grpc", echo), echo);
  await ask(observing.served("grpc", echo), call, { requests: [Uint8Array.of(1, 2), Uint8Array.of(3)] });
  const seen = values();
  assert.equal(seen["grpc.active.requests"], 0);
  assert.deepEqual([seen["grpc.request.size"], seen["grpc.response.size"], seen["grpc.requests.per.rpc"]], [3, 3, 2]);
  assert.deepEqual(
    [seen["stream.opens.received"], seen["stream.closes.sent"], seen["stream.data.sent"], seen["stream.active.sent"]],
    [1, 1, 3, 0],
  );
});

test("a call is counted at the exit of a binding that serves another port", async () => {
  const { observing, values } = counted(["http"], ["grpc.requests.per.rpc"]);
  await ask(observing.exited("grpc", echo), call, { requests: [Uint8Array.of(1)] });
  assert.deepEqual(values(), { "grpc.requests.per.rpc": 1 });
});

test("a caller that leaves is an error of the stream and a finished call", async () => {
  const { observing, values } = counted(["grpc"], metricNames);
  await ask(
    observing.served("grpc", () => IGNORED),
    call,
    { requests: [Uint8Array.of(1)], leave: 1 },
  );
  const seen = values();
  assert.deepEqual(
    [seen["stream.errors.received"], seen["stream.errors.sent"], seen["stream.active.received"], seen["grpc.active.requests"]],
    [1, 1, 0, 0],
  );
});

test("metrics that are not enabled have no series, and cost no layer", () => {
  const { observing, values } = counted(["grpc"], []);
  assert.equal(observing.served("grpc", echo), echo);
  assert.deepEqual(values(), {});
});

test("a kafka that is counted is all that it was: whatever is known of it is handed on", () => {
  const { observing } = counted(["grpc"], metricNames);
  const idle = () => IGNORED;
  const kafka: Required<Kafka> = {
    produce: () => {},
    ...{ fetch: idle, consume: idle, source: {}, timeoutMs: 7, servers: "k:9092" },
    ownReplies: () => undefined,
  };
  const seen = observing.served("kafka", kafka);
  assert.deepEqual(Object.keys(seen).toSorted(), Object.keys(kafka).toSorted());
  assert.deepEqual([seen.source, seen.timeoutMs, seen.servers, seen.ownReplies], [kafka.source, 7, "k:9092", kafka.ownReplies]);
});
