// A Kafka made from a Kafka: topics are read once for all their readers, who are cursors over one log; writing and membership go straight
// through.

import { latin1 } from "../../core/bytes.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import { fail, type Status, StatusError } from "../../core/status.ts";
import type { FetchQuery, FetchStart, Kafka, OwnReplies, OwnRepliesWaiter, Position, Share, StoredRecord } from "../../ports/kafka.ts";
import type { Reply, Requests } from "../../ports/service.ts";
import { murmur2 } from "../wire/murmur2.ts";
import { CachedTopic, type CachedTopicOptions, RETRY_MS } from "./cached-topic.ts";
import type { CursorOwner, CursorQuery } from "./cursor.ts";
import { RANGE_MEMORY_PART } from "./limits.ts";
import { LogMemory } from "./log-memory.ts";
import { LogReader, type ReadFrom } from "./log-reader.ts";
import { matcherOf } from "./matcher.ts";
import { Recall } from "./recall.ts";
import { ReplyIndexes } from "./reply-indexes.ts";
import type { TopicLog } from "./topic-log.ts";
import type { KafkaSource, TopicSource } from "./topic-source.ts";
import { Turns } from "./turns.ts";

export interface CachedOptions {
  readonly kafka: Kafka;
  /** Of that Kafka. */
  readonly source: KafkaSource;
  readonly clock: Clock;
  /** Read from the start on, whether anybody reads them or not. */
  readonly bootstrap: readonly string[];
  /** Where the log of a topic begins when nothing is in it. */
  from(topic: string): "earliest" | "latest";
  /** Told of a topic that is to be read from the start on and cannot be. */
  unread(topic: string, status: Status): void;
  /** The header that calls are found by; its values in topics of `bootstrap` are indexed before a call asks for them. */
  readonly replyHeader?: string;
  /** Shared with others, where there are others. */
  readonly memory?: LogMemory;
  readonly replyIndexBytesMax?: number;
}

const CLOSED: Status = fail("UNAVAILABLE", "kafka: the cache is closed").status;

export class CachedKafka implements Kafka {
  readonly produce: Kafka["produce"];
  readonly consume: Kafka["consume"];
  readonly timeoutMs?: number;
  readonly servers?: string;
  readonly #options: CachedOptions;
  readonly #memory: LogMemory;
  readonly #rangeMemory: LogMemory;
  readonly #turns = new Turns();
  readonly #indexes: ReplyIndexes;
  readonly #topics = new Map<string, CachedTopic>();
  readonly #retries = new Set<Timer>();
  #closed = false;

  constructor(options: CachedOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new LogMemory();
    this.#rangeMemory = new LogMemory(this.#memory.bytesMax * RANGE_MEMORY_PART);
    this.#indexes = new ReplyIndexes(this.#turns, options.replyIndexBytesMax);
    this.produce = (to, records, receipt) => options.kafka.produce(to, records, receipt);
    this.consume = (query, reply) => options.kafka.consume(query, reply);
    if (options.kafka.timeoutMs !== undefined) this.timeoutMs = options.kafka.timeoutMs;
    if (options.kafka.servers !== undefined) this.servers = options.kafka.servers;
  }

