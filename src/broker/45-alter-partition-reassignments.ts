// AlterPartitionReassignments (45), versions 0 and 1: partitions lie on the one node there is; to put them there is done at once, and nothing
// is ever under way that could be cancelled.
import {
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
  alterPartitionReassignments as api,
} from "../kafka/wire/api/45-alter-partition-reassignments.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { checkReplicas } from "./topics/creation.ts";

type Asked = AlterPartitionReassignmentsRequest["topics"][number]["partitions"][number];
type Results = AlterPartitionReassignmentsResponse["responses"];

const check = (name: string, { partitionIndex, replicas }: Asked, { broker }: RequestContext): void => {
  const topic = broker.topics.get(name);
  if (!topic || partitionIndex < 0 || partitionIndex >= topic.partitions.length)
    throw new BrokerError("UNKNOWN_TOPIC_OR_PARTITION", "there is no such partition");
  if (replicas === null) throw new BrokerError("NO_REASSIGNMENT_IN_PROGRESS");
  checkReplicas(replicas, broker);
};

const result = (name: string, asked: Asked, context: RequestContext): Results[number]["partitions"][number] => {
  const { partitionIndex } = asked;
  try {
    check(name, asked, context);
    return { partitionIndex, errorCode: ErrorCode.NONE, errorMessage: null };
  } catch (reason) {
    if (reason instanceof BrokerError) return { partitionIndex, errorCode: reason.code, errorMessage: reason.message };
    throw reason;
  }
};

export const alterPartitionReassignments: BrokerApi<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> = {
  api,
  versions: api.versions,
  handle({ topics, allowReplicationFactorChange }, context) {
    if (!context.broker.access.allows(context.client, "alter", CLUSTER)) throw new BrokerError("CLUSTER_AUTHORIZATION_FAILED");
    const responses = topics.map(({ name, partitions }) => ({ name, partitions: partitions.map((asked) => result(name, asked, context)) }));
    return { throttleTimeMs: 0, allowReplicationFactorChange, errorCode: ErrorCode.NONE, errorMessage: null, responses };
  },
  refuse: ({ allowReplicationFactorChange }, { code, message }) => ({
    throttleTimeMs: 0,
    allowReplicationFactorChange,
    errorCode: code,
    errorMessage: message,
    responses: [],
  }),
};
