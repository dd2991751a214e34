// What the client tells the people who run it: log lines, the original's events and counters. Lines that would come again and again are
// said once, and again after a while.
import type { Clock } from "../../core/clock.ts";
import type { Counter, Counters, Metric } from "../../core/counters.ts";
import type { Events } from "../../core/events.ts";
import type { Facts, Log } from "../../core/log.ts";
import { kafkaStatus } from "../wire/errors.ts";

const TOPIC_AUTHORIZATION_FAILED = 29;

/** Names after `binding.kafka.`. */
export type KafkaEvent =
  | "authorization.failed"
  | "api.version.rejected"
  | "cluster.authorization.failed"
  | "topic.authorization.failed"
  | "group.authorization.failed"
  | "sasl.authentication.failed"
  | "unsupported.sasl.mechanism"
  | "broker.connection.failed"
  | "produce.error"
  | "offset.commit.failed"
  | "transaction.open"
  | "group.held"
  | "group.protocol.unsupported";

const METRICS = {
  "sluice.kafka.produce.records": "Records acknowledged by Kafka",
  "sluice.kafka.produce.requests": "Produce requests sent",
  "sluice.kafka.produce.retries": "Batches sent again",
  "sluice.kafka.produce.splits": "Batches split because Kafka refused them for one record's fault",
  "sluice.kafka.fetch.records": "Records fetched",
  "sluice.kafka.fetch.requests": "Fetch requests sent",
  "sluice.kafka.fetch.corrupt": "Record batches that could not be read and were passed over",
  "sluice.kafka.commit.requests": "Offset commits sent",
  "sluice.kafka.commit.cut": "Commits whose done offsets beyond the committed one did not all fit",
  "sluice.kafka.commit.crowded": "Times that done offsets beyond the committed one came to fill a commit",
  "sluice.kafka.commit.forgotten": "Offsets done long before they were delivered that are to be done again when they are",
  "sluice.kafka.commit.lost": "Partitions that were another's before what was done there could be committed",
  "sluice.kafka.connections": "Connections opened to brokers",
} as const;
export type KafkaMetric = keyof typeof METRICS;

/** The same line is said again only after this; while it is wanted all the time, after twice as long each time. */
export const QUIET_MS = 60_000;
export const QUIET_MS_MAX = 3_600_000;
const REMEMBERED_MAX = 1_000;

export interface ReportOptions {
  readonly namespace: string;
  readonly binding: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly counters: Counters;
}

export class Report {
  readonly #options: ReportOptions;
  readonly #counters = new Map<KafkaMetric, Counter>();
  readonly #said = new Map<string, Said>();

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  get log(): Log {
    return this.#options.log;
  }

  event(name: KafkaEvent, message: string): void {
    const { namespace, binding, clock, events } = this.#options;
    if (!events.heard) return;
    events.emit({ namespace, name: binding, event: `binding.kafka.${name}`, message, timeMs: clock.now() });
  }

  /** A warning, unless the same was said a short while ago. Says whether it was said. */
  warn(message: string, facts: Facts = {}): boolean {
    if (!this.#fresh(message + JSON.stringify(facts))) return false;
    this.#options.log.warn(message, { binding: this.#options.binding, ...facts });
    return true;
  }

  info(message: string, facts: Facts = {}): void {
    this.#options.log.info(message, { binding: this.#options.binding, ...facts });
  }

  /** A bug of ours, or of whom we called. */
  error(message: string, cause: unknown): void {
    this.#options.log.error(message, { binding: this.#options.binding }, cause);
  }

  /** A warning and the event of the same words. */
  trouble(event: KafkaEvent, message: string): void {
    if (this.warn(message)) this.event(event, message);
  }

  produceFailed(topic: string, partition: number, code: number): void {
    const event = code === TOPIC_AUTHORIZATION_FAILED ? "topic.authorization.failed" : "produce.error";
    this.trouble(event, kafkaStatus(code, `produce to topic '${topic}' partition ${partition}`).message);
  }

  corrupt(subject: string, offset: number, reason: string): void {
    this.counter("sluice.kafka.fetch.corrupt").value += 1;
    this.warn(`${subject}: the record batch at offset ${offset} cannot be read and is passed over: ${reason}`);
  }

  counter(metric: KafkaMetric): Counter {
    const known = this.#counters.get(metric);
    if (known) return known;
    const { namespace, binding, counters } = this.#options;
    counters.declare({ name: metric, kind: "counter", unit: "count", help: METRICS[metric] } satisfies Metric);
    const made = counters.counter({ metric, namespace, binding });
    this.#counters.set(metric, made);
    return made;
  }

  #fresh(line: string): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const said = this.#said.get(line);
    const goesOn = said !== undefined && nowMs - said.wantedMs < QUIET_MS;
    if (said !== undefined) said.wantedMs = nowMs;
    if (goesOn && nowMs - said.atMs < said.quietMs) return false;
    if (this.#said.size >= REMEMBERED_MAX) this.#said.clear();
    this.#said.set(line, { atMs: nowMs, wantedMs: nowMs, quietMs: goesOn ? Math.min(said.quietMs * 2, QUIET_MS_MAX) : QUIET_MS });
    return true;
  }
}

interface Said {
  readonly atMs: number;
  readonly quietMs: number;
  /** When it was last to be said, whether it was or not. */
  wantedMs: number;
}
