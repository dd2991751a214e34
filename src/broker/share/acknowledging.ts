// Acknowledgements as requests bring them: checked, then given to the partitions they are of.
import { ErrorCode } from "../../kafka/wire/errors.ts";
import type { RequestContext } from "../api.ts";
import { BrokerError } from "../broker-error.ts";
import { ACKNOWLEDGE, type AcknowledgedBatch } from "./share-partition.ts";
import { shareLogOf } from "./share-reading.ts";
import { type ShareSession, type ShareTarget, targetKey } from "./share-sessions.ts";

/** What a request has of one partition. */
export interface PartitionAcks {
  readonly target: ShareTarget;
  readonly batches: readonly AcknowledgedBatch[];
}

export interface AckAnswer {
  readonly target: ShareTarget;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Whether the request is one that renews (KIP-1222). */
export type AckKind = "plain" | "renewing";

/** The requests of both APIs name them alike. */
interface AckTopic {
  readonly topicId: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly acknowledgementBatches: readonly AcknowledgedBatch[] }[];
}

export const acksOf = (topics: readonly AckTopic[]): readonly PartitionAcks[] =>
  topics.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partitionIndex, acknowledgementBatches }) => ({
      target: { topicId, partition: partitionIndex },
      batches: acknowledgementBatches,
    })),
  );

/** In order, without overlaps, and with a type for each offset or one for all. */
const isSound = (batches: readonly AcknowledgedBatch[], typeMax: number): boolean => {
  let before = -1;
  for (const { firstOffset, lastOffset, acknowledgeTypes } of batches) {
    if (firstOffset > lastOffset || firstOffset < before) return false;
    const isCounted = acknowledgeTypes.length === 1 || acknowledgeTypes.length === lastOffset - firstOffset + 1;
    if (!isCounted || acknowledgeTypes.some((type) => type < ACKNOWLEDGE.gap || type > typeMax)) return false;
    before = lastOffset;
  }
  return true;
};

const answer = (target: ShareTarget, errorCode: number = ErrorCode.NONE, errorMessage: string | null = null): AckAnswer => ({
  ...{ target, errorCode, errorMessage },
});

const acknowledgeOne = async (
  { target, batches }: PartitionAcks,
  { session, context, typeMax }: { readonly session: ShareSession; readonly context: RequestContext; readonly typeMax: number },
): Promise<AckAnswer> => {
  if (!isSound(batches, typeMax)) return answer(target, ErrorCode.INVALID_REQUEST);
  try {
    shareLogOf(target, context);
    const live = context.broker.shares.states.inUse({ group: session.group, ...target });
    if (!live) return answer(target, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    const refused = await live.acknowledge(session.member, batches);
    return refused ? answer(target, ErrorCode[refused.error], refused.message) : answer(target);
  } catch (reason) {
    if (reason instanceof BrokerError) return answer(target, reason.code, reason.message);
    context.broker.log.error("records could not be acknowledged", { ...target }, reason);
    return answer(target, ErrorCode.UNKNOWN_SERVER_ERROR);
  }
};

/** Done at once, answered when it is durable: by partition, those that had any. */
export const acknowledge = async (
  acks: readonly PartitionAcks[],
  kind: AckKind,
  of: { readonly session: ShareSession; readonly context: RequestContext },
): Promise<ReadonlyMap<string, AckAnswer>> => {
  const renews = kind === "renewing" && of.context.broker.shares.terms(of.session.group).renews;
  const typeMax = renews ? ACKNOWLEDGE.renew : ACKNOWLEDGE.reject;
  const answers = await Promise.all(acks.filter(({ batches }) => batches.length > 0).map((one) => acknowledgeOne(one, { ...of, typeMax })));
  return new Map(answers.map((one) => [targetKey(one.target), one]));
};
