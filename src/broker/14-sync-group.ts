// SyncGroup (14), versions 0 to 5: the leader's assignments are kept before any member is told of its own.
import { syncGroup as api, type SyncGroupRequest, type SyncGroupResponse } from "../kafka/wire/api/14-sync-group.ts";
import type { BrokerApi } from "./api.ts";
import { checkGroup, codeOf } from "./groups/asking.ts";
import { refusedSync } from "./groups/classic-member.ts";
import type { SyncAnswer } from "./groups/classic-terms.ts";

/** From which version on the protocol must be told. */
const PROTOCOL_FROM = 5;

const response = ({ error, protocolType, protocol, assignment }: SyncAnswer): SyncGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: codeOf(error),
  protocolType,
  protocolName: protocol,
  assignment,
});

export const syncGroup: BrokerApi<SyncGroupRequest, SyncGroupResponse> = {
  api,
  versions: api.versions,
  async handle(request, context) {
    const { groupId, generationId, memberId, groupInstanceId, protocolType, protocolName, assignments } = request;
    if (context.version >= PROTOCOL_FROM && (protocolType === null || protocolName === null))
      return response(refusedSync("INCONSISTENT_GROUP_PROTOCOL"));
    checkGroup(context, "read", groupId);
    const given = new Map(assignments.map((one) => [one.memberId, one.assignment.slice()])); // Kept longer than the request.
    const claim = { memberId, instanceId: groupInstanceId, generation: generationId };
    return response(await context.broker.groups.sync(groupId, { ...claim, protocolType, protocol: protocolName, assignments: given }));
  },
  refuse: (_request, { code }) => ({ ...response(refusedSync("NONE")), errorCode: code }),
};
