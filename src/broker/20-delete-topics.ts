// DeleteTopics (20), versions 1 to 6: topics go, by name or by id. Whoever reads or writes one is refused from then on.
import { deleteTopics as api, type DeleteTopicsRequest, type DeleteTopicsResponse } from "../kafka/wire/api/20-delete-topics.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import type { Topic } from "./topics/topic.ts";

type Asked = DeleteTopicsRequest["topics"][number];
type Result = DeleteTopicsResponse["responses"][number];

/** Topics are named one by one, by name or id, from this version on. */
const STATES_FROM = 6;

const refused = ({ name, topicId }: Asked, errorCode: number, errorMessage: string): Result => ({ name, topicId, errorCode, errorMessage });

const isDescribable = (name: string, { broker, client }: RequestContext): boolean =>
  broker.access.allows(client, "describe", { type: "topic", name });

/** Throws a BrokerError. */
const topicOf = ({ name, topicId }: Asked, context: RequestContext): Topic => {
  const { broker, client } = context;
  if (name === null && topicId === UUID_ZERO) throw new BrokerError("INVALID_REQUEST", "neither name nor id of a topic are given");
  if (name !== null && topicId !== UUID_ZERO) throw new BrokerError("INVALID_REQUEST", "name and id of a topic exclude each other");
  const topic = name === null ? broker.topics.byId(topicId) : broker.topics.get(name);
  if (!topic && name === null) throw new BrokerError("UNKNOWN_TOPIC_ID");
  const found = topic?.name ?? name ?? "";
  if (!isDescribable(found, context)) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  if (!topic) throw new BrokerError("UNKNOWN_TOPIC_OR_PARTITION");
  if (!broker.access.allows(client, "delete", { type: "topic", name: found })) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  return topic;
};

const deleteOne = async (asked: Asked, context: RequestContext): Promise<Result> => {
  const { broker, version } = context;
  if (!broker.settings.flag("delete.topic.enable"))
    throw new BrokerError(version < 3 ? "INVALID_REQUEST" : "TOPIC_DELETION_DISABLED", "delete.topic.enable is false");
  const topic = topicOf(asked, context);
  await broker.topics.delete(topic);
  broker.log.info("a topic was deleted", { topic: topic.name });
  return { name: topic.name, topicId: version >= STATES_FROM ? topic.id : UUID_ZERO, errorCode: ErrorCode.NONE, errorMessage: null };
};

const allOf = ({ topics, topicNames }: DeleteTopicsRequest, version: number): readonly Asked[] =>
  version >= STATES_FROM ? topics : topicNames.map((name) => ({ name, topicId: UUID_ZERO }));

const keyOf = ({ name, topicId }: Asked): string =>
  name !== null && topicId !== UUID_ZERO ? `${name}/${topicId}` : (name ?? `/${topicId}`);

export const deleteTopics: BrokerApi<DeleteTopicsRequest, DeleteTopicsResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const responses: Result[] = [];
    for (const [asked, ...more] of Map.groupBy(allOf(request, context.version), keyOf).values()) {
      if (!asked) continue;
      try {
        if (more.length > 0) throw new BrokerError("INVALID_REQUEST", "a topic is there twice");
        responses.push(await deleteOne(asked, context));
      } catch (reason) {
        if (!(reason instanceof BrokerError)) throw reason;
        responses.push(refused(asked, reason.code, reason.message));
      }
    }
    return { throttleTimeMs: 0, responses };
  },
  refuse: ({ topics, topicNames }, { code, message }) => ({
    throttleTimeMs: 0,
    responses: [...topics, ...topicNames.map((name) => ({ name, topicId: UUID_ZERO }))].map((asked) => refused(asked, code, message)),
  }),
};
