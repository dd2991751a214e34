// One transactional id: its state, and what each request makes of it. Pure: a step gives the next state or the code it is refused with.
import type { KafkaErrorName } from "../../kafka/wire/errors.ts";

/** In Kafka's own spelling. */
export type TransactionStateName = "Empty" | "Ongoing" | "PrepareCommit" | "PrepareAbort" | "CompleteCommit" | "CompleteAbort";

/** A partition whose records belong to the transaction. */
export interface TransactionPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly epoch: number;
  /** What a client had that asked for this epoch and may not have heard the answer; -1 for none. */
  readonly lastEpoch: number;
  /** The id before the last one was used up; -1 for none. */
  readonly lastProducerId: number;
  readonly timeoutMs: number;
  readonly state: TransactionStateName;
  readonly partitions: readonly TransactionPartition[];
  /** Groups whose offsets belong to it. */
  readonly groups: readonly string[];
  /** Unix milliseconds; -1 while there is none. */
  readonly startedMs: number;
  readonly updatedMs: number;
  /** What a producer has that ends transactions by bumping its epoch (KIP-890, transaction.version 2). */
  readonly bumps: boolean;
}

/** The next state, or why there is none. */
export type Step = { readonly to: Transaction } | { readonly error: KafkaErrorName };

/** A producer as it calls itself. */
export interface Producer {
  readonly producerId: number;
  readonly epoch: number;
}

/** The highest epoch but one: the last is for fencing. */
export const EPOCH_MAX = 32_766;
const NO_EPOCH = -1;
const NO_ID = -1;

const refused = (error: KafkaErrorName): Step => ({ error });

export const isPrepared = ({ state }: Transaction): boolean => state === "PrepareCommit" || state === "PrepareAbort";

/** A transactional id that is seen for the first time. */
export const born = (
  transactionalId: string,
  producerId: number,
  { timeoutMs, nowMs }: { timeoutMs: number; nowMs: number },
): Transaction => ({
  transactionalId,
  producerId,
  epoch: 0,
  lastEpoch: NO_EPOCH,
  lastProducerId: NO_ID,
  timeoutMs,
  state: "Empty",
  partitions: [],
  groups: [],
  startedMs: -1,
  updatedMs: nowMs,
  bumps: false,
});

/** What InitProducerId asks; `asked` is what the client had, where it says so. */
export interface Initializing {
  readonly asked: Producer | undefined;
  readonly timeoutMs: number;
  readonly nowMs: number;
  /** For when the epochs are used up. */
  readonly freshProducerId: number;
}

/**
 * InitProducerId of a known id. An open transaction is aborted first, under an epoch of its own that fences whoever began it: the step is
 * then `PrepareAbort`, and the client asks again.
 */
export const initialized = (of: Transaction, { asked, timeoutMs, nowMs, freshProducerId }: Initializing): Step => {
  if (isPrepared(of)) return refused("CONCURRENT_TRANSACTIONS");
  if (asked && !knows(of, asked)) return refused("PRODUCER_FENCED");
  if (of.state === "Ongoing") return { to: { ...of, state: "PrepareAbort", epoch: of.epoch + 1, lastEpoch: NO_EPOCH, updatedMs: nowMs } };
  const settled: Transaction = { ...of, state: "Empty", partitions: [], groups: [], startedMs: -1, timeoutMs, updatedMs: nowMs };
  if (asked && asked.epoch !== of.epoch) return { to: settled }; // It asked before, and did not hear the answer.
  return { to: bumped(settled, asked ? asked.epoch : NO_EPOCH, freshProducerId) };
};

const knows = ({ producerId, epoch, lastProducerId, lastEpoch }: Transaction, asked: Producer): boolean =>
  (asked.producerId === producerId && (asked.epoch === epoch || (lastEpoch !== NO_EPOCH && asked.epoch === lastEpoch))) ||
  (lastProducerId !== NO_ID && asked.producerId === lastProducerId && asked.epoch === EPOCH_MAX);

const bumped = (of: Transaction, lastEpoch: number, freshProducerId: number): Transaction =>
  of.epoch >= EPOCH_MAX
    ? { ...of, producerId: freshProducerId, lastProducerId: of.producerId, epoch: 0, lastEpoch }
    : { ...of, epoch: of.epoch + 1, lastEpoch };

/** Whether it is this producer that speaks; undefined when it is. */
const strange = (of: Transaction, { producerId, epoch }: Producer): KafkaErrorName | undefined => {
  if (producerId !== of.producerId) return "INVALID_PRODUCER_ID_MAPPING";
  return epoch === of.epoch ? undefined : "PRODUCER_FENCED";
};

/** What is to belong to the transaction. */
export interface Added {
  readonly partitions: readonly TransactionPartition[];
  readonly groups: readonly string[];
}

const has = (partitions: readonly TransactionPartition[], { topic, partition }: TransactionPartition): boolean =>
  partitions.some((other) => other.topic === topic && other.partition === partition);

