// What members of a group say to each other through the coordinator, in the layout that all Kafka clients and tools read (the consumer
// protocol: subscriptions of version 0 to 3, assignments of version 0 to 3).
import type { TopicPartition } from "../../ports/kafka.ts";
import { Reader, WireError } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";

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

const byTopic = (partitions: readonly TopicPartition[]): readonly (readonly [topic: string, partitions: readonly number[]])[] => {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([topic, of]) => [topic, of.toSorted((a, b) => a - b)]);
};

const writePartitions = (to: Writer, partitions: readonly TopicPartition[]): Writer =>
  to.array(byTopic(partitions), ([topic, of]) => to.string(topic).array(of, (partition) => to.int32(partition)));

const readPartitions = (from: Reader): readonly TopicPartition[] =>
  from
    .array(() => {
      const topic = from.string();
      return from.array(() => ({ topic, partition: from.int32() }));
    })
    .flat();

const NO_USER_DATA = -1;

export const encodeSubscription = ({ topics, owned, generation }: Subscription): Uint8Array => {
  const to = new Writer("classic")
    .int16(SUBSCRIPTION_VERSION)
    .array(topics, (topic, into) => into.string(topic))
    .int32(NO_USER_DATA);
  return Buffer.concat(writePartitions(to, owned).int32(generation).pieces());
};

/** A subscription that cannot be read is one without topics: its member gets nothing, and the others go on. */
export const decodeSubscription = (bytes: Uint8Array): Subscription => {
  try {
    const from = new Reader(bytes, "classic");
    const version = from.int16();
    const topics = from.array(() => from.string());
    from.nullableBytes();
    const owned = version >= 1 ? readPartitions(from) : [];
    const generation = version >= 2 ? from.int32() : -1;
    return { topics, owned, generation };
  } catch (reason) {
    if (!(reason instanceof WireError)) throw reason;
    return { topics: [], owned: [], generation: -1 };
  }
};

export const encodeAssignment = (partitions: readonly TopicPartition[]): Uint8Array => {
  const to = new Writer("classic").int16(ASSIGNMENT_VERSION);
  return Buffer.concat(writePartitions(to, partitions).int32(NO_USER_DATA).pieces());
};

/** Nothing assigned is no bytes, or a list without entries. Throws a WireError. */
export const decodeAssignment = (bytes: Uint8Array): readonly TopicPartition[] => {
  if (bytes.length === 0) return [];
  const from = new Reader(bytes, "classic");
  from.int16();
  return readPartitions(from);
};
