// JoinGroup (11), versions 0 to 9: static members (KIP-345), ids given out first (KIP-394), leaders that keep what was shared out
// (KIP-814). Answered when the group has gathered.
import { joinGroup as api, type JoinGroupRequest, type JoinGroupResponse } from "../kafka/wire/api/11-join-group.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { checkGroup, clientHostOf, codeOf } from "./groups/asking.ts";
import { type JoinAnswer, type JoinAsked, refusedJoin } from "./groups/classic-terms.ts";

/** The version from which a new member comes back with the id that it is given. */
const ID_REQUIRED_FROM = 4;
/** From which a leader may be told that nothing is to be shared out. */
const SKIP_FROM = 9;
/** From which there may be no protocol. */
const NULL_PROTOCOL_FROM = 7;
/** From which a client says how long it takes to rebalance; before, that is its session timeout. */
const REBALANCE_TIMEOUT_FROM = 1;

const askedOf = (request: JoinGroupRequest, context: RequestContext): JoinAsked => {
  const { version, clientId } = context;
  const { memberId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, protocolType, protocols } = request;
  return {
    memberId,
    instanceId: groupInstanceId,
    clientId,
    clientHost: clientHostOf(context),
    sessionTimeoutMs,
    rebalanceTimeoutMs: version < REBALANCE_TIMEOUT_FROM ? sessionTimeoutMs : rebalanceTimeoutMs,
    protocolType,
    // Kept longer than the request.
    protocols: protocols.map(({ name, metadata }) => ({ name, metadata: metadata.slice() })),
    idRequired: version >= ID_REQUIRED_FROM,
    maySkip: version >= SKIP_FROM,
  };
};

const response = (answer: JoinAnswer, version: number): JoinGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: codeOf(answer.error),
  generationId: answer.generation,
  protocolType: answer.protocolType,
  protocolName: version < NULL_PROTOCOL_FROM ? (answer.protocol ?? "") : answer.protocol,
  leader: answer.leader,
  skipAssignment: answer.skipAssignment,
  memberId: answer.memberId,
  members: answer.members.map(({ id, instanceId, metadata }) => ({ memberId: id, groupInstanceId: instanceId, metadata })),
});

export const joinGroup: BrokerApi<JoinGroupRequest, JoinGroupResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    checkGroup(context, "read", request.groupId);
    return response(await context.broker.groups.join(request.groupId, askedOf(request, context)), context.version);
  },
  // No version refuses the empty name.
  refuse: ({ memberId }, { code }) => ({ ...response(refusedJoin("NONE", memberId), 0), errorCode: code }),
};
