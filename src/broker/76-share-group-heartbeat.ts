// ShareGroupHeartbeat (76), version 1: members of share groups (KIP-932), where several members read from one partition.
import {
  shareGroupHeartbeat as api,
  type ShareGroupHeartbeatRequest,
  type ShareGroupHeartbeatResponse,
} from "../kafka/wire/api/76-share-group-heartbeat.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { checkGroup, clientHostOf, mayDescribeTopic } from "./groups/asking.ts";
import { LEAVE } from "./groups/consumer-member.ts";
import { keptAssignment } from "./groups/consumer-record.ts";
import type { ShareBeat } from "./share/share-group.ts";

const invalid = (what: string): never => {
  throw new BrokerError("INVALID_REQUEST", what);
};

const check = ({ groupId, memberId, memberEpoch, rackId, subscribedTopicNames }: ShareGroupHeartbeatRequest): void => {
  if (groupId === "") invalid("there is no group id");
  if (memberId === "") invalid("there is no member id");
  if (rackId === "") invalid("the rack id is empty");
  if (memberEpoch < LEAVE) invalid(`there is no member epoch ${memberEpoch}`);
  if (memberEpoch === 0 && (subscribedTopicNames ?? []).length === 0) invalid("who joins says what it wants");
};

const beatOf = (
  { memberId, memberEpoch, rackId, subscribedTopicNames }: ShareGroupHeartbeatRequest,
  context: RequestContext,
): ShareBeat => {
  if (subscribedTopicNames?.every(mayDescribeTopic(context)) === false) throw new BrokerError("TOPIC_AUTHORIZATION_FAILED");
  const { clientId } = context;
  const topics = subscribedTopicNames ?? undefined;
  return { memberId, epoch: memberEpoch, rackId, clientId, clientHost: clientHostOf(context), topics };
};

const refused = (errorCode: number, errorMessage: string | null): ShareGroupHeartbeatResponse => ({
  ...{ throttleTimeMs: 0, errorCode, errorMessage, memberId: null, memberEpoch: 0, heartbeatIntervalMs: 0, assignment: null },
});

export const shareGroupHeartbeat: BrokerApi<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const { groupId } = request;
    checkGroup(context, "read", groupId);
    check(request);
    const { shares } = context.broker;
    const { memberId, epoch, assignment } = await shares.beat(groupId, beatOf(request, context));
    const topicPartitions = assignment && keptAssignment(assignment).map(([topicId, partitions]) => ({ topicId, partitions }));
    return {
      ...refused(ErrorCode.NONE, null),
      memberId,
      memberEpoch: epoch,
      heartbeatIntervalMs: epoch === LEAVE ? 0 : shares.terms(groupId).heartbeatMs,
      assignment: topicPartitions ? { topicPartitions } : null,
    };
  },
  refuse: (_request, { code, message }) => refused(code, message),
};
