// What a remote server counts, and the events it emits.
import type { Clock } from "../../core/clock.ts";
import type { Counter, Counters, MetricKind } from "../../core/counters.ts";
import type { Events } from "../../core/events.ts";

const METRICS = {
  active: ["calls.active", "gauge", "Calls in hand: begun, being answered, or waiting for their server"],
  calls: ["calls", "counter", "Calls begun at a server"],
  retries: ["retries", "counter", "Attempts after one that the server surely did not begin"],
  refused: ["refused", "counter", "Calls answered without being begun"],
  cancelled: ["cancelled", "counter", "Calls whose caller left"],
  expired: ["expired", "counter", "Calls whose deadline passed"],
  abandoned: ["abandoned", "counter", "Calls ended without an answer, for the partition's next owner to begin again"],
  unanswered: ["unanswered", "counter", "Calls whose final record could not be written"],
  skipped: ["skipped", "counter", "Records that pass no filter"],
  nameless: ["nameless", "counter", "Records without a usable correlation id"],
  stray: ["stray", "counter", "Records of calls that had ended"],
  unreadable: ["unreadable", "counter", "Records whose headers could not be read"],
  dropped: ["metadata.dropped", "counter", "Metadata that was none and was left out"],
  forgotten: ["forgotten", "counter", "Ended calls forgotten before their tombstone came"],
  feeds: ["feeds", "counter", "Calls that read their request with a reader of their own"],
  crowded: ["crowded", "counter", "Times that a partition was too crowded with done offsets to begin calls"],
  pauses: ["pauses", "counter", "Times that the group's reader left out a crowded partition"],
  rests: ["rests", "counter", "Times that the group's reader rested for want of a place"],
} as const satisfies Readonly<Record<string, readonly [string, MetricKind, string]>>;

export type TallyName = keyof typeof METRICS;
export type Tally = Readonly<Record<TallyName, Counter>> & {
  /** The original's exporters print these. */
  event(name: string, message: string): void;
};

export interface TallyOptions {
  readonly namespace: string;
  readonly binding: string;
  readonly counters: Counters;
  readonly events: Events;
  readonly clock: Clock;
}

export const tallyOf = ({ namespace, binding, counters, events, clock }: TallyOptions): Tally => {
  const counter = ([name, kind, help]: readonly [string, MetricKind, string]): Counter => {
    const metric = `sluice.kafka.grpc.${name}`;
    counters.declare({ name: metric, kind, unit: "count", help });
    return counters.counter({ metric, namespace, binding });
  };
  const counted = Object.fromEntries(Object.entries(METRICS).map(([name, metric]) => [name, counter(metric)]));
  return {
    ...(counted as Record<TallyName, Counter>), // All names of METRICS, from the line above.
    event: (name, message) => {
      if (events.heard) events.emit({ namespace, name: binding, event: `binding.kafka.grpc.${name}`, message, timeMs: clock.now() });
    },
  };
};
