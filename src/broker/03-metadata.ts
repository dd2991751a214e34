// Metadata (3), versions 0 to 13: the one broker, and topics with their partitions, by name or id. A topic that is not there is made when
// both the client and the broker's auto.create.topics.enable allow it, and is then told of in the same answer.
import { metadata as api, type MetadataRequest, type MetadataResponse } from "../kafka/wire/api/03-metadata.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { UUID_ZERO } from "../kafka/wire/type.ts";
import { authorizedOperations, CLUSTER, NOT_ASKED } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import type { Broker } from "./broker.ts";
import { BrokerError } from "./broker-error.ts";
import { LEADER_EPOCH } from "./storage/batch-facts.ts";
import { autoCreate } from "./topics/creation.ts";
import { isInternal, isReserved, nameFault } from "./topics/names.ts";
import type { Topic } from "./topics/topic.ts";

type RequestTopic = NonNullable<MetadataRequest["topics"]>[number];
type TopicAnswer = MetadataResponse["topics"][number];

/** The version from which no list of topics asks for all; before, an empty one does. */
const NULL_LIST_FROM = 1;
/** From which a topic that is asked for by id may have no name. */
const NULL_NAME_FROM = 12;

interface Asked {
  readonly request: MetadataRequest;
  readonly context: RequestContext;
}

const refusedTopic = (errorCode: number, { topicId = UUID_ZERO, name = null }: Partial<RequestTopic>): TopicAnswer => ({
  errorCode,
  name,
  topicId,
  isInternal: name !== null && isInternal(name),
  partitions: [],
  topicAuthorizedOperations: NOT_ASKED,
});

/** A partition, with the only node for everything. */
const partitionAnswer = (partitionIndex: number, { nodeId }: Broker): TopicAnswer["partitions"][number] => ({
  errorCode: ErrorCode.NONE,
  partitionIndex,
  leaderId: nodeId,
  leaderEpoch: LEADER_EPOCH,
  replicaNodes: [nodeId],
  isrNodes: [nodeId],
  offlineReplicas: [],
});

const topicAnswer = (topic: Topic, { request, context: { broker, client } }: Asked): TopicAnswer => ({
  errorCode: ErrorCode.NONE,
  name: topic.name,
  topicId: topic.id,
  isInternal: topic.isInternal,
  partitions: topic.partitions.map((_, index) => partitionAnswer(index, broker)),
  topicAuthorizedOperations: request.includeTopicAuthorizedOperations
    ? authorizedOperations(broker.access, client, { type: "topic", name: topic.name })
    : NOT_ASKED,
});

const byId = (asked: RequestTopic, of: Asked): TopicAnswer => {
  const { broker, client, version } = of.context;
  const unknown = { topicId: asked.topicId, name: version >= NULL_NAME_FROM ? null : "" };
  const topic = broker.topics.byId(asked.topicId);
  if (!topic) return refusedTopic(ErrorCode.UNKNOWN_TOPIC_ID, unknown);
  if (broker.access.allows(client, "describe", { type: "topic", name: topic.name })) return topicAnswer(topic, of);
  return refusedTopic(ErrorCode.TOPIC_AUTHORIZATION_FAILED, unknown);
};

const byName = async (name: string, of: Asked): Promise<TopicAnswer> => {
  const { request, context } = of;
  const { broker, client } = context;
  if (!broker.access.allows(client, "describe", { type: "topic", name }))
    return refusedTopic(ErrorCode.TOPIC_AUTHORIZATION_FAILED, { name });
  const topic = broker.topics.get(name);
  if (topic) return topicAnswer(topic, of);
  if (nameFault(name) !== undefined || isReserved(name)) return refusedTopic(ErrorCode.INVALID_TOPIC_EXCEPTION, { name });
  const mayCreate = (request.allowAutoTopicCreation || broker.createsAlways) && broker.settings.flag("auto.create.topics.enable");
  if (!mayCreate) return refusedTopic(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, { name });
  try {
    return topicAnswer(await autoCreate(name, context), of);
  } catch (reason) {
    if (reason instanceof BrokerError) return refusedTopic(reason.code, { name });
    throw reason;
  }
};

const allTopics = (of: Asked): readonly TopicAnswer[] => {
  const { broker, client } = of.context;
  return broker.topics
    .all()
    .filter(({ name }) => broker.access.allows(client, "describe", { type: "topic", name }))
    .map((topic) => topicAnswer(topic, of));
};

/** Where one is asked for by id, only those are answered, as Apache Kafka does it. */
const someTopics = (topics: readonly RequestTopic[], of: Asked): Promise<readonly TopicAnswer[]> => {
  const identified = new Map(topics.filter(({ topicId }) => topicId !== UUID_ZERO).map((topic) => [topic.topicId, topic]));
  if (identified.size > 0) return Promise.all([...identified.values()].map((topic) => byId(topic, of)));
  return Promise.all([...new Set(topics.map(({ name }) => name ?? ""))].map((name) => byName(name, of)));
};

const wantsAll = ({ topics }: MetadataRequest, version: number): boolean =>
  topics === null || (version < NULL_LIST_FROM && topics.length === 0);

const response = ({ request, context: { broker, client } }: Asked, topics: readonly TopicAnswer[]): MetadataResponse => ({
  throttleTimeMs: 0,
  brokers: [
    { nodeId: broker.nodeId, host: broker.advertised.host, port: broker.advertised.port, rack: broker.settings.text("broker.rack") },
  ],
  clusterId: broker.clusterId,
  controllerId: broker.nodeId,
  topics,
  clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
    ? authorizedOperations(broker.access, client, CLUSTER)
    : NOT_ASKED,
  errorCode: ErrorCode.NONE,
});

export const metadata: BrokerApi<MetadataRequest, MetadataResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const asked = { request, context };
    const { topics } = request;
    if (topics === null || wantsAll(request, context.version)) return response(asked, allTopics(asked));
    if (topics.some(({ topicId, name }) => topicId === UUID_ZERO && name === null))
      throw new BrokerError("UNKNOWN_SERVER_ERROR", "a topic without name and id");
    return response(asked, await someTopics(topics, asked));
  },
  refuse: ({ topics }, { code }) => ({
    throttleTimeMs: 0,
    brokers: [],
    clusterId: null,
    controllerId: -1,
    topics: (topics ?? []).map(({ topicId, name }) => refusedTopic(code, { topicId, name: name ?? "" })),
    clusterAuthorizedOperations: NOT_ASKED,
    errorCode: code,
  }),
};
