// ShareGroupHeartbeat: a member of a share group lives, and hears which partitions it shall have (KIP-932).

import type { ValueOf } from "../type.ts";
import { int16, int32, nullableArray, nullableString, nullableStruct, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { assignment } from "./group-assignments.ts";

const request = struct("ShareGroupHeartbeatRequest", {
  groupId: string,
  memberId: string,
  memberEpoch: int32,
  rackId: nullableString,
  subscribedTopicNames: nullableArray(string),
});

const response = struct("ShareGroupHeartbeatResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  memberId: nullableString,
  memberEpoch: int32,
  heartbeatIntervalMs: int32,
  assignment: nullableStruct(assignment),
});

export type ShareGroupHeartbeatRequest = ValueOf<typeof request>;
export type ShareGroupHeartbeatResponse = ValueOf<typeof response>;

export const shareGroupHeartbeat: Api<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse> = {
  key: 76,
  name: "ShareGroupHeartbeat",
  versions: { min: 1, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