/** AddPartitionsToTxn, AddOffsetsToTxn: begins the transaction where none is open. */
export const extended = (of: Transaction, producer: Producer, { partitions, groups, nowMs }: Added & { readonly nowMs: number }): Step => {
  const error = strange(of, producer);
  if (error) return refused(error);
  if (isPrepared(of)) return refused("CONCURRENT_TRANSACTIONS");
  const open = of.state === "Ongoing";
  const [known, knownGroups] = open ? [of.partitions, of.groups] : [[], []];
  const fresh = partitions.filter((each) => !has(known, each));
  const freshGroups = groups.filter((group) => !knownGroups.includes(group));
  if (open && fresh.length === 0 && freshGroups.length === 0) return { to: of };
  return {
    to: {
      ...of,
      state: "Ongoing",
      partitions: [...known, ...fresh],
      groups: [...knownGroups, ...freshGroups],
      startedMs: open ? of.startedMs : nowMs,
      updatedMs: nowMs,
    },
  };
};

/** Whether records of that producer may be written to a partition: it was added to an open transaction. */
export const covers = (of: Transaction, producer: Producer, partition: TransactionPartition): KafkaErrorName | undefined => {
  const error = strange(of, producer);
  if (error) return error === "PRODUCER_FENCED" ? "INVALID_PRODUCER_EPOCH" : error;
  if (isPrepared(of)) return "CONCURRENT_TRANSACTIONS";
  return of.state === "Ongoing" && has(of.partitions, partition) ? undefined : "INVALID_TXN_STATE";
};

/** Whether offsets of that producer may be committed in a group: it was added to an open transaction. */
export const coversGroup = (of: Transaction, producer: Producer, group: string): KafkaErrorName | undefined => {
  const error = strange(of, producer);
  if (error) return error;
  if (isPrepared(of)) return "CONCURRENT_TRANSACTIONS";
  return of.state === "Ongoing" && of.groups.includes(group) ? undefined : "INVALID_TXN_STATE";
};

/** EndTxn. `bumps`: the client takes its next epoch from the answer (version 5 on). */
export interface Ending {
  readonly commit: boolean;
  readonly bumps: boolean;
  readonly nowMs: number;
  readonly freshProducerId: number;
}

/** The step to `Prepare…`; the same state when the request was answered before and comes again. */
export const ending = (of: Transaction, producer: Producer, end: Ending): Step => {
  if (end.bumps && endedBefore(of, producer, end)) return isPrepared(of) ? refused("CONCURRENT_TRANSACTIONS") : { to: of };
  const error = strange(of, producer);
  if (error) return refused(error);
  if (of.state === "Ongoing") return { to: prepared(of, end) };
  if (isPrepared(of)) {
    // With a bump it is the next transaction that speaks, in which nothing was written yet: it waits for the end of the one before.
    const waits = (of.bumps && end.bumps) || of.state === (end.commit ? "PrepareCommit" : "PrepareAbort");
    return refused(waits ? "CONCURRENT_TRANSACTIONS" : "INVALID_TXN_STATE");
  }
  if (end.bumps) return end.commit ? refused("INVALID_TXN_STATE") : { to: prepared({ ...of, partitions: [], groups: [] }, end) };
  const same = of.state === (end.commit ? "CompleteCommit" : "CompleteAbort");
  return same ? { to: of } : refused("INVALID_TXN_STATE");
};

/** The client has not heard that its transaction was ended, and asks again with the epoch it had. */
const endedBefore = (of: Transaction, { producerId, epoch }: Producer, { commit }: Ending): boolean => {
  const ended = commit ? ["PrepareCommit", "CompleteCommit"] : ["PrepareAbort", "CompleteAbort"];
  const before = producerId === of.producerId ? epoch === of.epoch - 1 : producerId === of.lastProducerId && of.epoch === 0;
  return of.bumps && before && ended.includes(of.state);
};

const prepared = (of: Transaction, { commit, bumps, nowMs, freshProducerId }: Ending): Transaction => {
  const state = commit ? "PrepareCommit" : "PrepareAbort";
  const next: Transaction = { ...of, state, bumps, updatedMs: nowMs };
  return bumps ? bumped(next, of.epoch, freshProducerId) : next;
};

/** The abort of a transaction that has been open for too long: under the next epoch, so that its producer finds itself fenced. */
export const timedOut = (of: Transaction, nowMs: number): Transaction | undefined =>
  of.state === "Ongoing" && of.startedMs + of.timeoutMs < nowMs
    ? { ...of, state: "PrepareAbort", epoch: of.epoch + 1, lastEpoch: NO_EPOCH, updatedMs: nowMs }
    : undefined;

/** Its markers are written. */
export const completed = (of: Transaction, nowMs: number): Transaction => ({
  ...of,
  state: of.state === "PrepareCommit" ? "CompleteCommit" : "CompleteAbort",
  partitions: [],
  groups: [],
  startedMs: -1,
  updatedMs: nowMs,
});

/** Under which id and epoch the markers are written: the producer's own id, even where the answer gave it another one. */
export const markerProducer = (of: Transaction): Producer =>
  of.bumps && of.epoch === 0 && of.lastProducerId !== NO_ID
    ? { producerId: of.lastProducerId, epoch: EPOCH_MAX + 1 }
    : { producerId: of.producerId, epoch: of.epoch };
