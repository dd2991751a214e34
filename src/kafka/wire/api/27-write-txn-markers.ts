// WriteTxnMarkers: a transaction's coordinator has its markers written; asked by brokers.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, int16, int32, int64, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const writableTxnMarkerTopic = struct("WritableTxnMarkerTopic", {
  name: string,
  partitionIndexes: array(int32),
});

const writableTxnMarker = struct("WritableTxnMarker", {
  producerId: int64,
  producerEpoch: int16,
  transactionResult: bool,
  topics: array(writableTxnMarkerTopic),
  coordinatorEpoch: int32,
  transactionVersion: since(2, int8),
});

const request = struct("WriteTxnMarkersRequest", {
  markers: array(writableTxnMarker),
});

const writableTxnMarkerPartitionResult = struct("WritableTxnMarkerPartitionResult", {
  partitionIndex: int32,
  errorCode: int16,
});

const writableTxnMarkerTopicResult = struct("WritableTxnMarkerTopicResult", {
  name: string,
  partitions: array(writableTxnMarkerPartitionResult),
});

const writableTxnMarkerResult = struct("WritableTxnMarkerResult", {
  producerId: int64,
  topics: array(writableTxnMarkerTopicResult),
});

const response = struct("WriteTxnMarkersResponse", {
  markers: array(writableTxnMarkerResult),
});

export type WriteTxnMarkersRequest = ValueOf<typeof request>;
export type WriteTxnMarkersResponse = ValueOf<typeof response>;

export const writeTxnMarkers: Api<WriteTxnMarkersRequest, WriteTxnMarkersResponse> = {
  key: 27,
  name: "WriteTxnMarkers",
  versions: { min: 1, max: 2 },
  flexibleFrom: 1,
  request,
  response,
};
