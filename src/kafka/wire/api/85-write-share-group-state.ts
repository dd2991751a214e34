// WriteShareGroupState: what is kept of the partitions of a share group is changed.

import type { ValueOf } from "../type.ts";
import { array, int32, int64, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { stateBatch, stateResult, stateTopic } from "./share-state.ts";

const partitionData = struct("PartitionData", {
  partition: int32,
  stateEpoch: int32,
  leaderEpoch: int32,
  startOffset: int64,
  deliveryCompleteCount: since(1, int32, -1),
  stateBatches: array(stateBatch),
});

const request = struct("WriteShareGroupStateRequest", {
  groupId: string,
  topics: array(struct("WriteStateData", stateTopic(partitionData))),
});

const partitionResult = struct("PartitionResult", stateResult);

const response = struct("WriteShareGroupStateResponse", {
  results: array(struct("WriteStateResult", stateTopic(partitionResult))),
});

export type WriteShareGroupStateRequest = ValueOf<typeof request>;
export type WriteShareGroupStateResponse = ValueOf<typeof response>;

export const writeShareGroupState: Api<WriteShareGroupStateRequest, WriteShareGroupStateResponse> = {
  key: 85,
  name: "WriteShareGroupState",
  versions: { min: 0, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
