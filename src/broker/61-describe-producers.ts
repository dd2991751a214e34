// DescribeProducers (61), version 0: who writes to a partition, and since which offset a transaction is open in it.
import {
  describeProducers as api,
  type DescribeProducersRequest,
  type DescribeProducersResponse,
} from "../kafka/wire/api/61-describe-producers.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";

type Partition = DescribeProducersResponse["topics"][number]["partitions"][number];

const failed = (partitionIndex: number, errorCode: number, errorMessage: string | null = null): Partition => ({
  partitionIndex,
  errorCode,
  errorMessage,
  activeProducers: [],
});

const described = (topic: string, partitionIndex: number, { broker, client }: RequestContext): Partition => {
  if (!broker.access.allows(client, "read", { type: "topic", name: topic }))
    return failed(partitionIndex, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  try {
    const producers = [...broker.topics.partition(topic, partitionIndex).producers()];
    const activeProducers = producers.map(({ producerId, epoch, batches, lastTimestampMs, coordinatorEpoch, transactionStart }) => ({
      producerId,
      producerEpoch: epoch,
      lastSequence: batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: lastTimestampMs,
      coordinatorEpoch,
      currentTxnStartOffset: transactionStart ?? -1,
    }));
    return { ...failed(partitionIndex, ErrorCode.NONE), activeProducers };
  } catch (reason) {
    if (reason instanceof BrokerError) return failed(partitionIndex, reason.code, reason.message);
    throw reason;
  }
};

const response = (
  { topics }: DescribeProducersRequest,
  partition: (topic: string, index: number) => Partition,
): DescribeProducersResponse => ({
  throttleTimeMs: 0,
  topics: topics.map(({ name, partitionIndexes }) => ({ name, partitions: partitionIndexes.map((index) => partition(name, index)) })),
});

export const describeProducers: BrokerApi<DescribeProducersRequest, DescribeProducersResponse> = {
  api,
  versions: api.versions,
  handle: (request, context) => response(request, (topic, index) => described(topic, index, context)),
  refuse: (request, { code }) => response(request, (_topic, index) => failed(index, code)),
};
