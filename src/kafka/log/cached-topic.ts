// One topic of a cache: its log, fed by one following of the topic for all its readers, and the readers that wait until it can be read. With a
// share, only some partitions are followed: see own-partitions.ts.
import type { Clock, Timer } from "../../core/clock.ts";
import { fail, type Status } from "../../core/status.ts";
import type { Share } from "../../ports/kafka.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { LogMemory } from "./log-memory.ts";
import type { PartitionStart } from "./log-view.ts";
import { GROWTH_MS, type Grown, OwnPartitions } from "./own-partitions.ts";
import { TopicLog } from "./topic-log.ts";
import type { Followed, TopicFollower, TopicSource } from "./topic-source.ts";

/** A topic that nobody reads is followed so much longer. */
export const IDLE_MS = 60_000;
/** A topic that is read from the start on and is not there is looked for again after so long. */
export const RETRY_MS = 2_000;

/** Who waits for the log. */
export interface LogWaiter {
  /** What it waits for has a key of this hash; it is of use where not all partitions are read. */
  readonly hash?: number | undefined;
  opened(log: TopicLog): void;
  fail(status: Status): void;
}

export interface CachedTopicOptions {
  readonly topic: string;
  readonly from: "earliest" | "latest";
  readonly source: TopicSource;
  readonly memory: LogMemory;
  readonly rangeMemory: LogMemory;
  readonly clock: Clock;
  /** It is followed also when nobody reads it. */
  readonly kept: boolean;
  /** Of its partitions, where not all are read. */
  readonly share?: Share;
  /** The log can be read. */
  opened(): void;
  /** It is over; a reader that comes later begins anew. */
  over(status: Status): void;
}

export class CachedTopic implements TopicFollower {
  readonly log: TopicLog;
  readonly #options: CachedTopicOptions;
  readonly #waiting = new Set<LogWaiter>();
  readonly choose?: NonNullable<TopicFollower["choose"]>;
  /** Absent: all partitions are read. */
  readonly own: OwnPartitions | undefined;
  #following: Followed | undefined;
  #open = false;
  #over = false;
  #readers = 0;
  #timer: Timer | undefined;

  constructor(options: CachedTopicOptions) {
    const { topic, memory, rangeMemory, source, share, clock } = options;
    this.#options = options;
    const own = share && new OwnPartitions(share, clock);
    this.own = own;
    if (own) this.choose = (count, before) => this.#chosen(own.counted(count, before));
    this.log = new TopicLog({ topic, memory, rangeMemory, ranges: source });
  }

  start(): this {
    const { source, topic, from } = this.#options;
    this.#following = source.follow(topic, from, this);
    return this;
  }

  get readers(): number {
    return this.#readers;
  }

  /** It can be read. */
  get open(): boolean {
    return this.#open;
  }

  /** Called back at once when the log can be read already, else when it can, or cannot. */
  read(waiter: LogWaiter): void {
    this.#readers += 1;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#open) this.#enter(waiter);
    if (this.#isReadFor(waiter)) waiter.opened(this.log);
    else this.#waiting.add(waiter);
  }

  left(waiter: LogWaiter): void {
    this.#readers -= 1;
    // Who waits for the log to open has not been entered.
    if (this.#open && waiter.hash !== undefined) this.own?.leave(waiter.hash);
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
    const first = !this.#open;
    this.#open = true;
    if (first) {
      this.#options.opened();
      for (const waiter of this.#waiting) this.#enter(waiter);
    }
    for (const waiter of [...this.#waiting]) {
      if (this.#isReadFor(waiter) && this.#waiting.delete(waiter)) waiter.opened(this.log);
    }
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

  #chosen({ whole, recent }: Grown): readonly number[] {
    if (recent.length > 0) this.#following?.add(recent, { timestampMs: this.#options.clock.now() - GROWTH_MS });
    return whole;
  }

  /** What it waits for is read from now on, wherever that is. */
  #enter({ hash }: LogWaiter): void {
    const missing = hash === undefined ? undefined : this.own?.enter(hash);
    if (missing && missing.length > 0) this.#following?.add(missing, "earliest");
  }

  #isReadFor({ hash }: LogWaiter): boolean {
    if (!this.#open || hash === undefined || !this.own) return this.#open;
    return this.own.partitionsOf(hash).every((partition) => this.log.startOf(partition) !== undefined);
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
