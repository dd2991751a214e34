// What to do with logs that belong to no topic when the broker starts. Those of topics that were deleted go, and so do those that never
// held anything: a stop came between making a topic's logs and remembering it. All others hold records of which the broker's memory has
// lost the owner, which is no reason to destroy them: they are set aside, as by Apache Kafka, until somebody has looked.
import type { Log } from "../../core/log.ts";
import { OWN_LOGS } from "../metadata.ts";
import { reasonText } from "../storage/disk.ts";
import type { LogId, LogStore } from "../storage/log-store.ts";
import type { TopicFacts } from "./opening.ts";

export interface Known {
  /** By name. */
  readonly topics: ReadonlyMap<string, TopicFacts>;
  /** Ids of topics that somebody has deleted, whose logs may be there still. */
  readonly deleted: ReadonlySet<string>;
}

/** Rejects when a log cannot be moved or removed: a topic of the same name must not meet it. */
export const clearStrays = async (store: LogStore, known: Known, log: Log): Promise<void> => {
  for (const found of await store.list()) {
    if (found.topic.startsWith(OWN_LOGS) || isKnown(found, known)) continue;
    if (known.deleted.has(found.topicId) || (await isBlank(found, store))) await store.delete(found);
    else await setAside(found, store, log);
  }
};

const isKnown = ({ topic, topicId, partition }: LogId, { topics }: Known): boolean => {
  const facts = topics.get(topic);
  return facts !== undefined && facts.id === topicId && partition < facts.partitions;
};

/** What cannot be read is not taken for nothing. */
const isBlank = (found: LogId, store: LogStore): Promise<boolean> => store.isBlank(found).catch(() => false);

const setAside = async (found: LogId, store: LogStore, log: Log): Promise<void> => {
  const partition = `${found.topic}-${found.partition}`;
  try {
    const folder = await store.setAside(found);
    log.warn("a log belongs to no topic that is known: it was set aside, and is yours to remove", { partition, folder });
  } catch (reason) {
    log.error("a log that belongs to no topic could not be set aside", { partition, reason: reasonText(reason) });
    throw reason;
  }
};
