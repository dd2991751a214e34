// CreatePartitions: topics get more partitions.

import type { ValueOf } from "../type.ts";
import { array, bool, int16, int32, nullableArray, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const createPartitionsAssignment = struct("CreatePartitionsAssignment", {
  brokerIds: array(int32),
});

const createPartitionsTopic = struct("CreatePartitionsTopic", {
  name: string,
  count: int32,
  assignments: nullableArray(createPartitionsAssignment),
});

const request = struct("CreatePartitionsRequest", {
  topics: array(createPartitionsTopic),
  timeoutMs: int32,
  validateOnly: bool,
});

const createPartitionsTopicResult = struct("CreatePartitionsTopicResult", {
  name: string,
  errorCode: int16,
  errorMessage: nullableString,
});

const response = struct("CreatePartitionsResponse", {
  throttleTimeMs: int32,
  results: array(createPartitionsTopicResult),
});

export type CreatePartitionsRequest = ValueOf<typeof request>;
export type CreatePartitionsResponse = ValueOf<typeof response>;

export const createPartitions: Api<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: 37,
  name: "CreatePartitions",
  versions: { min: 0, max: 3 },
  flexibleFrom: 2,
  request,
  response,
};
