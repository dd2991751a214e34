// What a fetch asks for, partition by partition, and what each is answered with.
import type { FetchRequest, FetchResponse } from "../../kafka/wire/api/01-fetch.ts";

type RequestTopic = FetchRequest["topics"][number];
type RequestPartition = RequestTopic["partitions"][number];
export type PartitionAnswer = FetchResponse["responses"][number]["partitions"][number];

/** A topic as a request names it: by name, or by id. */
export interface TopicKey {
  readonly topic: string;
  readonly topicId: string;
}

export interface FetchTarget extends TopicKey {
  readonly partition: number;
  readonly fetchOffset: number;
  readonly bytesMax: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
}

export interface Fetched {
  readonly target: FetchTarget;
  readonly answer: PartitionAnswer;
  /** Of its records. */
  readonly bytes: number;
}

/** The same for the same partition, whatever is asked of it. */
export const keyOf = ({ topic, topicId }: TopicKey, partition: number): string => `${topic}/${topicId}/${partition}`;

const targetOf = ({ topic, topicId }: RequestTopic, of: RequestPartition): FetchTarget => ({
  topic,
  topicId,
  partition: of.partition,
  fetchOffset: of.fetchOffset,
  bytesMax: of.partitionMaxBytes,
  currentLeaderEpoch: of.currentLeaderEpoch,
  lastFetchedEpoch: of.lastFetchedEpoch,
});

/** A partition that is there twice is asked for as the last one says. */
export const targetsOf = ({ topics }: FetchRequest): readonly FetchTarget[] => {
  const targets = topics.flatMap((topic) => topic.partitions.map((partition) => targetOf(topic, partition)));
  return [...new Map(targets.map((target) => [keyOf(target, target.partition), target])).values()];
};

/** Partitions that follow each other in one topic are told together. */
export const responsesOf = (all: readonly Fetched[]): FetchResponse["responses"] => {
  const responses: (TopicKey & { partitions: PartitionAnswer[] })[] = [];
  for (const { target, answer } of all) {
    const last = responses.at(-1);
    if (last && last.topic === target.topic && last.topicId === target.topicId) last.partitions.push(answer);
    else responses.push({ topic: target.topic, topicId: target.topicId, partitions: [answer] });
  }
  return responses;
};
