// CreateTopics: new topics, or whether they could be made.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, int16, int32, nullableArray, nullableString, since, string, struct, tagged, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const creatableReplicaAssignment = struct("CreatableReplicaAssignment", {
  partitionIndex: int32,
  brokerIds: array(int32),
});

const creatableTopicConfig = struct("CreatableTopicConfig", {
  name: string,
  value: nullableString,
});

const creatableTopic = struct("CreatableTopic", {
  name: string,
  numPartitions: int32,
  replicationFactor: int16,
  assignments: array(creatableReplicaAssignment),
  configs: array(creatableTopicConfig),
});

const request = struct("CreateTopicsRequest", {
  topics: array(creatableTopic),
  timeoutMs: int32,
  validateOnly: bool,
});

const creatableTopicConfigs = struct("CreatableTopicConfigs", {
  name: string,
  value: nullableString,
  readOnly: bool,
  configSource: int8,
  isSensitive: bool,
});

const creatableTopicResult = struct("CreatableTopicResult", {
  name: string,
  topicId: since(7, uuid),
  errorCode: int16,
  errorMessage: nullableString,
  topicConfigErrorCode: tagged([0, 5], int16),
  numPartitions: since(5, int32, -1),
  replicationFactor: since(5, int16, -1),
  configs: since(5, nullableArray(creatableTopicConfigs), []),
});

const response = struct("CreateTopicsResponse", {
  throttleTimeMs: int32,
  topics: array(creatableTopicResult),
});

export type CreateTopicsRequest = ValueOf<typeof request>;
export type CreateTopicsResponse = ValueOf<typeof response>;

export const createTopics: Api<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: "CreateTopics",
  versions: { min: 2, max: 7 },
  flexibleFrom: 5,
  request,
  response,
};
