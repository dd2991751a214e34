// DescribeTopicPartitions (75), version 0: topics with their partitions in the order of their names, page by page.
import {
  describeTopicPartitions as api,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
} from "../kafka/wire/api/75-describe-topic-partitions.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import { authorizedOperations } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import type { Broker } from "./broker.ts";
import { BrokerError } from "./broker-error.ts";
import { LEADER_EPOCH } from "./storage/batch-facts.ts";
import { isInternal, nameFault } from "./topics/names.ts";

type TopicResult = DescribeTopicPartitionsResponse["topics"][number];
type PartitionResult = TopicResult["partitions"][number];

/** On one page, whatever is asked for (Kafka's max.request.partition.size.limit). */
const PARTITIONS_MAX = 2_000;

const partitionResult = (partitionIndex: number, { nodeId }: Broker): PartitionResult => ({
  errorCode: ErrorCode.NONE,
  partitionIndex,
  leaderId: nodeId,
  leaderEpoch: LEADER_EPOCH,
  replicaNodes: [nodeId],
  isrNodes: [nodeId],
  eligibleLeaderReplicas: [],
  lastKnownElr: [],
  offlineReplicas: [],
});

const refusedTopic = (name: string, errorCode: number, { broker, client }: RequestContext): TopicResult => ({
  errorCode,
  name,
  topicId: UUID_ZERO,
  isInternal: isInternal(name),
  partitions: [],
  topicAuthorizedOperations: authorizedOperations(broker.access, client, { type: "topic", name }),
});

interface Page {
  readonly topics: readonly TopicResult[];
  readonly nextCursor: DescribeTopicPartitionsResponse["nextCursor"];
}

/** From the cursor on, at most `limit` partitions of the topics named. */
const pageOf = (names: readonly string[], request: DescribeTopicPartitionsRequest, context: RequestContext): Page => {
  const { broker } = context;
  const topics: TopicResult[] = [];
  let left = Math.min(request.responsePartitionLimit, PARTITIONS_MAX);
  for (const name of names) {
    const topic = broker.topics.get(name);
    if (!topic) {
      const code = nameFault(name) === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION;
      topics.push(refusedTopic(name, code, context));
      continue;
    }
    const first = request.cursor?.topicName === name ? request.cursor.partitionIndex : 0;
    if (left === 0) return { topics, nextCursor: { topicName: name, partitionIndex: first } };
    const end = Math.min(topic.partitions.length, first + left);
    const partitions = Array.from({ length: Math.max(0, end - first) }, (_, at) => partitionResult(first + at, broker));
    topics.push({ ...refusedTopic(name, ErrorCode.NONE, context), topicId: topic.id, partitions });
    left -= partitions.length;
    if (end < topic.partitions.length) return { topics, nextCursor: { topicName: name, partitionIndex: end } };
  }
  return { topics, nextCursor: null };
};

const namesOf = ({ topics }: DescribeTopicPartitionsRequest, { broker }: RequestContext): readonly string[] =>
  topics.length === 0 ? broker.topics.all().map(({ name }) => name) : [...new Set(topics.map(({ name }) => name))].sort();

export const describeTopicPartitions: BrokerApi<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> = {
  api,
  versions: api.versions,
  handle(request, context) {
    const { broker, client } = context;
    const { cursor, topics } = request;
    if (cursor !== null && cursor.partitionIndex < 0) throw new BrokerError("INVALID_REQUEST", "the cursor's partition is below zero");
    if (request.responsePartitionLimit < 1) throw new BrokerError("INVALID_REQUEST", "no partitions are asked for");
    const names = namesOf(request, context).filter((name) => cursor === null || name >= cursor.topicName);
    const isAllowed = (name: string): boolean => broker.access.allows(client, "describe", { type: "topic", name });
    const page = pageOf(names.filter(isAllowed), request, context);
    const refused = topics.length === 0 ? [] : names.filter((name) => !isAllowed(name));
    const failed = refused.map((name) => refusedTopic(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED, context));
    return { throttleTimeMs: 0, topics: [...failed, ...page.topics], nextCursor: page.nextCursor };
  },
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name }) => ({
      errorCode: code,
      name,
      topicId: UUID_ZERO,
      isInternal: isInternal(name),
      partitions: [],
      topicAuthorizedOperations: -(2 ** 31),
    })),
    nextCursor: null,
  }),
};
