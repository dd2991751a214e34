// All topics: made, found, changed and deleted here. What is said to be done is durable.
import type { Log } from "../../core/log.ts";
import { BrokerError } from "../broker-error.ts";
import type { BrokerSettings, Values } from "../configs/broker-settings.ts";
import { logConfigOf } from "../configs/topic-settings.ts";
import type { Metadata } from "../metadata.ts";
import type { LogStore } from "../storage/log-store.ts";
import type { PartitionLog } from "../storage/partition-log.ts";
import { collisionKey } from "./names.ts";
import { openAll, openLogs, reopen, type TopicFacts } from "./opening.ts";
import { clearStrays } from "./strays.ts";
import { Topic } from "./topic.ts";

/** What topics are made of. */
export interface TopicsOf {
  readonly store: LogStore;
  readonly metadata: Metadata;
  readonly settings: BrokerSettings;
  /** Hears of logs that belong to no topic. */
  readonly log: Log;
}

/** A topic that is wanted; all of it was checked. */
export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly own: Values;
}

const SECTION = "topic";
/** Topics by id that are deleted, until their logs are gone. */
const DELETED = "deleted-topic";

const factsOf = (id: string, partitions: number, own: Values): TopicFacts => ({ id, partitions, own: Object.fromEntries(own) });

export class Topics {
  readonly #of: TopicsOf;
  readonly #byName = new Map<string, Topic>();
  readonly #byId = new Map<string, Topic>();
  readonly #onDeleted = new Set<(topic: Topic) => void>();
  readonly #onChanged = new Set<() => void>();
  /** Ids of deleted topics whose logs are gone, to be forgotten with the next deletion. */
  #forgettable: readonly string[] = [];

  /** With all that are remembered. */
  static async open(of: TopicsOf): Promise<Topics> {
    const topics = new Topics(of);
    const remembered = of.metadata.recall(SECTION) as Map<string, TopicFacts>; // As it was written.
    const deleted = new Set(of.metadata.recall(DELETED).keys());
    await clearStrays(of.store, { topics: remembered, deleted }, of.log);
    topics.#forgettable = [...deleted];
    for (const topic of await openAll(of, remembered)) topics.#add(topic);
    of.settings.listen(() => {
      for (const topic of topics.#byName.values()) topics.#configure(topic);
    });
    return topics;
  }

  private constructor(of: TopicsOf) {
    this.#of = of;
  }

  /** In the order of their names. */
  all(): readonly Topic[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id);
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION, or KAFKA_STORAGE_ERROR when its log cannot be opened. */
  partition(name: string, index: number): PartitionLog {
    return this.partitionOf(this.#byName.get(name), index);
  }

  partitionOf(topic: Topic | undefined, index: number): PartitionLog {
    const log = topic?.partitions[index];
    if (log) return log;
    if (!topic || index < 0 || index >= topic.partitions.length) throw new BrokerError("UNKNOWN_TOPIC_OR_PARTITION");
    reopen(this.#of, topic, index);
    throw new BrokerError("KAFKA_STORAGE_ERROR", "the log could not be opened");
  }

  /** One whose name Kafka takes for the same; undefined: none. */
  collidingWith(name: string): Topic | undefined {
    const key = collisionKey(name);
    if (!this.#byName.has(name)) for (const topic of this.#byName.values()) if (collisionKey(topic.name) === key) return topic;
    return undefined;
  }

  /** Called when a topic has gone, before that is answered. */
  onDeleted(call: (topic: Topic) => void): () => void {
    this.#onDeleted.add(call);
    return () => this.#onDeleted.delete(call);
  }

  /** Called when topics or partitions came or went. */
  onChanged(call: () => void): () => void {
    this.#onChanged.add(call);
    return () => this.#onChanged.delete(call);
  }

  /** Rejects with TOPIC_ALREADY_EXISTS or KAFKA_STORAGE_ERROR. */
  create({ name, partitions, own }: NewTopic): Promise<Topic> {
    const { store, metadata, settings } = this.#of;
    return metadata.turn(async () => {
      if (this.#byName.has(name)) throw new BrokerError("TOPIC_ALREADY_EXISTS", `there is a topic '${name}' already`);
      const id: string = crypto.randomUUID();
      const logs = await openLogs(store, { name, id, from: 0, to: partitions, config: logConfigOf({ own, broker: settings }) });
      await metadata.remember({ section: SECTION, key: name, fact: factsOf(id, partitions, own) });
      const topic = new Topic({ name, id, partitions: logs, own });
      this.#add(topic);
      this.#tellChange();
      return topic;
    });
  }

  /** Whoever reads or writes it is refused from then on. Rejects with UNKNOWN_TOPIC_OR_PARTITION when it has gone already. */
  delete(topic: Topic): Promise<void> {
    const { store, metadata } = this.#of;
    return metadata.turn(async () => {
      this.#checkThere(topic);
      const forgotten = this.#forgettable.map((key) => ({ section: DELETED, key, fact: undefined }));
      await metadata.remember(
        { section: SECTION, key: topic.name, fact: undefined },
        { section: DELETED, key: topic.id, fact: topic.name },
        ...forgotten,
      );
      this.#forgettable = [];
      this.#byName.delete(topic.name);
      this.#byId.delete(topic.id);
      for (const partition of topic.partitions.keys()) await store.delete({ topic: topic.name, topicId: topic.id, partition });
      this.#forgettable = [topic.id];
      for (const call of [...this.#onDeleted]) call(topic);
      this.#tellChange();
    });
  }

  /** Up to so many. `count` was checked to be more than there are. */
  addPartitions(topic: Topic, count: number): Promise<void> {
    const { store, metadata, settings } = this.#of;
    const { name, id, own } = topic;
    return metadata.turn(async () => {
      this.#checkThere(topic);
      const from = topic.partitions.length;
      const logs = await openLogs(store, { name, id, from, to: count, config: logConfigOf({ own, broker: settings }) });
      await metadata.remember({ section: SECTION, key: name, fact: factsOf(id, count, own) });
      topic.partitions = [...topic.partitions, ...logs];
      this.#tellChange();
    });
  }

  /** Other settings of its own, which were checked. */
  configure(topic: Topic, own: Values): Promise<void> {
    const { metadata } = this.#of;
    return metadata.turn(async () => {
      this.#checkThere(topic);
      await metadata.remember({ section: SECTION, key: topic.name, fact: factsOf(topic.id, topic.partitions.length, own) });
      topic.own = own;
      this.#configure(topic);
    });
  }

  #add(topic: Topic): void {
    this.#byName.set(topic.name, topic);
    this.#byId.set(topic.id, topic);
  }

  #configure(topic: Topic): void {
    const config = logConfigOf({ own: topic.own, broker: this.#of.settings });
    for (const log of topic.partitions) log?.configure(config);
  }

  #checkThere(topic: Topic): void {
    if (this.#byId.get(topic.id) !== topic) throw new BrokerError("UNKNOWN_TOPIC_OR_PARTITION", `the topic '${topic.name}' was deleted`);
  }

  #tellChange(): void {
    for (const call of [...this.#onChanged]) call();
  }
}
