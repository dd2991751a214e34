// DeleteRecords: the beginning of partitions moves up to an offset; what lies before it is gone.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const deleteRecordsPartition = struct("DeleteRecordsPartition", {
  partitionIndex: int32,
  offset: int64,
});

const deleteRecordsTopic = struct("DeleteRecordsTopic", {
  name: string,
  partitions: array(deleteRecordsPartition),
});

const request = struct("DeleteRecordsRequest", {
  topics: array(deleteRecordsTopic),
  timeoutMs: int32,
});

const deleteRecordsPartitionResult = struct("DeleteRecordsPartitionResult", {
  partitionIndex: int32,
  lowWatermark: int64,
  errorCode: int16,
});

const deleteRecordsTopicResult = struct("DeleteRecordsTopicResult", {
  name: string,
  partitions: array(deleteRecordsPartitionResult),
});

const response = struct("DeleteRecordsResponse", {
  throttleTimeMs: int32,
  topics: array(deleteRecordsTopicResult),
});

export type DeleteRecordsRequest = ValueOf<typeof request>;
export type DeleteRecordsResponse = ValueOf<typeof response>;

export const deleteRecords: Api<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: 21,
  name: "DeleteRecords",
  versions: { min: 0, max: 2 },
  flexibleFrom: 2,
  request,
  response,
};
