// DescribeTransactions (65), version 0: the state of transactional ids.
import {
  describeTransactions as api,
  type DescribeTransactionsRequest,
  type DescribeTransactionsResponse,
} from "../kafka/wire/api/65-describe-transactions.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import type { TransactionPartition } from "./transactions/transaction.ts";

type Described = DescribeTransactionsResponse["transactionStates"][number];

const failed = (transactionalId: string, errorCode: number): Described => ({
  errorCode,
  transactionalId,
  transactionState: "",
  transactionTimeoutMs: 0,
  transactionStartTimeMs: -1,
  producerId: -1,
  producerEpoch: -1,
  topics: [],
});

const byTopic = (partitions: readonly TransactionPartition[]): Described["topics"] => {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([topic, all]) => ({ topic, partitions: all }));
};

const described = (transactionalId: string, { broker, client }: RequestContext): Described => {
  if (!broker.access.allows(client, "describe", { type: "transactionalId", name: transactionalId }))
    return failed(transactionalId, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  const known = broker.transactions.coordinator.get(transactionalId);
  if (!known) return failed(transactionalId, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND);
  const shown = known.partitions.filter(({ topic }) => broker.access.allows(client, "describe", { type: "topic", name: topic }));
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: known.state,
    transactionTimeoutMs: known.timeoutMs,
    transactionStartTimeMs: known.startedMs,
    producerId: known.producerId,
    producerEpoch: known.epoch,
    topics: byTopic(shown),
  };
};

export const describeTransactions: BrokerApi<DescribeTransactionsRequest, DescribeTransactionsResponse> = {
  api,
  versions: api.versions,
  handle: ({ transactionalIds }, context) => ({
    throttleTimeMs: 0,
    transactionStates: transactionalIds.map((transactionalId) => described(transactionalId, context)),
  }),
  refuse: ({ transactionalIds }, { code }) => ({
    throttleTimeMs: 0,
    transactionStates: transactionalIds.map((transactionalId) => failed(transactionalId, code)),
  }),
};
