// DescribeTopicPartitions: topics with their partitions, page by page.

import type { ValueOf } from "../type.ts";
import { array, bool, int16, int32, nullableArray, nullableString, nullableStruct, string, struct, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const topicRequest = struct("TopicRequest", {
  name: string,
});

const cursor = struct("Cursor", {
  topicName: string,
  partitionIndex: int32,
});

const request = struct("DescribeTopicPartitionsRequest", {
  topics: array(topicRequest),
  responsePartitionLimit: int32,
  cursor: nullableStruct(cursor),
});

const describeTopicPartitionsResponsePartition = struct("DescribeTopicPartitionsResponsePartition", {
  errorCode: int16,
  partitionIndex: int32,
  leaderId: int32,
  leaderEpoch: int32,
  replicaNodes: array(int32),
  isrNodes: array(int32),
  eligibleLeaderReplicas: nullableArray(int32),
  lastKnownElr: nullableArray(int32),
  offlineReplicas: array(int32),
});

const describeTopicPartitionsResponseTopic = struct("DescribeTopicPartitionsResponseTopic", {
  errorCode: int16,
  name: nullableString,
  topicId: uuid,
  isInternal: bool,
  partitions: array(describeTopicPartitionsResponsePartition),
  topicAuthorizedOperations: int32,
});

const response = struct("DescribeTopicPartitionsResponse", {
  throttleTimeMs: int32,
  topics: array(describeTopicPartitionsResponseTopic),
  nextCursor: nullableStruct(cursor),
});

export type DescribeTopicPartitionsRequest = ValueOf<typeof request>;
export type DescribeTopicPartitionsResponse = ValueOf<typeof response>;

export const describeTopicPartitions: Api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> = {
  key: 75,
  name: "DescribeTopicPartitions",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
