// The metrics that the original names, and what they count here. Everything else that counts declares its own `sluice.…` names.
import type { Counters, Metric } from "../core/counters.ts";

type Shape = Pick<Metric, "kind" | "unit">;
const GAUGE: Shape = { kind: "gauge", unit: "count" };
const COUNTER: Shape = { kind: "counter", unit: "count" };
const BYTES: Shape = { kind: "counter", unit: "bytes" };
const DURATIONS: Shape = { kind: "histogram", unit: "nanoseconds" };
const SIZES: Shape = { kind: "histogram", unit: "bytes" };
const NUMBERS: Shape = { kind: "histogram", unit: "count" };

const metric = (name: string, shape: Shape, help: string): Metric => ({ name, ...shape, help });

const directions = (name: string, shape: Shape, help: string): readonly Metric[] => [
  metric(`${name}.received`, shape, `${help}, from the caller into the binding`),
  metric(`${name}.sent`, shape, `${help}, from the binding to the caller`),
];

/** In the order of the original's documents. */
export const METRICS: readonly Metric[] = [
  ...directions("stream.active", GAUGE, "Streams that are open"),
  ...directions("stream.opens", COUNTER, "Streams begun"),
  ...directions("stream.closes", COUNTER, "Streams ended normally"),
  ...directions("stream.errors", COUNTER, "Streams reset or ended with an error"),
  ...directions("stream.data", BYTES, "Payload"),
  metric("http.active.requests", GAUGE, "HTTP requests in progress"),
  metric("http.duration", DURATIONS, "From the request's headers to the end of both directions"),
  metric("http.request.size", SIZES, "Body of an HTTP request"),
  metric("http.response.size", SIZES, "Body of an HTTP response"),
  metric("grpc.active.requests", GAUGE, "gRPC calls in progress"),
  metric("grpc.duration", DURATIONS, "From the call to its status"),
  metric("grpc.request.size", SIZES, "Request messages of a call"),
  metric("grpc.response.size", SIZES, "Response messages of a call"),
  metric("grpc.requests.per.rpc", NUMBERS, "Request messages a call"),
  metric("grpc.responses.per.rpc", NUMBERS, "Response messages a call"),
];

export const metricNames: readonly string[] = METRICS.map(({ name }) => name);

/** Tells the counters what the original's metrics are. */
export const declareMetrics = (counters: Counters): void => {
  for (const each of METRICS) counters.declare(each);
};
