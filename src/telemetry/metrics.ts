// The metrics that the original names, and what they count here. Everything else that counts declares its own `sluice.…` names.
import type { Counters, Metric, MetricKind, MetricUnit } from "../core/counters.ts";

const metric = (name: string, kind: MetricKind, unit: MetricUnit, help: string): Metric => ({ name, kind, unit, help });

const directions = (name: string, kind: MetricKind, unit: MetricUnit, help: string): readonly Metric[] => [
  metric(`${name}.received`, kind, unit, `${help}, from the caller into the binding`),
  metric(`${name}.sent`, kind, unit, `${help}, from the binding to the caller`),
];

/** In the order of the original's documents. */
export const METRICS: readonly Metric[] = [
  ...directions("stream.active", "gauge", "count", "Streams that are open"),
  ...directions("stream.opens", "counter", "count", "Streams begun"),
  ...directions("stream.closes", "counter", "count", "Streams ended normally"),
  ...directions("stream.errors", "counter", "count", "Streams reset or ended with an error"),
  ...directions("stream.data", "counter", "bytes", "Payload"),
  metric("http.active.requests", "gauge", "count", "HTTP requests in progress"),
  metric("http.duration", "histogram", "nanoseconds", "From the request's headers to the end of both directions"),
  metric("http.request.size", "histogram", "bytes", "Body of an HTTP request"),
  metric("http.response.size", "histogram", "bytes", "Body of an HTTP response"),
  metric("grpc.active.requests", "gauge", "count", "gRPC calls in progress"),
  metric("grpc.duration", "histogram", "nanoseconds", "From the call to its status"),
  metric("grpc.request.size", "histogram", "bytes", "Request messages of a call"),
  metric("grpc.response.size", "histogram", "bytes", "Response messages of a call"),
  metric("grpc.requests.per.rpc", "histogram", "count", "Request messages a call"),
  metric("grpc.responses.per.rpc", "histogram", "count", "Response messages a call"),
];

export const metricNames: readonly string[] = METRICS.map(({ name }) => name);

/** Tells the counters what the original's metrics are. */
export const declareMetrics = (counters: Counters): void => {
  for (const each of METRICS) counters.declare(each);
};
