// JoinGroup: a member wants to be in a classic group; the answer comes when the group has gathered.

import type { ValueOf } from "../type.ts";
import { array, bool, bytes, int16, int32, nullableString, nullSince, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const joinGroupRequestProtocol = struct("JoinGroupRequestProtocol", {
  name: string,
  metadata: bytes,
});

const request = struct("JoinGroupRequest", {
  groupId: string,
  sessionTimeoutMs: int32,
  rebalanceTimeoutMs: since(1, int32, -1),
  memberId: string,
  groupInstanceId: since(5, nullableString),
  protocolType: string,
  protocols: array(joinGroupRequestProtocol),
  reason: since(8, nullableString),
});

const joinGroupResponseMember = struct("JoinGroupResponseMember", {
  memberId: string,
  groupInstanceId: since(5, nullableString),
  metadata: bytes,
});

const response = struct("JoinGroupResponse", {
  throttleTimeMs: since(2, int32),
  errorCode: int16,
  generationId: int32,
  protocolType: since(7, nullableString),
  protocolName: nullSince(7, nullableString),
  leader: string,
  skipAssignment: since(9, bool),
  memberId: string,
  members: array(joinGroupResponseMember),
});

export type JoinGroupRequest = ValueOf<typeof request>;
export type JoinGroupResponse = ValueOf<typeof response>;

export const joinGroup: Api<JoinGroupRequest, JoinGroupResponse> = {
  key: 11,
  name: "JoinGroup",
  versions: { min: 0, max: 9 },
  flexibleFrom: 6,
  request,
  response,
};
