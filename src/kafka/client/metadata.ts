// What is known of the topics that somebody uses: ids, partitions, leaders. Asked for when something turns out to be wrong, every few
// seconds while fetches run (so that new partitions are found), and by one request at a time for everybody.
import type { Clock } from "../../core/clock.ts";
import { fail, StatusError } from "../../core/status.ts";
import { kafkaError, kafkaStatus } from "../wire/errors.ts";
import { backoffMs } from "./backoff.ts";
import type { Brokers } from "./brokers.ts";
import { askMetadata, type ClusterView, type TopicView } from "./calls.ts";
import { explain } from "./failure.ts";
import type { Life } from "./life.ts";
import type { Link } from "./link.ts";
import type { Report } from "./report.ts";

/** While fetches run, partitions added to a topic are found after at most so long. */
export const REFRESH_FETCHED_MS = 5_000;
/** Else what is known is used for so long; longer than that unused, and it is forgotten. */
export const REFRESH_MS = 300_000;
/** A topic that Kafka says it does not have is waited for so long: it may just be coming into being. */
export const UNKNOWN_TOPIC_MS = 2_000;
/** Two requests for metadata are at least so far apart. */
const APART_MS = 100;

const UNKNOWN_TOPIC = 3;
const TOPIC_AUTHORIZATION_FAILED = 29;

/** Told of each new view of the topic. */
export type TopicWatch = (topic: TopicView) => void;

export interface MetadataOptions {
  readonly brokers: Brokers;
  readonly clock: Clock;
  readonly life: Life;
  readonly report: Report;
  /** For tests; `askMetadata` else. */
  readonly ask?: (link: Link, names: readonly string[]) => Promise<ClusterView>;
}

interface Interest {
  view: TopicView | undefined;
  usedMs: number;
  readonly watches: Set<TopicWatch>;
}

export class Metadata {
  readonly #options: MetadataOptions;
  readonly #topics = new Map<string, Interest>();
  #waiting: (() => void)[] = [];
  #wake: (() => void) | undefined;
  #answered = false;

  constructor(options: MetadataOptions) {
    this.#options = options;
  }

  /** Begins to ask; goes on until the life ends. */
  start(): void {
    this.#waiting.push(() => {});
    this.#run().catch((reason) => {
      if (!this.#options.life.over) this.#options.report.error("a fault in the kafka metadata", reason);
    });
  }

  /** As last seen, and usable; undefined when it is not. Counts as use. */
  known(name: string): TopicView | undefined {
    const interest = this.#interest(name);
    interest.usedMs = this.#options.clock.monotonicMs();
    return interest.view?.error === 0 ? interest.view : undefined;
  }

  /** Resolves after the next answer to a request that is yet to be sent. */
  refresh(): Promise<void> {
    const done = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#wake?.();
    return this.#options.life.until(done);
  }

  /** The same, for those who do not wait. */
  stale(): void {
    this.refresh().catch(() => {});
  }

  /** The topic, waited for while Kafka does not answer. Rejects with the status of a topic that is not there or may not be used. */
  async resolve(name: string): Promise<TopicView> {
    let unknownSinceMs: number | undefined;
    for (;;) {
      const known = this.known(name);
      if (known) return known;
      const view = this.#topics.get(name)?.view;
      const nowMs = this.#options.clock.monotonicMs();
      if (view !== undefined) unknownSinceMs ??= nowMs;
      const error = view && this.#refusal(view, nowMs - (unknownSinceMs ?? nowMs));
      if (error) {
        this.#interest(name).view = undefined; // The next caller asks anew.
        throw error;
      }
      await this.refresh();
    }
  }

  /** Tells `watch` of every new view until the returned function is called; the topic is asked for often meanwhile. */
  watch(name: string, watch: TopicWatch): () => void {
    const { watches } = this.#interest(name);
    watches.add(watch);
    this.#wake?.();
    return () => watches.delete(watch);
  }

  #interest(name: string): Interest {
    let interest = this.#topics.get(name);
    if (!interest) {
      interest = { view: undefined, usedMs: this.#options.clock.monotonicMs(), watches: new Set() };
      this.#topics.set(name, interest);
    }
    return interest;
  }

  #refusal({ name, error }: TopicView, unknownMs: number): StatusError | undefined {
    if (error === TOPIC_AUTHORIZATION_FAILED) {
      this.#options.report.trouble("topic.authorization.failed", `kafka does not let us see topic '${name}'`);
      return new StatusError(kafkaStatus(error, `topic '${name}'`));
    }
    if (kafkaError(error).retriable && unknownMs < UNKNOWN_TOPIC_MS) return undefined;
    if (error === UNKNOWN_TOPIC) return fail("FAILED_PRECONDITION", `kafka: topic '${name}' does not exist`);
    return new StatusError(kafkaStatus(error, `topic '${name}'`));
  }

  async #run(): Promise<void> {
    const { life } = this.#options;
    let failures = 0;
    while (!life.over) {
      await this.#due();
      const waiting = this.#waiting;
      this.#waiting = [];
      if (await this.#ask()) {
        failures = 0;
        for (const resolve of waiting) resolve();
      } else {
        failures += 1;
        this.#waiting.push(...waiting, () => {});
      }
      await life.wait(failures > 0 ? backoffMs(failures) : APART_MS);
    }
  }

  /** Resolves when somebody waits for an answer, or what is known has become old. */
  async #due(): Promise<void> {
    if (this.#waiting.length > 0) return;
    await this.#options.life.wait(this.#watched() ? REFRESH_FETCHED_MS : REFRESH_MS, (wake) => {
      this.#wake = wake;
    });
    this.#wake = undefined;
  }

  #watched(): boolean {
    for (const { watches } of this.#topics.values()) if (watches.size > 0) return true;
    return false;
  }

  /** Whether there was an answer. */
  async #ask(): Promise<boolean> {
    const { brokers, life, report, ask = askMetadata } = this.#options;
    const names = this.#names();
    let link: Link | undefined;
    try {
      link = await brokers.any();
      this.#learn(await ask(link, names));
      return true;
    } catch (reason) {
      if (link && !life.over) report.trouble("broker.connection.failed", this.#complaint(link, reason));
      return false;
    }
  }

  #complaint(link: Link, reason: unknown): string {
    const hint = this.#answered ? "" : "; does that listener want SASL or TLS";
    return `${link.name} did not answer a request for metadata: ${explain(reason).reason}${hint}`;
  }

  /** Those in use; others are forgotten. */
  #names(): readonly string[] {
    const since = this.#options.clock.monotonicMs() - REFRESH_MS;
    for (const [name, { watches, usedMs }] of this.#topics) if (watches.size === 0 && usedMs < since) this.#topics.delete(name);
    return [...this.#topics.keys()];
  }

  #learn({ brokers, topics }: ClusterView): void {
    this.#answered = true;
    if (brokers.length > 0) this.#options.brokers.update(brokers);
    for (const view of topics) {
      const interest = this.#topics.get(view.name);
      if (!interest) continue;
      interest.view = view;
      for (const watch of [...interest.watches]) watch(view);
    }
  }
}
