// DescribeShareGroupOffsets: from where share groups read.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, nullableArray, nullableString, since, string, struct, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const describeShareGroupOffsetsRequestTopic = struct("DescribeShareGroupOffsetsRequestTopic", {
  topicName: string,
  partitions: array(int32),
});

const describeShareGroupOffsetsRequestGroup = struct("DescribeShareGroupOffsetsRequestGroup", {
  groupId: string,
  topics: nullableArray(describeShareGroupOffsetsRequestTopic),
});

const request = struct("DescribeShareGroupOffsetsRequest", {
  groups: array(describeShareGroupOffsetsRequestGroup),
});

const describeShareGroupOffsetsResponsePartition = struct("DescribeShareGroupOffsetsResponsePartition", {
  partitionIndex: int32,
  startOffset: int64,
  leaderEpoch: int32,
  lag: since(1, int64, -1),
  errorCode: int16,
  errorMessage: nullableString,
});

const describeShareGroupOffsetsResponseTopic = struct("DescribeShareGroupOffsetsResponseTopic", {
  topicName: string,
  topicId: uuid,
  partitions: array(describeShareGroupOffsetsResponsePartition),
});

const describeShareGroupOffsetsResponseGroup = struct("DescribeShareGroupOffsetsResponseGroup", {
  groupId: string,
  topics: array(describeShareGroupOffsetsResponseTopic),
  errorCode: int16,
  errorMessage: nullableString,
});

const response = struct("DescribeShareGroupOffsetsResponse", {
  throttleTimeMs: int32,
  groups: array(describeShareGroupOffsetsResponseGroup),
});

export type DescribeShareGroupOffsetsRequest = ValueOf<typeof request>;
export type DescribeShareGroupOffsetsResponse = ValueOf<typeof response>;

export const describeShareGroupOffsets: Api<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse> = {
  key: 90,
  name: "DescribeShareGroupOffsets",
  versions: { min: 0, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
