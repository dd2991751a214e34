// AlterShareGroupOffsets: from where a share group reads is set anew.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, nullableString, string, struct, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const alterShareGroupOffsetsRequestPartition = struct("AlterShareGroupOffsetsRequestPartition", {
  partitionIndex: int32,
  startOffset: int64,
});

const alterShareGroupOffsetsRequestTopic = struct("AlterShareGroupOffsetsRequestTopic", {
  topicName: string,
  partitions: array(alterShareGroupOffsetsRequestPartition),
});

const request = struct("AlterShareGroupOffsetsRequest", {
  groupId: string,
  topics: array(alterShareGroupOffsetsRequestTopic),
});

const alterShareGroupOffsetsResponsePartition = struct("AlterShareGroupOffsetsResponsePartition", {
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: nullableString,
});

const alterShareGroupOffsetsResponseTopic = struct("AlterShareGroupOffsetsResponseTopic", {
  topicName: string,
  topicId: uuid,
  partitions: array(alterShareGroupOffsetsResponsePartition),
});

const response = struct("AlterShareGroupOffsetsResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  responses: array(alterShareGroupOffsetsResponseTopic),
});

export type AlterShareGroupOffsetsRequest = ValueOf<typeof request>;
export type AlterShareGroupOffsetsResponse = ValueOf<typeof response>;

export const alterShareGroupOffsets: Api<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse> = {
  key: 91,
  name: "AlterShareGroupOffsets",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
