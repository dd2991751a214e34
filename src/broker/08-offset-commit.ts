// OffsetCommit (8), versions 2 to 10: offsets of a member, or of whoever reads without being one (generation -1). Answered when they are
// durable.
import { offsetCommit as api, type OffsetCommitRequest, type OffsetCommitResponse } from "../kafka/wire/api/08-offset-commit.ts";
import type { KafkaErrorName } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { checkGroup, codeOf, hasPartition, type TopicFound, topicFor } from "./groups/asking.ts";
import type { CommitAnswer, OffsetAsked } from "./groups/committing.ts";

type Topic = OffsetCommitRequest["topics"][number];

const USE = { idFrom: 10, operation: "read", mustExist: true } as const;
/** From which clients know of the consumer protocol, and a group that is not there is told as such. */
const NOT_FOUND_FROM = 9;

/** Of every partition, in the order of the request. */
const answered = ({ topics }: OffsetCommitRequest, codes: (topic: Topic, partition: number) => number): OffsetCommitResponse => ({
  throttleTimeMs: 0,
  topics: topics.map((topic) => ({
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: codes(topic, partitionIndex) })),
  })),
});

const offsetsOf = ({ partitions }: Topic, topic: string): readonly OffsetAsked[] =>
  partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
    topic,
    partition: partitionIndex,
    offset: committedOffset,
    leaderEpoch: committedLeaderEpoch,
    metadata: committedMetadata,
  }));

/** Clients that do not know of epochs are told that they are too old. */
const staleAs = (verdict: KafkaErrorName | undefined, version: number): KafkaErrorName | undefined =>
  verdict === "STALE_MEMBER_EPOCH" && version < NOT_FOUND_FROM ? "UNSUPPORTED_VERSION" : verdict;

const handle = async (request: OffsetCommitRequest, context: RequestContext): Promise<OffsetCommitResponse> => {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch, retentionTimeMs, topics } = request;
  checkGroup(context, "read", groupId);
  const found = new Map<Topic, TopicFound>(topics.map((topic) => [topic, topicFor(context, topic, USE)]));
  const offsets = [...found].flatMap(([topic, of]) =>
    "name" in of ? offsetsOf(topic, of.name).filter(({ partition }) => hasPartition(context, of.name, partition)) : [],
  );
  const claim = { group: groupId, memberId, instanceId: groupInstanceId, generation: generationIdOrMemberEpoch };
  // Nothing that could be committed makes no group.
  const answer: CommitAnswer =
    offsets.length === 0 ? { each: [] } : await context.broker.groups.commit({ ...claim, retentionMs: retentionTimeMs, offsets });
  const verdicts = new Map(
    offsets.map(({ topic, partition }, at) => [`${partition} ${topic}`, "each" in answer ? answer.each[at] : "NONE"]),
  );
  const isUnknown = "all" in answer && answer.all === "ILLEGAL_GENERATION" && context.broker.groups.get(groupId) === undefined;
  const all: KafkaErrorName | undefined = "all" in answer ? answer.all : undefined;
  const told = isUnknown && context.version >= NOT_FOUND_FROM ? "GROUP_ID_NOT_FOUND" : staleAs(all, context.version);
  return answered(request, (topic, partition) => {
    const of = found.get(topic);
    if (of && "fault" in of) return codeOf(of.fault);
    if (of && !hasPartition(context, of.name, partition)) return codeOf("UNKNOWN_TOPIC_OR_PARTITION");
    return codeOf(told ?? verdicts.get(`${partition} ${of?.name}`) ?? "NONE");
  });
};

export const offsetCommit: BrokerApi<OffsetCommitRequest, OffsetCommitResponse> = {
  api,
  versions: api.versions,
  handle,
  refuse: (request, { code }) => answered(request, () => code),
};
