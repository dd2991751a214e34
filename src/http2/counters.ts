// What an http binding counts. Made once a binding, added to on the path.
import type { Counter, Counters, SeriesKey } from "../core/counters.ts";

/** The limits and timers that ended a stream or a connection; limits.ts says which is which. */
export const LIMITS = [
  "preface",
  "handshake",
  "frame",
  "idle",
  "age",
  "keepalive",
  "stall",
  "queue",
  "backlog",
  "streams",
  "headers",
  "continuations",
  "resets",
  "empty",
  "windows",
  "priorities",
  "pings",
  "settings",
  "protocol",
] as const;
export type LimitName = (typeof LIMITS)[number];

export interface HttpCounters {
  readonly connections: Counter;
  readonly streams: Counter;
  /** Ended by the other side before they were over. */
  readonly cancelled: Counter;
  readonly limits: Readonly<Record<LimitName, Counter>>;
}

export const httpCounters = (counters: Counters, { namespace, binding }: Pick<SeriesKey, "namespace" | "binding">): HttpCounters => {
  const counter = (metric: string, kind: "counter" | "gauge", help: string): Counter => {
    counters.declare({ name: metric, kind, unit: "count", help });
    return counters.counter({ metric, namespace, binding });
  };
  const limit = (name: LimitName): Counter => {
    const metric = "sluice.http.limits";
    counters.declare({ name: metric, kind: "counter", unit: "count", help: "Streams and connections ended by a limit or a timer." });
    return counters.counter({ metric, namespace, binding, labels: { limit: name } });
  };
  return {
    connections: counter("sluice.http.connections", "gauge", "Open HTTP connections."),
    streams: counter("sluice.http.streams", "gauge", "Requests in hand."),
    cancelled: counter("sluice.http.cancelled", "counter", "Requests ended by the other side before they were over."),
    limits: Object.fromEntries(LIMITS.map((name) => [name, limit(name)])) as Record<LimitName, Counter>, // From LIMITS, so it has them all.
  };
};
