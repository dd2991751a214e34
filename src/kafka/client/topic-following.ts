// One topic followed for a log: every partition from where the log begins, those that are added later from their beginning, and on from the
// earliest when Kafka no longer has what comes next.
import { Code, fail, type Status, StatusError } from "../../core/status.ts";
import type { Isolation } from "../../ports/kafka.ts";
import type { PartitionStart } from "../log/log-view.ts";
import type { TopicFollower } from "../log/topic-source.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { TopicView } from "./calls.ts";
import type { ClientContext } from "./context.ts";
import type { FetchPosition } from "./fetch-position.ts";
import { FetchSet, type FetchSink } from "./fetch-set.ts";
import { resolveOffsets } from "./fetch-start.ts";
import { Ended, Life } from "./life.ts";

export interface Following {
  readonly topic: string;
  readonly from: "earliest" | "latest";
  readonly isolation: Isolation;
}

export class TopicFollowing implements FetchSink {
  readonly #context: ClientContext;
  readonly #following: Following;
  readonly #follower: TopicFollower;
  readonly #life: Life;
  readonly #set: FetchSet;
  #partitions = 0;
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
    await this.#open(topic, 0, from);
    this.#unwatch = this.#context.metadata.watch(name, (view) => this.#seen(view));
  }

  #seen(view: TopicView): void {
    const known = this.#partitions;
    if (view.error !== 0 || view.partitions.length <= known) return;
    this.#partitions = view.partitions.length;
    this.#open(view, known, "earliest").catch((reason) => this.#failed(reason));
  }

  /** The partitions from that one on. */
  async #open(topic: TopicView, first: number, from: "earliest" | "latest"): Promise<void> {
    this.#partitions = topic.partitions.length;
    const partitions = topic.partitions.map((_, partition) => partition).slice(first);
    const starts = await this.#starts(partitions, from);
    if (this.#life.over) return;
    this.#follower.opened(starts);
    for (const [partition, { offset }] of starts) if (!this.#life.over) this.#set.add(topic, partition, offset);
  }

  /** The end is asked for after the beginning: what is below it is history, and it is never below the beginning. */
  async #starts(partitions: readonly number[], from: "earliest" | "latest"): Promise<ReadonlyMap<number, PartitionStart>> {
    const { topic, isolation } = this.#following;
    const all = (offset: number) =>
      resolveOffsets(this.#context, this.#life, {
        topic,
        isolation,
        asked: new Map(partitions.map((partition) => [partition, { offset }])),
      });
    const begins = from === "earliest" ? await all(EARLIEST) : undefined;
    const ends = await all(LATEST);
    return new Map(
      partitions.map((partition) => {
        const end = ends.get(partition) ?? 0;
        return [partition, { offset: begins?.get(partition) ?? end, end, earliest: begins !== undefined }];
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
