import assert from "node:assert/strict";
import { test } from "node:test";
import { Counters } from "../../src/core/counters.ts";
import { exposedName, exposition } from "../../src/telemetry/exposition.ts";
import { declareMetrics, METRICS } from "../../src/telemetry/metrics.ts";

const nameOf = (metric: string): string => exposedName(METRICS.find(({ name }) => name === metric)!);

for (const [metric, exposed] of [
  ["grpc.duration", "grpc_duration_milliseconds"],
  ["grpc.active.requests", "grpc_active_requests"],
  ["grpc.request.size", "grpc_request_size_bytes"],
  ["grpc.requests.per.rpc", "grpc_requests_per_rpc"],
  ["stream.data.received", "stream_data_received_bytes_total"],
  ["stream.opens.sent", "stream_opens_sent_total"],
] as const) {
  test(`${metric} is exposed as ${exposed}`, () => assert.equal(nameOf(metric), exposed));
}

test("every name has its HELP and TYPE once, and label values are escaped", async () => {
  const counters = new Counters();
  declareMetrics(counters);
  counters.counter({ metric: "grpc.active.requests", namespace: "a", binding: "x" }).value = 1;
  counters.counter({ metric: "stream.opens.sent", namespace: "a", binding: "x" }).value = 7;
  counters.counter({ metric: "grpc.active.requests", namespace: 'b"\n', binding: "y" }).value = 2;
  const text = await exposition(counters);
  assert.equal(text.match(/# TYPE grpc_active_requests gauge/g)?.length, 1);
  assert.match(text, /^grpc_active_requests\{namespace="a",binding="x"\} 1$/m);
  assert.match(text, /^grpc_active_requests\{namespace="b\\"\\n",binding="y"\} 2$/m);
  assert.match(text, /^stream_opens_sent_total\{namespace="a",binding="x"\} 7$/m);
});

test("durations are exposed in milliseconds, cumulative, each below its limit", async () => {
  const counters = new Counters();
  declareMetrics(counters);
  const duration = counters.histogram({ metric: "grpc.duration", namespace: "a", binding: "x" });
  for (const ms of [0.2, 0.9, 1.5, 3, 100]) duration.record(ms * 1e6);
  const text = await exposition(counters);
  const bucket = (le: string): string | undefined =>
    new RegExp(`_bucket\\{le="${le.replace("+", "\\+")}",namespace="a",binding="x"\\} (\\d+)`).exec(text)?.[1];
  assert.deepEqual([bucket("2"), bucket("4"), bucket("128"), bucket("+Inf")], ["3", "4", "5", "5"]);
  assert.match(text, /grpc_duration_milliseconds_sum\{namespace="a",binding="x"\} 105\.6$/m);
  assert.match(text, /grpc_duration_milliseconds_count\{namespace="a",binding="x"\} 5$/m);
});
