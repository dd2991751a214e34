// DescribeTransactions: the state of transactions.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("DescribeTransactionsRequest", {
  transactionalIds: array(string),
});

const topicData = struct("TopicData", {
  topic: string,
  partitions: array(int32),
});

const transactionState = struct("TransactionState", {
  errorCode: int16,
  transactionalId: string,
  transactionState: string,
  transactionTimeoutMs: int32,
  transactionStartTimeMs: int64,
  producerId: int64,
  producerEpoch: int16,
  topics: array(topicData),
});

const response = struct("DescribeTransactionsResponse", {
  throttleTimeMs: int32,
  transactionStates: array(transactionState),
});

export type DescribeTransactionsRequest = ValueOf<typeof request>;
export type DescribeTransactionsResponse = ValueOf<typeof response>;

export const describeTransactions: Api<DescribeTransactionsRequest, DescribeTransactionsResponse> = {
  key: 65,
  name: "DescribeTransactions",
  versions: { min: 0, max: 0 },
  flexibleFrom: 0,
  request,
  response,
};
