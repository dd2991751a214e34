// AlterPartitionReassignments: partitions get other replicas, or a change under way is given up.

import type { ValueOf } from "../type.ts";
import { array, bool, int16, int32, nullableArray, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const reassignablePartition = struct("ReassignablePartition", {
  partitionIndex: int32,
  replicas: nullableArray(int32),
});

const reassignableTopic = struct("ReassignableTopic", {
  name: string,
  partitions: array(reassignablePartition),
});

const request = struct("AlterPartitionReassignmentsRequest", {
  timeoutMs: int32,
  allowReplicationFactorChange: since(1, bool, true),
  topics: array(reassignableTopic),
});

const reassignablePartitionResponse = struct("ReassignablePartitionResponse", {
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: nullableString,
});

const reassignableTopicResponse = struct("ReassignableTopicResponse", {
  name: string,
  partitions: array(reassignablePartitionResponse),
});

const response = struct("AlterPartitionReassignmentsResponse", {
  throttleTimeMs: int32,
  allowReplicationFactorChange: since(1, bool, true),
  errorCode: int16,
  errorMessage: nullableString,
  responses: array(reassignableTopicResponse),
});

export type AlterPartitionReassignmentsRequest = ValueOf<typeof request>;
export type AlterPartitionReassignmentsResponse = ValueOf<typeof response>;

export const alterPartitionReassignments: Api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> = {
  key: 45,
  name: "AlterPartitionReassignments",
  versions: { min: 0, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
