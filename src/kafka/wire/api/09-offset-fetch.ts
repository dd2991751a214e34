// OffsetFetch: the offsets that a group has committed. Up to version 7 of one group, from then on of several; before version 10 topics
// go by name, from then on by id.

import type { ValueOf } from "../type.ts";
import {
  array,
  between,
  bool,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  nullSince,
  since,
  string,
  struct,
  upTo,
  uuid,
} from "../type.ts";
import type { Api } from "./api.ts";

const offsetFetchRequestTopic = struct("OffsetFetchRequestTopic", {
  name: string,
  partitionIndexes: array(int32),
});

const offsetFetchRequestTopics = struct("OffsetFetchRequestTopics", {
  name: upTo(9, string),
  topicId: since(10, uuid),
  partitionIndexes: array(int32),
});

const offsetFetchRequestGroup = struct("OffsetFetchRequestGroup", {
  groupId: string,
  memberId: since(9, nullableString),
  memberEpoch: since(9, int32, -1),
  topics: nullableArray(offsetFetchRequestTopics),
});

const request = struct("OffsetFetchRequest", {
  groupId: upTo(7, string),
  topics: upTo(7, nullSince(2, nullableArray(offsetFetchRequestTopic)), []),
  groups: since(8, array(offsetFetchRequestGroup)),
  requireStable: since(7, bool),
});

const offsetFetchResponsePartition = struct("OffsetFetchResponsePartition", {
  partitionIndex: int32,
  committedOffset: int64,
  committedLeaderEpoch: since(5, int32, -1),
  metadata: nullableString,
  errorCode: int16,
});

const offsetFetchResponseTopic = struct("OffsetFetchResponseTopic", {
  name: string,
  partitions: array(offsetFetchResponsePartition),
});

const offsetFetchResponsePartitions = struct("OffsetFetchResponsePartitions", {
  partitionIndex: int32,
  committedOffset: int64,
  committedLeaderEpoch: int32,
  metadata: nullableString,
  errorCode: int16,
});

const offsetFetchResponseTopics = struct("OffsetFetchResponseTopics", {
  name: upTo(9, string),
  topicId: since(10, uuid),
  partitions: array(offsetFetchResponsePartitions),
});

const offsetFetchResponseGroup = struct("OffsetFetchResponseGroup", {
  groupId: string,
  topics: array(offsetFetchResponseTopics),
  errorCode: int16,
});

const response = struct("OffsetFetchResponse", {
  throttleTimeMs: since(3, int32),
  topics: upTo(7, array(offsetFetchResponseTopic)),
  errorCode: between([2, 7], int16),
  groups: since(8, array(offsetFetchResponseGroup)),
});

export type OffsetFetchRequest = ValueOf<typeof request>;
export type OffsetFetchResponse = ValueOf<typeof response>;

export const offsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  key: 9,
  name: "OffsetFetch",
  versions: { min: 1, max: 10 },
  flexibleFrom: 6,
  request,
  response,
};
