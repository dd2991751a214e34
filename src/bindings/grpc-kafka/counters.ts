// What the proxy counts: what it passed over or had to drop. Counted, since none of it reaches a caller.
import type { Counter, Counters } from "../../core/counters.ts";

const HELP = {
  "sluice.grpc.kafka.replies.skipped":
    "Reply records passed over: cancel records, and values that another run of the call had delivered already.",
  "sluice.grpc.kafka.replies.late": "Reply records that came after their call's final record.",
  "sluice.grpc.kafka.replies.restarted": "Answers that were begun again by another remote server.",
  "sluice.grpc.kafka.metadata.dropped": "Record headers that cannot be metadata.",
  "sluice.grpc.kafka.cancels": "Cancel records written.",
  "sluice.grpc.kafka.farewells.failed": "Cancel records and tombstones of calls that were over, which Kafka did not take.",
} as const;
type Metric = keyof typeof HELP;

export interface ProxyCounters {
  readonly skipped: Counter;
  readonly late: Counter;
  readonly restarted: Counter;
  readonly dropped: Counter;
  readonly cancels: Counter;
  readonly farewellsFailed: Counter;
}

/** The counters of one binding. */
export const proxyCounters = (counters: Counters, of: { readonly namespace: string; readonly name: string }): ProxyCounters => {
  const counter = (metric: Metric): Counter => {
    counters.declare({ name: metric, kind: "counter", unit: "count", help: HELP[metric] });
    return counters.counter({ metric, namespace: of.namespace, binding: of.name });
  };
  return {
    skipped: counter("sluice.grpc.kafka.replies.skipped"),
    late: counter("sluice.grpc.kafka.replies.late"),
    restarted: counter("sluice.grpc.kafka.replies.restarted"),
    dropped: counter("sluice.grpc.kafka.metadata.dropped"),
    cancels: counter("sluice.grpc.kafka.cancels"),
    farewellsFailed: counter("sluice.grpc.kafka.farewells.failed"),
  };
};
