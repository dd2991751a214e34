// AlterReplicaLogDirs: partitions go to another directory of the broker's.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const alterReplicaLogDirTopic = struct("AlterReplicaLogDirTopic", {
  name: string,
  partitions: array(int32),
});

const alterReplicaLogDir = struct("AlterReplicaLogDir", {
  path: string,
  topics: array(alterReplicaLogDirTopic),
});

const request = struct("AlterReplicaLogDirsRequest", {
  dirs: array(alterReplicaLogDir),
});

const alterReplicaLogDirPartitionResult = struct("AlterReplicaLogDirPartitionResult", {
  partitionIndex: int32,
  errorCode: int16,
});

const alterReplicaLogDirTopicResult = struct("AlterReplicaLogDirTopicResult", {
  topicName: string,
  partitions: array(alterReplicaLogDirPartitionResult),
});

const response = struct("AlterReplicaLogDirsResponse", {
  throttleTimeMs: int32,
  results: array(alterReplicaLogDirTopicResult),
});

export type AlterReplicaLogDirsRequest = ValueOf<typeof request>;
export type AlterReplicaLogDirsResponse = ValueOf<typeof response>;

export const alterReplicaLogDirs: Api<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse> = {
  key: 34,
  name: "AlterReplicaLogDirs",
  versions: { min: 1, max: 2 },
  flexibleFrom: 2,
  request,
  response,
};
