// AddPartitionsToTxn: partitions that a transaction is about to write to. Up to version 3 of one transaction, asked by its producer;
// from version 4 on of several, asked by brokers.

import type { ValueOf } from "../type.ts";
import { array, bool, int16, int32, int64, since, string, struct, upTo } from "../type.ts";
import type { Api } from "./api.ts";

const addPartitionsToTxnTopic = struct("AddPartitionsToTxnTopic", {
  name: string,
  partitions: array(int32),
});

const addPartitionsToTxnTransaction = struct("AddPartitionsToTxnTransaction", {
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  verifyOnly: bool,
  topics: array(addPartitionsToTxnTopic),
});

const request = struct("AddPartitionsToTxnRequest", {
  transactions: since(4, array(addPartitionsToTxnTransaction)),
  v3AndBelowTransactionalId: upTo(3, string),
  v3AndBelowProducerId: upTo(3, int64),
  v3AndBelowProducerEpoch: upTo(3, int16),
  v3AndBelowTopics: upTo(3, array(addPartitionsToTxnTopic)),
});

const addPartitionsToTxnPartitionResult = struct("AddPartitionsToTxnPartitionResult", {
  partitionIndex: int32,
  partitionErrorCode: int16,
});

const addPartitionsToTxnTopicResult = struct("AddPartitionsToTxnTopicResult", {
  name: string,
  resultsByPartition: array(addPartitionsToTxnPartitionResult),
});

const addPartitionsToTxnResult = struct("AddPartitionsToTxnResult", {
  transactionalId: string,
  topicResults: array(addPartitionsToTxnTopicResult),
});

const response = struct("AddPartitionsToTxnResponse", {
  throttleTimeMs: int32,
  errorCode: since(4, int16),
  resultsByTransaction: since(4, array(addPartitionsToTxnResult)),
  resultsByTopicV3AndBelow: upTo(3, array(addPartitionsToTxnTopicResult)),
});

export type AddPartitionsToTxnRequest = ValueOf<typeof request>;
export type AddPartitionsToTxnResponse = ValueOf<typeof response>;

export const addPartitionsToTxn: Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  key: 24,
  name: "AddPartitionsToTxn",
  versions: { min: 0, max: 5 },
  flexibleFrom: 3,
  request,
  response,
};
