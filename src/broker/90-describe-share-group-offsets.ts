// DescribeShareGroupOffsets (90), versions 0 and 1: from where share groups read, and how many records are still to be acknowledged. -1: nothing
// was acknowledged yet.
import {
  describeShareGroupOffsets as api,
  type DescribeShareGroupOffsetsRequest,
  type DescribeShareGroupOffsetsResponse,
} from "../kafka/wire/api/90-describe-share-group-offsets.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { mayDescribeTopic, mayUseGroup } from "./groups/asking.ts";
import type { SharePlace } from "./share/share-records.ts";
import { LEADER_EPOCH } from "./storage/batch-facts.ts";
import type { Topic } from "./topics/topic.ts";

type Asked = DescribeShareGroupOffsetsRequest["groups"][number];
type Described = DescribeShareGroupOffsetsResponse["groups"][number];
type DescribedPartition = Described["topics"][number]["partitions"][number];
/** Partitions of a topic, by the topic's name. */
type Wanted = NonNullable<Asked["topics"]>[number];

const NONE = -1;
const blank = (partitionIndex: number, errorCode: number): DescribedPartition => ({
  ...{ partitionIndex, startOffset: NONE, leaderEpoch: LEADER_EPOCH, lag: NONE, errorCode, errorMessage: null },
});

const partitionOf = (place: SharePlace, topic: Topic, { broker }: RequestContext): DescribedPartition => {
  const { partition } = place;
  const state = broker.shares.states.get(place);
  const end = topic.partitions[partition]?.highWatermark;
  if (!state?.begun || end === undefined) return blank(partition, ErrorCode.NONE);
  return { ...blank(partition, ErrorCode.NONE), startOffset: state.start, lag: end - state.start - state.done };
};

const topicOf = (group: string, { topicName, partitions }: Wanted, context: RequestContext): Described["topics"][number] => {
  const topic = context.broker.topics.get(topicName);
  const told = { topicName, topicId: topic?.id ?? UUID_ZERO };
  const refused = (code: number) => ({ ...told, partitions: partitions.map((partition) => blank(partition, code)) });
  if (!mayDescribeTopic(context)(topicName)) return { ...refused(ErrorCode.TOPIC_AUTHORIZATION_FAILED), topicId: UUID_ZERO };
  if (!topic) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  return { ...told, partitions: partitions.map((partition) => partitionOf({ group, topicId: topic.id, partition }, topic, context)) };
};

/** What the group has read of, as far as the client may see it. */
const allOf = (group: string, context: RequestContext): readonly Wanted[] => {
  const { shares, topics } = context.broker;
  const byName = Map.groupBy(shares.states.all(group), ({ place }) => topics.byId(place.topicId)?.name ?? "");
  return [...byName]
    .filter(([topicName]) => topicName !== "" && mayDescribeTopic(context)(topicName))
    .map(([topicName, all]) => ({ topicName, partitions: all.map(({ place }) => place.partition).sort((a, b) => a - b) }));
};

const described = ({ groupId, topics }: Asked, context: RequestContext): Described => {
  if (!mayUseGroup(context, "describe", groupId)) return refusedGroup(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED, null);
  const wanted = topics ?? allOf(groupId, context);
  return { ...refusedGroup(groupId, ErrorCode.NONE, null), topics: wanted.map((of) => topicOf(groupId, of, context)) };
};

const refusedGroup = (groupId: string, errorCode: number, errorMessage: string | null): Described => ({
  ...{ groupId, topics: [], errorCode, errorMessage },
});

export const describeShareGroupOffsets: BrokerApi<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse> = {
  api,
  versions: api.versions,
  handle: ({ groups }, context) => ({ throttleTimeMs: 0, groups: groups.map((asked) => described(asked, context)) }),
  refuse: ({ groups }, { code, message }) => ({
    throttleTimeMs: 0,
    groups: groups.map(({ groupId }) => refusedGroup(groupId, code, message)),
  }),
};
