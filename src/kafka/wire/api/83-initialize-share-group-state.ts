// InitializeShareGroupState: where a share group begins to read is set.

import type { ValueOf } from "../type.ts";
import { array, int32, int64, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { stateResult, stateTopic } from "./share-state.ts";

const partitionData = struct("PartitionData", {
  partition: int32,
  stateEpoch: int32,
  startOffset: int64,
});

const request = struct("InitializeShareGroupStateRequest", {
  groupId: string,
  topics: array(struct("InitializeStateData", stateTopic(partitionData))),
});

const partitionResult = struct("PartitionResult", stateResult);

const response = struct("InitializeShareGroupStateResponse", {
  results: array(struct("InitializeStateResult", stateTopic(partitionResult))),
});

export type InitializeShareGroupStateRequest = ValueOf<typeof request>;
export type InitializeShareGroupStateResponse = ValueOf<typeof response>;

export const initializeShareGroupState: Api<InitializeShareGroupStateRequest, InitializeShareGroupStateResponse> = {
  key: 83,
  name: "InitializeShareGroupState",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
