// Opens the logs of topics: those of a new one, all of them at the start, and one that could not be opened before.
import type { BrokerSettings } from "../configs/broker-settings.ts";
import { logConfigOf } from "../configs/topic-settings.ts";
import type { Fact } from "../metadata.ts";
import { LOGS_OPENED_AT_ONCE } from "../storage/limits.ts";
import type { LogConfig } from "../storage/log-config.ts";
import type { LogStore } from "../storage/log-store.ts";
import type { PartitionLog } from "../storage/partition-log.ts";
import { Topic } from "./topic.ts";

/** What is remembered of a topic. */
export interface TopicFacts {
  readonly id: string;
  readonly partitions: number;
  readonly own: Readonly<Record<string, string>>;
  readonly [name: string]: Fact;
}

interface Stores {
  readonly store: LogStore;
  readonly settings: BrokerSettings;
}

/** Partitions `from` to `to`, the last not included. */
interface LogsOf {
  readonly name: string;
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly config: LogConfig;
}

/** Rejects with KAFKA_STORAGE_ERROR when one of them cannot be opened. */
export const openLogs = async (store: LogStore, { name, id, from, to, config }: LogsOf): Promise<PartitionLog[]> => {
  const logs: PartitionLog[] = [];
  let next = from;
  const open = async (): Promise<void> => {
    for (let partition = next++; partition < to; partition = next++)
      logs[partition - from] = await store.log({ topic: name, topicId: id, partition }, config);
  };
  await Promise.all(Array.from({ length: LOGS_OPENED_AT_ONCE }, open));
  return logs;
};

/** Every topic; a log that cannot be opened is left out, and was complained about. */
export const openAll = async (stores: Stores, remembered: ReadonlyMap<string, TopicFacts>): Promise<Topic[]> => {
  const topics: Topic[] = [];
  for (const [name, facts] of remembered) {
    const own = new Map(Object.entries(facts.own));
    const config = logConfigOf({ own, broker: stores.settings });
    const partitions: (PartitionLog | undefined)[] = [];
    for (let from = 0; from < facts.partitions; from += LOGS_OPENED_AT_ONCE) {
      const some = Array.from({ length: Math.min(LOGS_OPENED_AT_ONCE, facts.partitions - from) }, (_, at) =>
        stores.store.log({ topic: name, topicId: facts.id, partition: from + at }, config).catch(() => undefined),
      );
      partitions.push(...(await Promise.all(some)));
    }
    topics.push(new Topic({ name, id: facts.id, partitions, own }));
  }
  return topics;
};

const reopening = new WeakMap<Topic, Set<number>>();

/** Tries again, one try at a time. */
export const reopen = ({ store, settings }: Stores, topic: Topic, partition: number): void => {
  const running = reopening.get(topic) ?? new Set<number>();
  reopening.set(topic, running);
  if (running.has(partition)) return;
  running.add(partition);
  void store
    .log({ topic: topic.name, topicId: topic.id, partition }, logConfigOf({ own: topic.own, broker: settings }))
    .then((log) => {
      topic.partitions = topic.partitions.map((known, at) => (at === partition ? log : known));
    })
    .catch(() => {}) // It was complained about.
    .finally(() => running.delete(partition));
};
