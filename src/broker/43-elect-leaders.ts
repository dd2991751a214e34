// ElectLeaders (43), versions 0 to 2: the one node leads everything, so no election is ever needed.
import { electLeaders as api, type ElectLeadersRequest, type ElectLeadersResponse } from "../kafka/wire/api/43-elect-leaders.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";

type Results = ElectLeadersResponse["replicaElectionResults"];

const partitionResult = (topic: string, partitionId: number, { broker }: RequestContext): Results[number]["partitionResult"][number] =>
  partitionId >= 0 && partitionId < (broker.topics.get(topic)?.partitions.length ?? 0)
    ? { partitionId, errorCode: ErrorCode.ELECTION_NOT_NEEDED, errorMessage: "the partition has the leader that it should have" }
    : { partitionId, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: "there is no such partition" };

const results = ({ topicPartitions }: ElectLeadersRequest, context: RequestContext): Results => {
  if (topicPartitions === null) return context.broker.topics.all().map(({ name }) => ({ topic: name, partitionResult: [] }));
  return topicPartitions.map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partition) => partitionResult(topic, partition, context)),
  }));
};

export const electLeaders: BrokerApi<ElectLeadersRequest, ElectLeadersResponse> = {
  api,
  versions: api.versions,
  handle(request, context) {
    if (!context.broker.access.allows(context.client, "alter", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, replicaElectionResults: results(request, context) };
  },
  refuse: ({ topicPartitions }, { code, message }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode: code, errorMessage: message })),
    })),
  }),
};
