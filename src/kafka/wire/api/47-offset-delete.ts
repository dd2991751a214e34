// OffsetDelete: a group's offsets of single partitions go.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const offsetDeleteRequestPartition = struct("OffsetDeleteRequestPartition", {
  partitionIndex: int32,
});

const offsetDeleteRequestTopic = struct("OffsetDeleteRequestTopic", {
  name: string,
  partitions: array(offsetDeleteRequestPartition),
});

const request = struct("OffsetDeleteRequest", {
  groupId: string,
  topics: array(offsetDeleteRequestTopic),
});

const offsetDeleteResponsePartition = struct("OffsetDeleteResponsePartition", {
  partitionIndex: int32,
  errorCode: int16,
});

const offsetDeleteResponseTopic = struct("OffsetDeleteResponseTopic", {
  name: string,
  partitions: array(offsetDeleteResponsePartition),
});

const response = struct("OffsetDeleteResponse", {
  errorCode: int16,
  throttleTimeMs: int32,
  topics: array(offsetDeleteResponseTopic),
});

export type OffsetDeleteRequest = ValueOf<typeof request>;
export type OffsetDeleteResponse = ValueOf<typeof response>;

export const offsetDelete: Api<OffsetDeleteRequest, OffsetDeleteResponse> = {
  key: 47,
  name: "OffsetDelete",
  versions: { min: 0, max: 0 },
  flexibleFrom: Number.POSITIVE_INFINITY,
  request,
  response,
};
