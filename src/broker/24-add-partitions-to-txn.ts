// AddPartitionsToTxn (24), versions 0 to 5: partitions become part of a transaction, all of them or none. From version 4 on it is a request
// between brokers, for several transactions at once, which may ask only whether they are part of it.
import {
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
  addPartitionsToTxn as api,
} from "../kafka/wire/api/24-add-partitions-to-txn.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { codeOfRefusal, fencedAs, mayWrite } from "./transactions/refusals.ts";
import type { Producer, TransactionPartition } from "./transactions/transaction.ts";

/** From here on it is a request between brokers. */
const BETWEEN_BROKERS_FROM = 4;
/** The version from which PRODUCER_FENCED is known. */
const FENCED_FROM = 2;

type Topics = AddPartitionsToTxnRequest["v3AndBelowTopics"];
type Results = AddPartitionsToTxnResponse["resultsByTopicV3AndBelow"];

interface Adding {
  readonly transactionalId: string;
  readonly producer: Producer;
  readonly topics: Topics;
  readonly verifyOnly: boolean;
}

const results = (topics: Topics, codeOf: (partition: TransactionPartition) => number): Results =>
  topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partition) => ({
      partitionIndex: partition,
      partitionErrorCode: codeOf({ topic: name, partition }),
    })),
  }));

/** Why a partition cannot be added, whatever the transaction; 0: it can. */
const impossible = ({ topic, partition }: TransactionPartition, { broker, client }: RequestContext): number => {
  if (!broker.access.allows(client, "write", { type: "topic", name: topic })) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
  const found = broker.topics.get(topic);
  return found && partition >= 0 && partition < found.partitions.length ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
};

const partitionsOf = (topics: Topics): readonly TransactionPartition[] =>
  topics.flatMap(({ name, partitions }) => partitions.map((partition) => ({ topic: name, partition })));

const added = async (adding: Adding, context: RequestContext): Promise<Results> => {
  const { transactionalId, producer, topics, verifyOnly } = adding;
  mayWrite(context, transactionalId);
  const partitions = partitionsOf(topics);
  if (partitions.some((partition) => impossible(partition, context) !== ErrorCode.NONE))
    return results(topics, (partition) => impossible(partition, context) || ErrorCode.OPERATION_NOT_ATTEMPTED);
  const { coordinator } = context.broker.transactions;
  if (verifyOnly) for (const partition of partitions) await coordinator.verify(transactionalId, producer, { partition, extend: false });
  else await coordinator.extend(transactionalId, producer, { partitions, groups: [] });
  return results(topics, () => ErrorCode.NONE);
};

const addedOrRefused = async (adding: Adding, context: RequestContext): Promise<Results> => {
  try {
    return await added(adding, context);
  } catch (reason) {
    const code = fencedAs(codeOfRefusal(reason), context, FENCED_FROM);
    return results(adding.topics, () => code);
  }
};

const response = (parts: Partial<AddPartitionsToTxnResponse>): AddPartitionsToTxnResponse => ({
  throttleTimeMs: 0,
  errorCode: ErrorCode.NONE,
  resultsByTransaction: [],
  resultsByTopicV3AndBelow: [],
  ...parts,
});

export const addPartitionsToTxn: BrokerApi<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    if (context.version < BETWEEN_BROKERS_FROM) {
      const producer = { producerId: request.v3AndBelowProducerId, epoch: request.v3AndBelowProducerEpoch };
      const adding = { transactionalId: request.v3AndBelowTransactionalId, producer, topics: request.v3AndBelowTopics, verifyOnly: false };
      return response({ resultsByTopicV3AndBelow: await addedOrRefused(adding, context) });
    }
    if (!context.broker.access.allows(context.client, "clusterAction", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    const resultsByTransaction = await Promise.all(
      request.transactions.map(async ({ transactionalId, producerId, producerEpoch, topics, verifyOnly }) => {
        const adding = { transactionalId, producer: { producerId, epoch: producerEpoch }, topics, verifyOnly };
        return { transactionalId, topicResults: await addedOrRefused(adding, context) };
      }),
    );
    return response({ resultsByTransaction });
  },
  refuse: (request, { code }) => response({ errorCode: code, resultsByTopicV3AndBelow: results(request.v3AndBelowTopics, () => code) }),
};