  readonly fetch: Kafka["fetch"] = (query, reply) => {
    if (this.#closed) throw new StatusError(CLOSED);
    return this.#read(query, reply);
  };

  /** Begins to read what is read from the start on. Waits for nothing. */
  start(): void {
    for (const topic of this.#options.bootstrap) this.#topic(topic, "read_committed");
  }

  /** How many read. */
  get open(): number {
    let readers = 0;
    for (const topic of this.#topics.values()) readers += topic.readers;
    return readers;
  }

  close(): void {
    this.#closed = true;
    for (const retry of this.#retries) retry.cancel();
    for (const topic of [...this.#topics.values()]) topic.close(CLOSED);
  }

  readonly ownReplies = (name: string, share: Share): OwnReplies => {
    const found = (): CachedTopic | undefined => this.#foundShared(name, share);
    return {
      get reads() {
        const topic = found();
        return topic?.open ? (topic.own?.reads ?? always) : undefined;
      },
      wait: (waiter) => this.#wait(this.#shared(name, share), waiter),
    };
  };

  #wait(topic: CachedTopic, { known, failed }: OwnRepliesWaiter): { cancel(): void } {
    const waiter = { opened: known, fail: failed };
    topic.read(waiter);
    return { cancel: () => topic.left(waiter) };
  }

  #read(query: FetchQuery, reply: Reply<StoredRecord, FetchStart>): Requests<never> {
    const hash = query.share && query.correlated && murmur2(query.correlated.value);
    const topic = this.#topicFor(query, hash);
    const reader: LogReader = new LogReader(reply, this.#turns, () => topic.left(waiter));
    const waiter = {
      hash,
      opened: (log: TopicLog): void => this.#open(query, log, reader),
      fail: (status: Status): void => reader.fail(status),
    };
    topic.read(waiter);
    return reader;
  }

  /** Replies that may have been there before are looked for where all of them are read. */
  #topicFor({ topic: name, isolation, share, from }: FetchQuery, hash: number | undefined): CachedTopic {
    if (!share || hash === undefined || isolation !== "read_committed") return this.#topic(name, isolation);
    const topic = this.#shared(name, share);
    const lacks = from === "earliest" && topic.own?.someArePartial(topic.own.partitionsOf(hash));
    return lacks ? this.#topic(name, isolation) : topic;
  }

  #open(query: FetchQuery, log: TopicLog, reader: LogReader): void {
    const { from, isolation, topic } = query;
    if (query.correlated && from === "earliest") {
      reader.open((owner) => this.#recall(query, log, owner));
      return;
    }
    const matcher = matcherOf(query);
    const partitions = query.partitions && new Set(query.partitions);
    const waits = query.correlated !== undefined;
    const cursor = (asked: CursorQuery["from"]): void =>
      reader.open((owner) => log.cursor({ from: asked, matcher, partitions, waits }, owner));
    if (from === "earliest" || from === "latest") cursor(from);
    else if ("timestampMs" in from) this.#later(this.#source(isolation).positionAt(topic, from.timestampMs), cursor, reader);
    else if (!isBeyond(from, log)) cursor(from);
    else
      this.#later(
        this.#source(isolation)
          .ends(topic)
          .then((ends) => inRange(from, ends, topic)),
        cursor,
        reader,
      );
  }

  #later(position: Promise<Position>, cursor: (from: Position) => void, reader: LogReader): void {
    position.then(cursor, (reason) => reader.fail(StatusError.from(reason).status));
  }

  /** A call that may have been answered before: found by the index, not by reading all there is. */
  #recall(query: FetchQuery, log: TopicLog, owner: CursorOwner): ReadFrom {
    const { name, value } = query.correlated!; // The caller has looked.
    const matcher = matcherOf(query)!; // One header's value is a matcher.
    const partitions = query.partitions && new Set(query.partitions);
    return new Recall({ log, index: this.#indexes.of(log, name), value: latin1(value), matcher, partitions }, owner);
  }

  #source(isolation: FetchQuery["isolation"]): TopicSource {
    return this.#options.source.of(isolation);
  }

  /** One log for committed records and one for all, where both are wanted. */
  #topic(name: string, isolation: FetchQuery["isolation"]): CachedTopic {
    const key = `${isolation} ${name}`;
    const kept = isolation === "read_committed" && this.#options.bootstrap.includes(name);
    return this.#topics.get(key) ?? this.#made(key, { topic: name, source: this.#source(isolation), kept });
  }

  #shared(name: string, share: Share): CachedTopic {
    const known = this.#foundShared(name, share);
    return known ?? this.#made(shareKey(name, share), { topic: name, source: this.#source("read_committed"), kept: false, share });
  }

  /** The log of a share, unless all is read anyway. */
  #foundShared(name: string, share: Share): CachedTopic | undefined {
    return this.#topics.get(`read_committed ${name}`) ?? this.#topics.get(shareKey(name, share));
  }

  #made(key: string, of: Pick<CachedTopicOptions, "topic" | "source" | "kept" | "share">): CachedTopic {
    const { clock, from } = this.#options;
    const made: CachedTopic = new CachedTopic({
      ...{ ...of, clock, memory: this.#memory, rangeMemory: this.#rangeMemory, from: from(of.topic) },
      opened: () => of.kept && this.#index(made),
      over: (status) => this.#over(key, { topic: made, kept: of.kept, status }),
    });
    this.#topics.set(key, made);
    return made.start();
  }

  /** The replies of a topic that is read from the start on are indexed from the start on. */
  #index({ log }: CachedTopic): void {
    const { replyHeader } = this.#options;
    if (replyHeader !== undefined) this.#indexes.of(log, replyHeader);
  }

  #over(key: string, { topic, kept, status }: { readonly topic: CachedTopic; readonly kept: boolean; readonly status: Status }): void {
    this.#topics.delete(key);
    this.#indexes.forget(topic.log);
    if (!kept || this.#closed) return;
    const name = topic.log.topic;
    this.#options.unread(name, status);
    const retry = this.#options.clock.after(RETRY_MS, () => {
      this.#retries.delete(retry);
      this.#topic(name, "read_committed");
    });
    this.#retries.add(retry);
  }
}

const always = (): boolean => true;

const shareKey = (name: string, { index, of }: Share): string => `${index}/${of} ${name}`;

/** Whether an offset is above what the log knows of: it may have been written since, or never. */
const isBeyond = (from: Position, log: TopicLog): boolean => {
  const ends = log.ends();
  for (const [partition, offset] of from) if (partition >= 0 && offset > (ends[partition] ?? 0)) return true;
  return false;
};

/** The position, if Kafka has it. */
const inRange = (from: Position, ends: Position, topic: string): Position => {
  for (const [partition, offset] of from) {
    const end = ends.get(partition) ?? 0;
    if (partition >= 0 && offset > end)
      throw fail("OUT_OF_RANGE", `partition ${partition} of topic '${topic}' ends at ${end}, ${offset} is not there`);
  }
  return from;
};
