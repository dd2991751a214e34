// ElectLeaders: partitions get a leader of their own choice (preferred) or any that is left (unclean).

import type { ValueOf } from "../type.ts";
import { array, int8, int16, int32, nullableArray, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const topicPartitions = struct("TopicPartitions", {
  topic: string,
  partitions: array(int32),
});

const request = struct("ElectLeadersRequest", {
  electionType: since(1, int8),
  topicPartitions: nullableArray(topicPartitions),
  timeoutMs: int32,
});

const partitionResult = struct("PartitionResult", {
  partitionId: int32,
  errorCode: int16,
  errorMessage: nullableString,
});

const replicaElectionResult = struct("ReplicaElectionResult", {
  topic: string,
  partitionResult: array(partitionResult),
});

const response = struct("ElectLeadersResponse", {
  throttleTimeMs: int32,
  errorCode: since(1, int16),
  replicaElectionResults: array(replicaElectionResult),
});

export type ElectLeadersRequest = ValueOf<typeof request>;
export type ElectLeadersResponse = ValueOf<typeof response>;

export const electLeaders: Api<ElectLeadersRequest, ElectLeadersResponse> = {
  key: 43,
  name: "ElectLeaders",
  versions: { min: 0, max: 2 },
  flexibleFrom: 2,
  request,
  response,
};
