// ReadShareGroupState: what is kept of the partitions of a share group.

import type { ValueOf } from "../type.ts";
import { array, int32, int64, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { stateBatch, stateResult, stateTopic } from "./share-state.ts";

const partitionData = struct("PartitionData", {
  partition: int32,
  leaderEpoch: int32,
});

const request = struct("ReadShareGroupStateRequest", {
  groupId: string,
  topics: array(struct("ReadStateData", stateTopic(partitionData))),
});

const partitionResult = struct("PartitionResult", {
  ...stateResult,
  stateEpoch: int32,
  startOffset: int64,
  stateBatches: array(stateBatch),
});

const response = struct("ReadShareGroupStateResponse", {
  results: array(struct("ReadStateResult", stateTopic(partitionResult))),
});

export type ReadShareGroupStateRequest = ValueOf<typeof request>;
export type ReadShareGroupStateResponse = ValueOf<typeof response>;

export const readShareGroupState: Api<ReadShareGroupStateRequest, ReadShareGroupStateResponse> = {
  key: 84,
  name: "ReadShareGroupState",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
