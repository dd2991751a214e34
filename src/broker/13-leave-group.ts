// LeaveGroup (13), versions 0 to 5: one member, or from version 3 on several, also static ones by their instance alone.
import { leaveGroup as api, type LeaveGroupRequest, type LeaveGroupResponse } from "../kafka/wire/api/13-leave-group.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi } from "./api.ts";
import { checkGroup, codeOf } from "./groups/asking.ts";

const SEVERAL_FROM = 3;

const response = (errorCode: number, members: LeaveGroupResponse["members"] = []): LeaveGroupResponse => ({
  throttleTimeMs: 0,
  errorCode,
  members,
});

export const leaveGroup: BrokerApi<LeaveGroupRequest, LeaveGroupResponse> = {
  api,
  versions: api.versions,
  handle({ groupId, memberId, members }, context) {
    checkGroup(context, "read", groupId);
    const isSingle = context.version < SEVERAL_FROM;
    const leaving = isSingle ? [{ memberId, groupInstanceId: null }] : members;
    const claims = leaving.map((one) => ({ memberId: one.memberId, instanceId: one.groupInstanceId }));
    const answer = context.broker.groups.leave(groupId, claims);
    if ("all" in answer) return response(codeOf(answer.all));
    const codes = answer.each.map(codeOf);
    if (isSingle) return response(codes[0] ?? ErrorCode.NONE);
    const told = leaving.map((one, at) => ({ ...one, errorCode: codes[at] ?? ErrorCode.NONE }));
    return response(ErrorCode.NONE, told);
  },
  refuse: (_request, { code }) => response(code),
};
