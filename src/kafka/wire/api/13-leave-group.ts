// LeaveGroup: members leave a classic group. Up to version 2 one, from then on several.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, nullableString, since, string, struct, upTo } from "../type.ts";
import type { Api } from "./api.ts";

const memberIdentity = struct("MemberIdentity", {
  memberId: string,
  groupInstanceId: nullableString,
  reason: since(5, nullableString),
});

const request = struct("LeaveGroupRequest", {
  groupId: string,
  memberId: upTo(2, string),
  members: since(3, array(memberIdentity)),
});

const memberResponse = struct("MemberResponse", {
  memberId: string,
  groupInstanceId: nullableString,
  errorCode: int16,
});

const response = struct("LeaveGroupResponse", {
  throttleTimeMs: since(1, int32),
  errorCode: int16,
  members: since(3, array(memberResponse)),
});

export type LeaveGroupRequest = ValueOf<typeof request>;
export type LeaveGroupResponse = ValueOf<typeof response>;

export const leaveGroup: Api<LeaveGroupRequest, LeaveGroupResponse> = {
  key: 13,
  name: "LeaveGroup",
  versions: { min: 0, max: 5 },
  flexibleFrom: 4,
  request,
  response,
};
