// CreateTopics (19), versions 2 to 7: new topics, each made or refused by itself, or only judged. Partitions may be assigned by hand, to the
// one node there is. The answer tells the topic's settings to whom may see them.
import { createTopics as api, type CreateTopicsRequest, type CreateTopicsResponse } from "../kafka/wire/api/19-create-topics.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { describeTopic } from "./configs/topic-settings.ts";
import { checkedTopic, mayCreate, type WantedTopic } from "./topics/creation.ts";
import type { NewTopic } from "./topics/topics.ts";

type Result = CreateTopicsResponse["topics"][number];

const REPLICAS = 1;

const refused = (name: string, errorCode: number, errorMessage: string): Result => ({
  name,
  topicId: UUID_ZERO,
  errorCode,
  errorMessage,
  topicConfigErrorCode: ErrorCode.NONE,
  numPartitions: -1,
  replicationFactor: -1,
  configs: [],
});

const made = (topicId: string, { name, partitions, own }: NewTopic, { broker, client }: RequestContext): Result => {
  const result: Result = { ...refused(name, ErrorCode.NONE, ""), topicId, errorMessage: null };
  if (!broker.access.allows(client, "describeConfigs", { type: "topic", name }))
    return { ...result, topicConfigErrorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED };
  const configs = describeTopic({ own, broker: broker.settings }, { names: null, withSynonyms: false, withDocumentation: false });
  return {
    ...result,
    numPartitions: partitions,
    replicationFactor: REPLICAS,
    configs: configs.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
};

const create = async (wanted: WantedTopic, { validateOnly }: CreateTopicsRequest, context: RequestContext): Promise<Result> => {
  const { broker } = context;
  if (!mayCreate(wanted.name, context)) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  const topic = checkedTopic(wanted, broker);
  if (validateOnly) return made(crypto.randomUUID(), topic, context);
  const { id } = await broker.topics.create(topic);
  broker.log.info("a topic was made", { topic: topic.name, partitions: topic.partitions });
  return made(id, topic, context);
};

export const createTopics: BrokerApi<CreateTopicsRequest, CreateTopicsResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const byName = Map.groupBy(request.topics, ({ name }) => name);
    const results: Result[] = [];
    for (const [name, [wanted, ...more]] of byName) {
      try {
        if (!wanted || more.length > 0) throw new BrokerError("INVALID_REQUEST", `the topic '${name}' is there twice`);
        results.push(await create(wanted, request, context));
      } catch (reason) {
        if (!(reason instanceof BrokerError)) throw reason;
        results.push(refused(name, reason.code, reason.message));
      }
    }
    return { throttleTimeMs: 0, topics: results };
  },
  refuse: ({ topics }, { code, message }) => ({ throttleTimeMs: 0, topics: topics.map(({ name }) => refused(name, code, message)) }),
};
