// Reads what a fetch asks for, once: partition after partition within one budget, of which the first batch may be larger.
import { ErrorCode } from "../../kafka/wire/errors.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import { LEADER_EPOCH } from "../storage/batch-facts.ts";
import type { Isolation, ReadResult } from "../storage/log-results.ts";
import type { PartitionLog } from "../storage/partition-log.ts";
import type { Topic } from "../topics/topic.ts";
import type { Fetched, FetchTarget, PartitionAnswer } from "./targets.ts";

/** How to read. */
export interface Reading {
  readonly context: RequestContext;
  readonly isolation: Isolation;
  readonly bytesMax: number;
}

export interface Pass {
  readonly all: readonly Fetched[];
  readonly bytes: number;
  readonly hasErrors: boolean;
}

const EMPTY_ANSWER: Omit<PartitionAnswer, "partitionIndex" | "errorCode"> = {
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  divergingEpoch: { epoch: -1, endOffset: -1 },
  currentLeader: { leaderId: -1, leaderEpoch: -1 },
  snapshotId: { endOffset: -1, epoch: -1 },
  abortedTransactions: null,
  preferredReadReplica: -1,
  records: [],
};

const refused = (target: FetchTarget, reason: unknown, { broker }: RequestContext): Fetched => {
  if (!(reason instanceof BrokerError)) broker.log.error("a partition could not be read", { topic: target.topic }, reason);
  const errorCode = reason instanceof BrokerError ? reason.code : ErrorCode.UNKNOWN_SERVER_ERROR;
  const abortedTransactions = UNREAD.includes(errorCode) ? [] : null;
  return { target, answer: { ...EMPTY_ANSWER, abortedTransactions, partitionIndex: target.partition, errorCode }, bytes: 0 };
};

/** Refused before any log was looked at: as Apache Kafka, with an empty list in place of none. */
const UNREAD: readonly number[] = [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_ID, ErrorCode.TOPIC_AUTHORIZATION_FAILED];

const IDS_FROM = 13;

const topicOf = ({ topic, topicId }: FetchTarget, { broker, version, client }: RequestContext): Topic | undefined => {
  const found = version >= IDS_FROM ? broker.topics.byId(topicId) : broker.topics.get(topic);
  if (version >= IDS_FROM && !found) throw new BrokerError("UNKNOWN_TOPIC_ID");
  const name = found?.name ?? topic;
  if (!broker.access.allows(client, "read", { type: "topic", name })) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  return found;
};

/** The log of a target. Throws a BrokerError. */
export const logOf = (target: FetchTarget, context: RequestContext): PartitionLog => {
  const log = context.broker.topics.partitionOf(topicOf(target, context), target.partition);
  const { currentLeaderEpoch } = target;
  if (currentLeaderEpoch > LEADER_EPOCH) throw new BrokerError("UNKNOWN_LEADER_EPOCH");
  if (currentLeaderEpoch >= 0 && currentLeaderEpoch < LEADER_EPOCH) throw new BrokerError("FENCED_LEADER_EPOCH");
  return log;
};

const answerOf = (target: FetchTarget, read: ReadResult, { isolation }: Reading): Fetched => ({
  target,
  answer: {
    ...EMPTY_ANSWER,
    partitionIndex: target.partition,
    errorCode: ErrorCode.NONE,
    highWatermark: read.highWatermark,
    lastStableOffset: read.lastStableOffset,
    logStartOffset: read.startOffset,
    abortedTransactions:
      isolation === "committed" ? read.aborted.map(({ producerId, firstOffset }) => ({ producerId, firstOffset })) : null,
    records: read.batches,
  },
  bytes: read.bytes,
});

/** A read gives at least one batch: where nothing that large may be sent, none. */
const within = (read: ReadResult, bytesMax: number): ReadResult =>
  read.bytes <= bytesMax ? read : { ...read, batches: [], bytes: 0, aborted: [] };

const MIN_READ_BYTES = 1;

/** Never rejects: what fails is told of its partition. */
export const readOnce = async (targets: readonly FetchTarget[], reading: Reading): Promise<Pass> => {
  const all: Fetched[] = [];
  let bytes = 0;
  let hasErrors = false;
  for (const target of targets) {
    const bytesMax = Math.min(target.bytesMax, reading.bytesMax - bytes);
    try {
      const log = logOf(target, reading.context);
      const asked = log.read(target.fetchOffset, { bytesMax: Math.max(bytesMax, MIN_READ_BYTES), isolation: reading.isolation });
      const read = asked instanceof Promise ? await asked : asked;
      const fetched = answerOf(target, bytes === 0 ? read : within(read, bytesMax), reading);
      bytes += fetched.bytes;
      all.push(fetched);
    } catch (reason) {
      hasErrors = true;
      all.push(refused(target, reason, reading.context));
    }
  }
  return { all, bytes, hasErrors };
};
