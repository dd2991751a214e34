// DescribeProducers: the producers that wrote to partitions not long ago.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const topicRequest = struct("TopicRequest", {
  name: string,
  partitionIndexes: array(int32),
});

const request = struct("DescribeProducersRequest", {
  topics: array(topicRequest),
});

const producerState = struct("ProducerState", {
  producerId: int64,
  producerEpoch: int32,
  lastSequence: int32,
  lastTimestamp: int64,
  coordinatorEpoch: int32,
  currentTxnStartOffset: int64,
});

const partitionResponse = struct("PartitionResponse", {
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: nullableString,
  activeProducers: array(producerState),
});

const topicResponse = struct("TopicResponse", {
  name: string,
  partitions: array(partitionResponse),
});

const response = struct("DescribeProducersResponse", {
  throttleTimeMs: int32,
  topics: array(topicResponse),
});

export type DescribeProducersRequest = ValueOf<typeof request>;
export type DescribeProducersResponse = ValueOf<typeof response>;

export const describeProducers: Api<DescribeProducersRequest, DescribeProducersResponse> = {
  key: 61,
  name: "DescribeProducers",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
