// DeleteShareGroupOffsets (92), version 0: a share group that nobody is in forgets topics.
import {
  deleteShareGroupOffsets as api,
  type DeleteShareGroupOffsetsRequest,
  type DeleteShareGroupOffsetsResponse,
} from "../kafka/wire/api/92-delete-share-group-offsets.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { checkGroup } from "./groups/asking.ts";

type TopicAnswer = DeleteShareGroupOffsetsResponse["responses"][number];

const topicAnswer = (topicName: string, { broker, client }: RequestContext): TopicAnswer => {
  const topicId = broker.topics.get(topicName)?.id;
  const told = { topicName, topicId: topicId ?? UUID_ZERO, errorMessage: null };
  if (!broker.access.allows(client, "read", { type: "topic", name: topicName }))
    return { ...told, topicId: UUID_ZERO, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED };
  return { ...told, errorCode: topicId === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE };
};

export const deleteShareGroupOffsets: BrokerApi<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse> = {
  api,
  versions: api.versions,
  async handle({ groupId, topics }, context) {
    checkGroup(context, "delete", groupId);
    const responses = topics.map(({ topicName }) => topicAnswer(topicName, context));
    const found = responses.filter(({ errorCode }) => errorCode === ErrorCode.NONE);
    await context.broker.shares.forgetTopics(groupId, new Set(found.map(({ topicId }) => topicId)));
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, responses };
  },
  refuse: (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message, responses: [] }),
};
