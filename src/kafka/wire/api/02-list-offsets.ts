// ListOffsets: the offset of a time, or of one of the marks that negative times stand for.

import type { ValueOf } from "../type.ts";
import { array, int8, int16, int32, int64, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const listOffsetsPartition = struct("ListOffsetsPartition", {
  partitionIndex: int32,
  currentLeaderEpoch: since(4, int32, -1),
  timestamp: int64,
});

const listOffsetsTopic = struct("ListOffsetsTopic", {
  name: string,
  partitions: array(listOffsetsPartition),
});

const request = struct("ListOffsetsRequest", {
  replicaId: int32,
  isolationLevel: since(2, int8),
  topics: array(listOffsetsTopic),
  timeoutMs: since(10, int32),
});

const listOffsetsPartitionResponse = struct("ListOffsetsPartitionResponse", {
  partitionIndex: int32,
  errorCode: int16,
  timestamp: int64,
  offset: int64,
  leaderEpoch: since(4, int32, -1),
});

const listOffsetsTopicResponse = struct("ListOffsetsTopicResponse", {
  name: string,
  partitions: array(listOffsetsPartitionResponse),
});

const response = struct("ListOffsetsResponse", {
  throttleTimeMs: since(2, int32),
  topics: array(listOffsetsTopicResponse),
});

export type ListOffsetsRequest = ValueOf<typeof request>;
export type ListOffsetsResponse = ValueOf<typeof response>;

export const listOffsets: Api<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: "ListOffsets",
  versions: { min: 1, max: 11 },
  flexibleFrom: 6,
  request,
  response,
};
