// What members of a classic group say to each other through the coordinator, in the layout that all Kafka clients and tools read: the
// tables of the consumer protocol (`kafka/wire/api/consumer-protocol.ts`), with partitions one by one.
import type { TopicPartition } from "../../ports/kafka.ts";
import { consumerAssignment, consumerSubscription } from "../wire/api/consumer-protocol.ts";
import { decodeVersioned, encodeVersioned } from "../wire/api/versioned.ts";
import { WireError } from "../wire/reader.ts";

export const PROTOCOL_TYPE = "consumer";
/** The only assignor we offer; Java and librdkafka clients have it under the same name. */
export const PROTOCOL_NAME = "cooperative-sticky";

export interface Subscription {
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  /** Of which generation `owned` is; -1 when not known. */
  readonly generation: number;
}

const SUBSCRIPTION_VERSION = 2;
const ASSIGNMENT_VERSION = 1;

interface OfTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

const byTopic = (all: readonly TopicPartition[]): readonly OfTopic[] => {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of all) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([topic, partitions]) => ({ topic, partitions: partitions.toSorted((a, b) => a - b) }));
};

const oneByOne = (topics: readonly OfTopic[]): readonly TopicPartition[] =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));

export const encodeSubscription = ({ topics, owned, generation }: Subscription): Uint8Array =>
  encodeVersioned(
    consumerSubscription,
    { topics, userData: null, ownedPartitions: byTopic(owned), generationId: generation, rackId: null },
    SUBSCRIPTION_VERSION,
  );

/** A subscription that cannot be read is one without topics: its member gets nothing, and the others go on. */
export const decodeSubscription = (bytes: Uint8Array): Subscription => {
  try {
    const { topics, ownedPartitions, generationId } = decodeVersioned(consumerSubscription, bytes);
    return { topics, owned: oneByOne(ownedPartitions), generation: generationId };
  } catch (reason) {
    if (!(reason instanceof WireError)) throw reason;
    return { topics: [], owned: [], generation: -1 };
  }
};

export const encodeAssignment = (partitions: readonly TopicPartition[]): Uint8Array =>
  encodeVersioned(consumerAssignment, { assignedPartitions: byTopic(partitions), userData: null }, ASSIGNMENT_VERSION);

/** Nothing assigned is no bytes, or a list without entries. Throws a WireError. */
export const decodeAssignment = (bytes: Uint8Array): readonly TopicPartition[] =>
  bytes.length === 0 ? [] : oneByOne(decodeVersioned(consumerAssignment, bytes).assignedPartitions);
