// What a log knows of its producers (KIP-98): the newest batches of each, so that a repeated one is found and a missing one refused, and
// the transaction each has open. Entries are never changed, only replaced: so what was appended and not written can be taken back.
import { BrokerError } from "../broker-error.ts";
import { type BatchFacts, isTransactional, lastSequenceOf } from "./batch-facts.ts";
import { PRODUCER_BATCHES_KEPT } from "./limits.ts";

/** A batch as far as its repetition must be known. */
export interface KnownBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly timestampMs: number;
}

export interface ProducerEntry {
  readonly producerId: number;
  readonly epoch: number;
  /** Oldest first; empty when the epoch is known from a marker only. */
  readonly batches: readonly KnownBatch[];
  /** Of the coordinator that wrote the newest marker; -1 for none. */
  readonly coordinatorEpoch: number;
  /** Where the open transaction begins. */
  readonly transactionStart?: number;
  readonly lastTimestampMs: number;
}

/** A transaction that was aborted, as the log's index knows it. */
export interface AbortedRange {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of the marker. */
  readonly lastOffset: number;
  /** When the marker was written: no transaction that begins before it ends later in the log. */
  readonly lastStableOffset: number;
}

const SEQUENCE_MAX = 0x7fffffff;

/** The batch that is repeated by this one, if it is one of those known. */
export const repeatedBy = (entry: ProducerEntry | undefined, facts: BatchFacts): KnownBatch | undefined =>
  entry && entry.epoch === facts.producerEpoch
    ? entry.batches.find(
        ({ firstSequence, lastSequence }) => firstSequence === facts.baseSequence && lastSequence === lastSequenceOf(facts),
      )
    : undefined;

/** The entry after a batch that comes from a producer. Throws a BrokerError when it must not be appended. */
export const checkedAfterBatch = (entry: ProducerEntry | undefined, facts: BatchFacts): ProducerEntry => {
  if (entry) {
    checkEpoch(entry, facts.producerId, facts.producerEpoch);
    checkSequence(entry, facts);
    if (entry.transactionStart !== undefined && !isTransactional(facts))
      throw new BrokerError("INVALID_TXN_STATE", `producer ${facts.producerId} has a transaction open: its records must be part of it`);
  }
  return afterBatch(entry, facts);
};

/** The same for a batch that stands in the log: it was checked when it came. */
export const afterBatch = (entry: ProducerEntry | undefined, facts: BatchFacts): ProducerEntry => {
  const { producerId, producerEpoch, baseSequence, baseOffset, lastOffset, maxTimestamp } = facts;
  const known: KnownBatch = {
    firstSequence: baseSequence,
    lastSequence: lastSequenceOf(facts),
    baseOffset,
    lastOffset,
    timestampMs: maxTimestamp,
  };
  const before = entry?.epoch === producerEpoch ? entry.batches : [];
  const start = entry?.transactionStart ?? (isTransactional(facts) ? baseOffset : undefined);
  return {
    producerId,
    epoch: producerEpoch,
    batches: [...before.slice(1 - PRODUCER_BATCHES_KEPT), known],
    coordinatorEpoch: entry?.coordinatorEpoch ?? -1,
    ...(start === undefined ? {} : { transactionStart: start }),
    lastTimestampMs: maxTimestamp,
  };
};

/** A marker that ends a transaction. */
export interface MarkerFacts {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestampMs: number;
}

/** Throws a BrokerError when a marker must not be appended: it comes from a producer or a coordinator that was replaced. */
export const checkMarker = (entry: ProducerEntry | undefined, marker: MarkerFacts): void => {
  if (!entry) return;
  checkEpoch(entry, marker.producerId, marker.producerEpoch);
  if (entry.coordinatorEpoch > marker.coordinatorEpoch)
    throw new BrokerError(
      "TRANSACTION_COORDINATOR_FENCED",
      `coordinator epoch ${marker.coordinatorEpoch} is older than ${entry.coordinatorEpoch}, the newest seen`,
    );
};

export const afterMarker = (entry: ProducerEntry | undefined, marker: MarkerFacts): ProducerEntry => ({
  producerId: marker.producerId,
  epoch: marker.producerEpoch,
  batches: entry?.epoch === marker.producerEpoch ? entry.batches : [],
  coordinatorEpoch: marker.coordinatorEpoch,
  lastTimestampMs: marker.timestampMs,
});

/** Not with a transaction open. */
export const isExpired = (entry: ProducerEntry, nowMs: number, afterMs: number): boolean =>
  entry.transactionStart === undefined && nowMs - entry.lastTimestampMs >= afterMs;

const checkEpoch = (entry: ProducerEntry, producerId: number, epoch: number): void => {
  if (epoch < entry.epoch)
    throw new BrokerError(
      "INVALID_PRODUCER_EPOCH",
      `epoch ${epoch} of producer ${producerId} is older than ${entry.epoch}, the newest seen`,
    );
};

const checkSequence = (entry: ProducerEntry, { producerId, producerEpoch, baseSequence }: BatchFacts): void => {
  if (producerEpoch !== entry.epoch) {
    if (baseSequence !== 0) throw outOfOrder(producerId, `${baseSequence} is the first of epoch ${producerEpoch}, 0 is wanted`);
    return;
  }
  const last = entry.batches.at(-1)?.lastSequence ?? -1;
  const wanted = last === SEQUENCE_MAX ? 0 : last + 1;
  if (baseSequence !== wanted) throw outOfOrder(producerId, `${baseSequence} came, ${wanted} is wanted`);
};

const outOfOrder = (producerId: number, what: string): BrokerError =>
  new BrokerError("OUT_OF_ORDER_SEQUENCE_NUMBER", `sequence numbers of producer ${producerId}: ${what}`);
