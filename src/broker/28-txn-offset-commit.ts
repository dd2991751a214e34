// TxnOffsetCommit (28), versions 0 to 5: offsets that count when their transaction is committed. Up to version 4 the group was added to the
// transaction before (AddOffsetsToTxn); from version 5 on this adds it (KIP-890).
import {
  txnOffsetCommit as api,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
} from "../kafka/wire/api/28-txn-offset-commit.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { checkGroup, codeOf, hasPartition, type TopicFound, topicFor } from "./groups/asking.ts";
import type { CommitAnswer, OffsetAsked } from "./groups/committing.ts";
import { mayWrite } from "./transactions/refusals.ts";

type Topic = TxnOffsetCommitRequest["topics"][number];

/** From here on the group need not have been added. */
const ADDS_FROM = 5;
const USE = { idFrom: Number.POSITIVE_INFINITY, operation: "read", mustExist: true } as const;
const KEPT_AS_THE_BROKER_DOES = -1;

const answered = ({ topics }: TxnOffsetCommitRequest, code: (topic: string, partition: number) => number): TxnOffsetCommitResponse => ({
  throttleTimeMs: 0,
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code(name, partitionIndex) })),
  })),
});

const offsetsOf = ({ name, partitions }: Topic): readonly OffsetAsked[] =>
  partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
    topic: name,
    partition: partitionIndex,
    offset: committedOffset,
    leaderEpoch: committedLeaderEpoch,
    metadata: committedMetadata,
  }));

const committed = async (
  request: TxnOffsetCommitRequest,
  { broker, version }: RequestContext,
  offsets: readonly OffsetAsked[],
): Promise<CommitAnswer> => {
  const { transactionalId, groupId, producerId, producerEpoch, generationId, memberId, groupInstanceId } = request;
  const producer = { producerId, epoch: producerEpoch };
  await broker.transactions.coordinator.verifyGroup(transactionalId, producer, { group: groupId, extend: version >= ADDS_FROM });
  const claim = { group: groupId, memberId, instanceId: groupInstanceId, generation: generationId };
  return broker.groups.beginTxnOffsets(producerId, { ...claim, retentionMs: KEPT_AS_THE_BROKER_DOES, offsets });
};

const handle = async (request: TxnOffsetCommitRequest, context: RequestContext): Promise<TxnOffsetCommitResponse> => {
  mayWrite(context, request.transactionalId);
  checkGroup(context, "read", request.groupId);
  const found = new Map<string, TopicFound>(request.topics.map(({ name }) => [name, topicFor(context, { name, topicId: "" }, USE)]));
  const offsets = request.topics.flatMap((topic) =>
    "name" in (found.get(topic.name) ?? {}) ? offsetsOf(topic).filter(({ partition }) => hasPartition(context, topic.name, partition)) : [],
  );
  const answer: CommitAnswer = offsets.length === 0 ? { each: [] } : await committed(request, context, offsets);
  const verdicts = new Map(
    offsets.map(({ topic, partition }, at) => [`${partition} ${topic}`, "each" in answer ? answer.each[at] : answer.all]),
  );
  return answered(request, (topic, partition) => {
    const of = found.get(topic);
    if (of && "name" in of && !hasPartition(context, topic, partition)) return codeOf("UNKNOWN_TOPIC_OR_PARTITION");
    return codeOf(of && "fault" in of ? of.fault : (verdicts.get(`${partition} ${topic}`) ?? "NONE"));
  });
};

export const txnOffsetCommit: BrokerApi<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  api,
  versions: api.versions,
  handle,
  refuse: (request, { code }) => answered(request, () => code || ErrorCode.UNKNOWN_SERVER_ERROR),
};
