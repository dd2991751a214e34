// One topic of a cache: its log, fed by one following of the topic for all its readers, and the readers that wait until it can be read.
import type { Clock, Timer } from "../../core/clock.ts";
import { fail, type Status } from "../../core/status.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { LogMemory } from "./log-memory.ts";
import type { PartitionStart } from "./log-view.ts";
import { TopicLog } from "./topic-log.ts";
import type { TopicFollower, TopicSource } from "./topic-source.ts";

/** A topic that nobody reads is followed so much longer. */
export const IDLE_MS = 60_000;
/** A topic that is read from the start on and is not there is looked for again after so long. */
export const RETRY_MS = 2_000;

/** Who waits for the log. */
export interface LogWaiter {
  opened(log: TopicLog): void;
  fail(status: Status): void;
}

export interface CachedTopicOptions {
  readonly topic: string;
  readonly from: "earliest" | "latest";
  readonly source: TopicSource;
  readonly memory: LogMemory;
  readonly clock: Clock;
  /** It is followed also when nobody reads it. */
  readonly kept: boolean;
  /** The log can be read. */
  opened(): void;
  /** It is over; a reader that comes later begins anew. */
  over(status: Status): void;
}

export class CachedTopic implements TopicFollower {
  readonly log: TopicLog;
  readonly #options: CachedTopicOptions;
  readonly #waiting = new Set<LogWaiter>();
  #following: { close(): void } | undefined;
  #open = false;
  #over = false;
  #readers = 0;
  #timer: Timer | undefined;

  constructor(options: CachedTopicOptions) {
    const { topic, memory, source } = options;
    this.#options = options;
    this.log = new TopicLog({ topic, memory, ranges: source });
  }

  start(): this {
    const { source, topic, from } = this.#options;
    this.#following = source.follow(topic, from, this);
    return this;
  }

  get readers(): number {
    return this.#readers;
  }

  /** Called back at once when the log can be read already, else when it can, or cannot. */
  read(waiter: LogWaiter): void {
    this.#readers += 1;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#open) waiter.opened(this.log);
    else this.#waiting.add(waiter);
  }

  left(waiter: LogWaiter): void {
    this.#readers -= 1;
    this.#waiting.delete(waiter);
    if (this.#readers > 0 || this.#options.kept || this.#over) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(IDLE_MS, () => this.close(fail("UNAVAILABLE", "nobody reads the topic").status));
  }

  close(status: Status): void {
    if (this.#over) return;
    this.#following?.close();
    this.#end(status);
  }

  // For the source.

  opened(starts: ReadonlyMap<number, PartitionStart>): void {
    for (const [partition, start] of starts) this.log.open(partition, start);
    if (!this.#open) this.#options.opened();
    this.#open = true;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const waiter of waiting) waiter.opened(this.log);
  }

  fetched(partition: number, records: readonly BatchRecord[], next: number): void {
    this.log.append(partition, records, next);
  }

  restarted(partition: number, start: PartitionStart, status: Status): void {
    this.log.restart(partition, start, status);
  }

  failed(status: Status): void {
    this.#end(status);
  }

  #end(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.log.close(status);
    for (const waiter of waiting) waiter.fail(status);
    this.#options.over(status);
  }
}
