// Metadata: the brokers, and the topics with their partitions and leaders. No list of topics asks for all of them; in version 0 an
// empty one does.

import type { ValueOf } from "../type.ts";
import { array, between, bool, int16, int32, nullableArray, nullableString, nullSince, since, string, struct, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const metadataRequestTopic = struct("MetadataRequestTopic", {
  topicId: since(10, uuid),
  name: nullSince(10, nullableString),
});

const request = struct("MetadataRequest", {
  topics: nullSince(1, nullableArray(metadataRequestTopic)),
  allowAutoTopicCreation: since(4, bool, true),
  includeClusterAuthorizedOperations: between([8, 10], bool),
  includeTopicAuthorizedOperations: since(8, bool),
});

const metadataResponseBroker = struct("MetadataResponseBroker", {
  nodeId: int32,
  host: string,
  port: int32,
  rack: since(1, nullableString),
});

const metadataResponsePartition = struct("MetadataResponsePartition", {
  errorCode: int16,
  partitionIndex: int32,
  leaderId: int32,
  leaderEpoch: since(7, int32, -1),
  replicaNodes: array(int32),
  isrNodes: array(int32),
  offlineReplicas: since(5, array(int32)),
});

const metadataResponseTopic = struct("MetadataResponseTopic", {
  errorCode: int16,
  name: nullSince(12, nullableString),
  topicId: since(10, uuid),
  isInternal: since(1, bool),
  partitions: array(metadataResponsePartition),
  topicAuthorizedOperations: since(8, int32, -(2 ** 31)),
});

const response = struct("MetadataResponse", {
  throttleTimeMs: since(3, int32),
  brokers: array(metadataResponseBroker),
  clusterId: since(2, nullableString),
  controllerId: since(1, int32, -1),
  topics: array(metadataResponseTopic),
  clusterAuthorizedOperations: between([8, 10], int32, -(2 ** 31)),
  errorCode: since(13, int16),
});

export type MetadataRequest = ValueOf<typeof request>;
export type MetadataResponse = ValueOf<typeof response>;

export const metadata: Api<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: "Metadata",
  versions: { min: 0, max: 13 },
  flexibleFrom: 9,
  request,
  response,
};
