// DeleteShareGroupState: what is kept of the partitions of a share group is forgotten.

import type { ValueOf } from "../type.ts";
import { array, int32, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { stateResult, stateTopic } from "./share-state.ts";

const partitionData = struct("PartitionData", {
  partition: int32,
});

const request = struct("DeleteShareGroupStateRequest", {
  groupId: string,
  topics: array(struct("DeleteStateData", stateTopic(partitionData))),
});

const partitionResult = struct("PartitionResult", stateResult);

const response = struct("DeleteShareGroupStateResponse", {
  results: array(struct("DeleteStateResult", stateTopic(partitionResult))),
});

export type DeleteShareGroupStateRequest = ValueOf<typeof request>;
export type DeleteShareGroupStateResponse = ValueOf<typeof response>;

export const deleteShareGroupState: Api<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse> = {
  key: 86,
  name: "DeleteShareGroupState",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
