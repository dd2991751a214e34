// ListPartitionReassignments: the changes of replicas that are under way.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, nullableArray, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const listPartitionReassignmentsTopics = struct("ListPartitionReassignmentsTopics", {
  name: string,
  partitionIndexes: array(int32),
});

const request = struct("ListPartitionReassignmentsRequest", {
  timeoutMs: int32,
  topics: nullableArray(listPartitionReassignmentsTopics),
});

const ongoingPartitionReassignment = struct("OngoingPartitionReassignment", {
  partitionIndex: int32,
  replicas: array(int32),
  addingReplicas: array(int32),
  removingReplicas: array(int32),
});

const ongoingTopicReassignment = struct("OngoingTopicReassignment", {
  name: string,
  partitions: array(ongoingPartitionReassignment),
});

const response = struct("ListPartitionReassignmentsResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  topics: array(ongoingTopicReassignment),
});

export type ListPartitionReassignmentsRequest = ValueOf<typeof request>;
export type ListPartitionReassignmentsResponse = ValueOf<typeof response>;

export const listPartitionReassignments: Api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> = {
  key: 46,
  name: "ListPartitionReassignments",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
