// OffsetCommit: the offsets up to which a group has read. Before version 10 topics go by name, from then on by id.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, nullableString, since, string, struct, upTo, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const offsetCommitRequestPartition = struct("OffsetCommitRequestPartition", {
  partitionIndex: int32,
  committedOffset: int64,
  committedLeaderEpoch: since(6, int32, -1),
  committedMetadata: nullableString,
});

const offsetCommitRequestTopic = struct("OffsetCommitRequestTopic", {
  name: upTo(9, string),
  topicId: since(10, uuid),
  partitions: array(offsetCommitRequestPartition),
});

const request = struct("OffsetCommitRequest", {
  groupId: string,
  generationIdOrMemberEpoch: int32,
  memberId: string,
  groupInstanceId: since(7, nullableString),
  retentionTimeMs: upTo(4, int64, -1),
  topics: array(offsetCommitRequestTopic),
});

const offsetCommitResponsePartition = struct("OffsetCommitResponsePartition", {
  partitionIndex: int32,
  errorCode: int16,
});

const offsetCommitResponseTopic = struct("OffsetCommitResponseTopic", {
  name: upTo(9, string),
  topicId: since(10, uuid),
  partitions: array(offsetCommitResponsePartition),
});

const response = struct("OffsetCommitResponse", {
  throttleTimeMs: since(3, int32),
  topics: array(offsetCommitResponseTopic),
});

export type OffsetCommitRequest = ValueOf<typeof request>;
export type OffsetCommitResponse = ValueOf<typeof response>;

export const offsetCommit: Api<OffsetCommitRequest, OffsetCommitResponse> = {
  key: 8,
  name: "OffsetCommit",
  versions: { min: 2, max: 10 },
  flexibleFrom: 8,
  request,
  response,
};
