// ConsumerGroupHeartbeat (68), versions 0 and 1: the consumer protocol (KIP-848), where the coordinator shares out. Topics are wanted by name
// or by a regular expression in RE2's syntax. Members of the classic protocol may be in the same group. Racks are kept and told, but
// nothing follows from them: there is one node, and like Apache Kafka's assignors those here do not look at them.
import {
  consumerGroupHeartbeat as api,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
} from "../kafka/wire/api/68-consumer-group-heartbeat.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { checkGroup, clientHostOf, mayDescribeTopic } from "./groups/asking.ts";
import { ASSIGNORS, type Assignment } from "./groups/assignors.ts";
import { type Beat, LEAVE, LEAVE_FOR_NOW } from "./groups/consumer-member.ts";
import { keptAssignment } from "./groups/consumer-record.ts";

type Topics = NonNullable<ConsumerGroupHeartbeatRequest["topicPartitions"]>;

/** The version from which clients choose the ids of their members. */
const OWN_ID_FROM = 1;

const assignmentOf = (topics: Topics): Assignment => new Map(topics.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));

const invalid = (what: string): never => {
  throw new BrokerError("INVALID_REQUEST", what);
};

const check = (request: ConsumerGroupHeartbeatRequest, version: number): void => {
  const { groupId, memberId, memberEpoch, instanceId, rackId, serverAssignor } = request;
  if (groupId === "") invalid("there is no group id");
  if (instanceId === "") invalid("the instance id is empty");
  if (rackId === "") invalid("the rack id is empty");
  if (memberId === "" && (version >= OWN_ID_FROM || memberEpoch !== 0)) invalid("there is no member id");
  if (memberEpoch < LEAVE_FOR_NOW) invalid(`there is no member epoch ${memberEpoch}`);
  if (memberEpoch === LEAVE_FOR_NOW && instanceId === null) invalid("only static members come back");
  if (memberEpoch === 0) checkJoin(request);
  if (serverAssignor !== null && !Object.hasOwn(ASSIGNORS, serverAssignor))
    throw new BrokerError("UNSUPPORTED_ASSIGNOR", `there are ${Object.keys(ASSIGNORS).join(" and ")}, not ${serverAssignor}`);
};

const checkJoin = ({
  rebalanceTimeoutMs,
  topicPartitions,
  subscribedTopicNames,
  subscribedTopicRegex,
}: ConsumerGroupHeartbeatRequest): void => {
  if (rebalanceTimeoutMs < 0) invalid("who joins says its rebalance timeout");
  if (topicPartitions === null || topicPartitions.length > 0) invalid("who joins has no partitions");
  if (subscribedTopicNames === null && subscribedTopicRegex === null) invalid("who joins says what it wants");
};

const beatOf = (request: ConsumerGroupHeartbeatRequest, context: RequestContext): Beat => {
  const { memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, serverAssignor, topicPartitions } = request;
  const { subscribedTopicNames, subscribedTopicRegex } = request;
  if (subscribedTopicNames?.every(mayDescribeTopic(context)) === false) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  return {
    memberId: memberId || crypto.randomUUID(),
    epoch: memberEpoch,
    instanceId,
    rackId,
    clientId: context.clientId,
    clientHost: clientHostOf(context),
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? undefined : rebalanceTimeoutMs,
    topics: subscribedTopicNames ?? undefined,
    regex: subscribedTopicRegex ?? undefined,
    assignor: serverAssignor ?? undefined,
    owned: topicPartitions === null ? undefined : assignmentOf(topicPartitions),
  };
};

const refused = (errorCode: number, errorMessage: string | null): ConsumerGroupHeartbeatResponse => ({
  throttleTimeMs: 0,
  errorCode,
  errorMessage,
  memberId: null,
  memberEpoch: 0,
  heartbeatIntervalMs: 0,
  assignment: null,
});

const told = (assignment: Assignment): ConsumerGroupHeartbeatResponse["assignment"] => ({
  topicPartitions: keptAssignment(assignment).map(([topicId, partitions]) => ({ topicId, partitions })),
});

export const consumerGroupHeartbeat: BrokerApi<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const { groups, groupSettings, settings } = context.broker;
    checkGroup(context, "read", request.groupId);
    check(request, context.version);
    const { memberId, epoch, assignment } = await groups.beat(request.groupId, beatOf(request, context), mayDescribeTopic(context));
    return {
      ...refused(ErrorCode.NONE, null),
      memberId,
      memberEpoch: epoch,
      heartbeatIntervalMs:
        epoch === LEAVE || epoch === LEAVE_FOR_NOW ? 0 : groupSettings.inForce(request.groupId, "consumer.heartbeat.interval.ms", settings),
      assignment: assignment ? told(assignment) : null,
    };
  },
  refuse: (_request, { code, message }) => refused(code, message),
};
