// DescribeLogDirs: the broker's directories, and the sizes of the partitions in them.

import type { ValueOf } from "../type.ts";
import { array, bool, int16, int32, int64, nullableArray, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const describableLogDirTopic = struct("DescribableLogDirTopic", {
  topic: string,
  partitions: array(int32),
});

const request = struct("DescribeLogDirsRequest", {
  topics: nullableArray(describableLogDirTopic),
});

const describeLogDirsPartition = struct("DescribeLogDirsPartition", {
  partitionIndex: int32,
  partitionSize: int64,
  offsetLag: int64,
  isFutureKey: bool,
});

const describeLogDirsTopic = struct("DescribeLogDirsTopic", {
  name: string,
  partitions: array(describeLogDirsPartition),
});

const describeLogDirsResult = struct("DescribeLogDirsResult", {
  errorCode: int16,
  logDir: string,
  topics: array(describeLogDirsTopic),
  totalBytes: since(4, int64, -1),
  usableBytes: since(4, int64, -1),
  isCordoned: since(5, bool),
});

const response = struct("DescribeLogDirsResponse", {
  throttleTimeMs: int32,
  errorCode: since(3, int16),
  results: array(describeLogDirsResult),
});

export type DescribeLogDirsRequest = ValueOf<typeof request>;
export type DescribeLogDirsResponse = ValueOf<typeof response>;

export const describeLogDirs: Api<DescribeLogDirsRequest, DescribeLogDirsResponse> = {
  key: 35,
  name: "DescribeLogDirs",
  versions: { min: 1, max: 5 },
  flexibleFrom: 2,
  request,
  response,
};
