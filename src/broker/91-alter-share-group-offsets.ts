// AlterShareGroupOffsets (91), version 0: from where a share group reads on that nobody is in; the group is made when there is none.
import {
  type AlterShareGroupOffsetsRequest,
  type AlterShareGroupOffsetsResponse,
  alterShareGroupOffsets as api,
} from "../kafka/wire/api/91-alter-share-group-offsets.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { checkGroup, hasPartition } from "./groups/asking.ts";
import type { StartAsked } from "./share/share-groups.ts";

type RequestTopic = AlterShareGroupOffsetsRequest["topics"][number];
type TopicAnswer = AlterShareGroupOffsetsResponse["responses"][number];

const codeFor = (topicName: string, partition: number, context: RequestContext): number => {
  const { access } = context.broker;
  if (!access.allows(context.client, "read", { type: "topic", name: topicName })) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
  return hasPartition(context, topicName, partition) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
};

const topicAnswer = ({ topicName, partitions }: RequestTopic, context: RequestContext): TopicAnswer => ({
  topicName,
  topicId: context.broker.topics.get(topicName)?.id ?? UUID_ZERO,
  partitions: partitions.map(({ partitionIndex }) => ({
    ...{ partitionIndex, errorCode: codeFor(topicName, partitionIndex, context), errorMessage: null },
  })),
});

const startsOf = ({ partitions }: RequestTopic, answer: TopicAnswer | undefined): readonly StartAsked[] =>
  partitions.flatMap(({ partitionIndex, startOffset }, at) => {
    if (!answer || answer.partitions[at]?.errorCode !== ErrorCode.NONE) return [];
    return [{ topicId: answer.topicId, partition: partitionIndex, start: startOffset }];
  });

export const alterShareGroupOffsets: BrokerApi<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse> = {
  api,
  versions: api.versions,
  async handle({ groupId, topics }, context) {
    checkGroup(context, "read", groupId);
    const responses = topics.map((topic) => topicAnswer(topic, context));
    const starts = topics.flatMap((topic, at) => startsOf(topic, responses[at]));
    await context.broker.shares.setStarts(groupId, starts);
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, responses };
  },
  refuse: (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message, responses: [] }),
};
