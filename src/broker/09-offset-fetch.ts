// OffsetFetch (9), versions 1 to 10: committed offsets of one group, or from version 8 on of several; of the partitions asked for, or of
// all. Where stable ones are wanted, an offset in an open transaction makes the client ask again (KIP-447).
import { offsetFetch as api, type OffsetFetchRequest, type OffsetFetchResponse } from "../kafka/wire/api/09-offset-fetch.ts";
import { ErrorCode, type KafkaErrorName } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { codeOf, mayUseGroup, topicFor } from "./groups/asking.ts";
import { consumerFault } from "./groups/consumer-member.ts";
import type { OffsetPlace } from "./groups/records.ts";

type GroupAsked = OffsetFetchRequest["groups"][number];
type GroupAnswer = OffsetFetchResponse["groups"][number];
type TopicAsked = NonNullable<GroupAsked["topics"]>[number];
type TopicAnswer = GroupAnswer["topics"][number];
type PartitionAnswer = TopicAnswer["partitions"][number];

const USE = { idFrom: 10, operation: "describe", mustExist: false } as const;
/** From which a request is for several groups. */
const GROUPS_FROM = 8;
/** From which an answer has an error of its own. */
const ERROR_FROM = 2;

const nothing = (partitionIndex: number, errorCode: number): PartitionAnswer => ({
  partitionIndex,
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: "",
  errorCode,
});

/** Who asks, and whether only for what no transaction can change. */
interface Asking {
  readonly context: RequestContext;
  readonly stable: boolean;
}

const partitionAnswer = ({ context, stable }: Asking, place: OffsetPlace): PartitionAnswer => {
  const { groups } = context.broker;
  if (stable && groups.isPending(place)) return nothing(place.partition, ErrorCode.UNSTABLE_OFFSET_COMMIT);
  const record = groups.offset(place);
  if (!record) return nothing(place.partition, ErrorCode.NONE);
  const { offset, leaderEpoch, metadata } = record;
  const committed = { committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata };
  return { partitionIndex: place.partition, ...committed, errorCode: ErrorCode.NONE };
};

const topicAnswer = (asking: Asking, group: string, asked: TopicAsked): TopicAnswer => {
  const found = topicFor(asking.context, asked, USE);
  const partitions = asked.partitionIndexes.map((partition) =>
    "fault" in found ? nothing(partition, codeOf(found.fault)) : partitionAnswer(asking, { group, topic: found.name, partition }),
  );
  return { name: asked.name, topicId: asked.topicId, partitions };
};

/** What the client may see of all that a group has. */
const allTopics = (asking: Asking, group: string): readonly TopicAnswer[] => {
  const { broker, client, version } = asking.context;
  const byTopic = Map.groupBy(broker.groups.offsets(group), ({ place }) => place.topic);
  return [...byTopic].flatMap(([name, placed]) => {
    const topicId = broker.topics.get(name)?.id ?? UUID_ZERO;
    const isNameless = version >= USE.idFrom && topicId === UUID_ZERO;
    if (isNameless || !broker.access.allows(client, "describe", { type: "topic", name })) return [];
    return [{ name, topicId, partitions: placed.map(({ place }) => partitionAnswer(asking, place)) }];
  });
};

/** Members of the consumer protocol may say who they are, and are told when they are not any more. */
const memberFault = ({ context }: Asking, { groupId, memberId, memberEpoch }: Omit<GroupAsked, "topics">): KafkaErrorName => {
  const group = context.broker.groups.consumers.get(groupId);
  const isNobody = (memberId ?? "") === "" && memberEpoch < 0;
  return group && !isNobody ? consumerFault(group, memberId ?? "", memberEpoch) : "NONE";
};

const groupAnswer = (asking: Asking, asked: GroupAsked): GroupAnswer => {
  const { groupId, topics } = asked;
  if (!mayUseGroup(asking.context, "describe", groupId)) return { groupId, topics: [], errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED };
  const fault = memberFault(asking, asked);
  if (fault !== "NONE") return { groupId, topics: [], errorCode: codeOf(fault) };
  const told = topics === null ? allTopics(asking, groupId) : topics.map((topic) => topicAnswer(asking, groupId, topic));
  return { groupId, topics: told, errorCode: ErrorCode.NONE };
};

const single = ({ topics, errorCode }: Pick<GroupAnswer, "topics" | "errorCode">): OffsetFetchResponse => ({
  throttleTimeMs: 0,
  topics: topics.map(({ name, partitions }) => ({ name, partitions })),
  errorCode,
  groups: [],
});

/** Before there was an error for the whole, every partition says it. */
const refused = ({ groups, topics }: OffsetFetchRequest, errorCode: number): OffsetFetchResponse => ({
  throttleTimeMs: 0,
  errorCode,
  topics: (topics ?? []).map(({ name, partitionIndexes }) => ({ name, partitions: partitionIndexes.map((at) => nothing(at, errorCode)) })),
  groups: groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })),
});

export const offsetFetch: BrokerApi<OffsetFetchRequest, OffsetFetchResponse> = {
  api,
  versions: api.versions,
  handle(request, context) {
    const asking: Asking = { context, stable: request.requireStable };
    if (context.version >= GROUPS_FROM)
      return {
        throttleTimeMs: 0,
        topics: [],
        errorCode: ErrorCode.NONE,
        groups: request.groups.map((asked) => groupAnswer(asking, asked)),
      };
    const topics = request.topics?.map((topic) => ({ ...topic, topicId: UUID_ZERO })) ?? null;
    const answer = groupAnswer(asking, { groupId: request.groupId, memberId: null, memberEpoch: -1, topics });
    return answer.errorCode !== ErrorCode.NONE && context.version < ERROR_FROM ? refused(request, answer.errorCode) : single(answer);
  },
  refuse: (request, { code }) => refused(request, code),
};
