// One topic followed for a log: every partition that the log chooses from where the log begins, those that are added later from their beginning, and on from the
// earliest when Kafka no longer has what comes next.
import { Code, fail, type Status, StatusError } from "../../core/status.ts";
import type { Isolation } from "../../ports/kafka.ts";
import type { PartitionStart } from "../log/log-view.ts";
import type { Followed, FollowFrom, TopicFollower } from "../log/topic-source.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { TopicView } from "./calls.ts";
import type { ClientContext } from "./context.ts";
import type { FetchPosition } from "./fetch-position.ts";
import { FetchSet, type FetchSink } from "./fetch-set.ts";
import { type Asked, resolveOffsets } from "./fetch-start.ts";
import { Ended, Life } from "./life.ts";

export interface Following {
  readonly topic: string;
  readonly from: "earliest" | "latest";
  readonly isolation: Isolation;
}

export class TopicFollowing implements FetchSink, Followed {
  readonly #context: ClientContext;
  readonly #following: Following;
  readonly #follower: TopicFollower;
  readonly #life: Life;
  readonly #set: FetchSet;
  readonly #followed = new Set<number>();
  /** How many the topic has, as far as known. */
  #count = 0;
  #unwatch: () => void = () => {};
  #forget: () => void = () => {};

  constructor(context: ClientContext, following: Following, follower: TopicFollower) {
    this.#context = context;
    this.#following = following;
    this.#follower = follower;
    this.#life = new Life(context.clock);
    this.#set = new FetchSet({ context, isolation: following.isolation, sink: this });
  }

  start(): this {
    this.#forget = this.#context.life.onEnd(() => this.#fail(fail("UNAVAILABLE", "kafka: the client is closed").status));
    this.#begin().catch((reason) => this.#failed(reason));
    return this;
  }

  add(partitions: readonly number[], from: FollowFrom): void {
    this.#more(partitions, from).catch((reason) => this.#failed(reason));
  }

  close(): void {
    this.#life.end();
    this.#forget();
    this.#unwatch();
    this.#set.close();
  }

  fetched({ partition }: FetchPosition, records: readonly BatchRecord[], next: number): void {
    this.#follower.fetched(partition, records, next);
  }

  failed({ partition, topic }: FetchPosition, status: Status): void {
    if (status.code !== Code.OUT_OF_RANGE) {
      this.#fail(status);
      return;
    }
    this.#context.report.warn(`topic '${topic}' partition ${partition} is read on from its beginning: ${status.message}`);
    this.#restart(partition).catch((reason) => this.#failed(reason));
  }

  async #begin(): Promise<void> {
    const { topic: name, from } = this.#following;
    const topic = await this.#life.until(this.#context.metadata.resolve(name));
    await this.#open(topic, this.#chosen(topic), from);
    this.#unwatch = this.#context.metadata.watch(name, (view) => this.#seen(view));
  }

  #seen(view: TopicView): void {
    if (view.error !== 0 || view.partitions.length <= this.#count) return;
    this.#open(view, this.#chosen(view), "earliest").catch((reason) => this.#failed(reason));
  }

  async #more(partitions: readonly number[], from: FollowFrom): Promise<void> {
    await this.#open(await this.#life.until(this.#context.metadata.resolve(this.#following.topic)), partitions, from);
  }

  /** Of the partitions that are new. */
  #chosen({ partitions }: TopicView): readonly number[] {
    const before = this.#count;
    this.#count = partitions.length;
    if (this.#follower.choose) return this.#follower.choose(this.#count, before);
    return [...partitions.keys()].slice(before);
  }

  async #open(topic: TopicView, asked: readonly number[], from: FollowFrom): Promise<void> {
    const partitions = asked.filter((partition) => !this.#followed.has(partition));
    for (const partition of partitions) this.#followed.add(partition);
    const starts = await this.#starts(partitions, from);
    if (this.#life.over) return;
    this.#follower.opened(starts);
    for (const [partition, { offset }] of starts) if (!this.#life.over) this.#set.add(topic, partition, offset);
  }

  /** The end is asked for after the beginning: what is below it is history, and it is never below the beginning. */
  async #starts(partitions: readonly number[], from: FollowFrom): Promise<ReadonlyMap<number, PartitionStart>> {
    const { topic, isolation } = this.#following;
    const all = (asked: Asked) =>
      resolveOffsets(this.#context, this.#life, { topic, isolation, asked: new Map(partitions.map((partition) => [partition, asked])) });
    const begins = from === "latest" ? undefined : await all(from === "earliest" ? { offset: EARLIEST } : from);
    const ends = await all({ offset: LATEST });
    return new Map(
      partitions.map((partition) => {
        const end = ends.get(partition) ?? 0;
        return [partition, { offset: begins?.get(partition) ?? end, end, earliest: from === "earliest" }];
      }),
    );
  }

  async #restart(partition: number): Promise<void> {
    const { topic: name } = this.#following;
    const topic = await this.#life.until(this.#context.metadata.resolve(name));
    const start = (await this.#starts([partition], "earliest")).get(partition);
    if (this.#life.over || start === undefined) return;
    this.#follower.restarted(partition, start, lostStatus(name, partition));
    if (!this.#life.over) this.#set.add(topic, partition, start.offset);
  }

  #failed(reason: unknown): void {
    if (!(reason instanceof Ended)) this.#fail(StatusError.from(reason).status);
  }

  #fail(status: Status): void {
    if (this.#life.over) return;
    this.close();
    this.#follower.failed(status);
  }
}

const EARLIEST = -2;
const LATEST = -1;

const lostStatus = (topic: string, partition: number): Status =>
  fail("UNAVAILABLE", `kafka: topic '${topic}' partition ${partition}: replies may have been deleted unread`).status;
