// TxnOffsetCommit: a group's offsets, committed as part of a transaction.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const txnOffsetCommitRequestPartition = struct("TxnOffsetCommitRequestPartition", {
  partitionIndex: int32,
  committedOffset: int64,
  committedLeaderEpoch: since(2, int32, -1),
  committedMetadata: nullableString,
});

const txnOffsetCommitRequestTopic = struct("TxnOffsetCommitRequestTopic", {
  name: string,
  partitions: array(txnOffsetCommitRequestPartition),
});

const request = struct("TxnOffsetCommitRequest", {
  transactionalId: string,
  groupId: string,
  producerId: int64,
  producerEpoch: int16,
  generationId: since(3, int32, -1),
  memberId: since(3, string),
  groupInstanceId: since(3, nullableString),
  topics: array(txnOffsetCommitRequestTopic),
});

const txnOffsetCommitResponsePartition = struct("TxnOffsetCommitResponsePartition", {
  partitionIndex: int32,
  errorCode: int16,
});

const txnOffsetCommitResponseTopic = struct("TxnOffsetCommitResponseTopic", {
  name: string,
  partitions: array(txnOffsetCommitResponsePartition),
});

const response = struct("TxnOffsetCommitResponse", {
  throttleTimeMs: int32,
  topics: array(txnOffsetCommitResponseTopic),
});

export type TxnOffsetCommitRequest = ValueOf<typeof request>;
export type TxnOffsetCommitResponse = ValueOf<typeof response>;

export const txnOffsetCommit: Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  key: 28,
  name: "TxnOffsetCommit",
  versions: { min: 0, max: 5 },
  flexibleFrom: 3,
  request,
  response,
};
