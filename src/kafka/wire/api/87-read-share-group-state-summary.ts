// ReadShareGroupStateSummary: from where a share group reads, and how much after that is done.

import type { ValueOf } from "../type.ts";
import { array, int32, int64, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { stateResult, stateTopic } from "./share-state.ts";

const partitionData = struct("PartitionData", {
  partition: int32,
  leaderEpoch: int32,
});

const request = struct("ReadShareGroupStateSummaryRequest", {
  groupId: string,
  topics: array(struct("ReadStateSummaryData", stateTopic(partitionData))),
});

const partitionResult = struct("PartitionResult", {
  ...stateResult,
  stateEpoch: int32,
  leaderEpoch: int32,
  startOffset: int64,
  deliveryCompleteCount: since(1, int32, -1),
});

const response = struct("ReadShareGroupStateSummaryResponse", {
  results: array(struct("ReadStateSummaryResult", stateTopic(partitionResult))),
});

export type ReadShareGroupStateSummaryRequest = ValueOf<typeof request>;
export type ReadShareGroupStateSummaryResponse = ValueOf<typeof response>;

export const readShareGroupStateSummary: Api<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse> = {
  key: 87,
  name: "ReadShareGroupStateSummary",
  versions: { min: 0, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
