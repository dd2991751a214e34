// OffsetForLeaderEpoch: the offset at which a leader's epoch ended, by which a reader finds where its log was cut.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const offsetForLeaderPartition = struct("OffsetForLeaderPartition", {
  partition: int32,
  currentLeaderEpoch: int32,
  leaderEpoch: int32,
});

const offsetForLeaderTopic = struct("OffsetForLeaderTopic", {
  topic: string,
  partitions: array(offsetForLeaderPartition),
});

const request = struct("OffsetForLeaderEpochRequest", {
  replicaId: since(3, int32, -2),
  topics: array(offsetForLeaderTopic),
});

const epochEndOffset = struct("EpochEndOffset", {
  errorCode: int16,
  partition: int32,
  leaderEpoch: int32,
  endOffset: int64,
});

const offsetForLeaderTopicResult = struct("OffsetForLeaderTopicResult", {
  topic: string,
  partitions: array(epochEndOffset),
});

const response = struct("OffsetForLeaderEpochResponse", {
  throttleTimeMs: int32,
  topics: array(offsetForLeaderTopicResult),
});

export type OffsetForLeaderEpochRequest = ValueOf<typeof request>;
export type OffsetForLeaderEpochResponse = ValueOf<typeof response>;

export const offsetForLeaderEpoch: Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = {
  key: 23,
  name: "OffsetForLeaderEpoch",
  versions: { min: 2, max: 4 },
  flexibleFrom: 4,
  request,
  response,
};
