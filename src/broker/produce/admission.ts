// Whether the records of a transaction may be appended: asked of the coordinator when a partition has no part of the transaction yet. From
// version 12 of Produce on, producing makes the partition part of it (KIP-890).
import type { ProduceRequest } from "../../kafka/wire/api/00-produce.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import { type BatchFacts, factsOf, isTransactional } from "../storage/batch-facts.ts";
import type { Topic } from "../topics/topic.ts";

/** Shorter bytes are no batch; what is wrong with them is the log's to say. */
const BATCH_HEAD_BYTES = 61;
/** The versions of Produce from which a client knows TRANSACTION_ABORTABLE, and from which producing adds a partition. */
const ABORTABLE_FROM = 11;
const ADDS_FROM = 12;

export interface ProducedTo {
  readonly topic: Topic;
  readonly partition: number;
  readonly batch: Uint8Array;
}

/** Undefined, or when it is fulfilled: they may be. Rejects with, or throws, a BrokerError. */
export const admission = (to: ProducedTo, request: ProduceRequest, context: RequestContext): Promise<void> | undefined => {
  if (to.batch.length < BATCH_HEAD_BYTES) return undefined;
  const facts = factsOf(to.batch);
  if (!isTransactional(facts)) return undefined;
  const { transactionalId } = request;
  if (transactionalId === null) throw new BrokerError("TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
  const log = context.broker.topics.partitionOf(to.topic, to.partition);
  const known = log.producer(facts.producerId);
  const isPart = known?.transactionStart !== undefined && known.epoch === facts.producerEpoch;
  return isPart ? undefined : admitted(to, { transactionalId, facts }, context);
};

const admitted = async (
  { topic, partition }: ProducedTo,
  { transactionalId, facts }: { readonly transactionalId: string; readonly facts: BatchFacts },
  { broker, version }: RequestContext,
): Promise<void> => {
  const producer = { producerId: facts.producerId, epoch: facts.producerEpoch };
  const write = { partition: { topic: topic.name, partition }, extend: version >= ADDS_FROM };
  try {
    await broker.transactions.coordinator.verify(transactionalId, producer, write);
  } catch (reason) {
    throw reason instanceof BrokerError ? asProducersKnowIt(reason, version) : reason;
  }
};

const asProducersKnowIt = (reason: BrokerError, version: number): BrokerError => {
  if (reason.name === "PRODUCER_FENCED") return new BrokerError("INVALID_PRODUCER_EPOCH", reason.message);
  if (reason.name === "INVALID_TXN_STATE" && version >= ABORTABLE_FROM) return new BrokerError("TRANSACTION_ABORTABLE", reason.message);
  // To be tried again, said in a way that old clients try again at.
  if (reason.name === "CONCURRENT_TRANSACTIONS" && version < ADDS_FROM) return new BrokerError("NOT_ENOUGH_REPLICAS", reason.message);
  return reason;
};
