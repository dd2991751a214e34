// Heartbeat (12), versions 0 to 4: a member lives; it hears REBALANCE_IN_PROGRESS while the group gathers.
import { heartbeat as api, type HeartbeatRequest, type HeartbeatResponse } from "../kafka/wire/api/12-heartbeat.ts";
import type { BrokerApi } from "./api.ts";
import { checkGroup, codeOf } from "./groups/asking.ts";

const response = (errorCode: number): HeartbeatResponse => ({ throttleTimeMs: 0, errorCode });

export const heartbeat: BrokerApi<HeartbeatRequest, HeartbeatResponse> = {
  api,
  versions: api.versions,
  handle({ groupId, generationId, memberId, groupInstanceId }, context) {
    checkGroup(context, "read", groupId);
    return response(codeOf(context.broker.groups.heartbeat(groupId, { memberId, instanceId: groupInstanceId }, generationId)));
  },
  refuse: (_request, { code }) => response(code),
};
