// SyncGroup: the leader of a classic group gives every member its assignment, and each receives its own.

import type { ValueOf } from "../type.ts";
import { array, bytes, int16, int32, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const syncGroupRequestAssignment = struct("SyncGroupRequestAssignment", {
  memberId: string,
  assignment: bytes,
});

const request = struct("SyncGroupRequest", {
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(3, nullableString),
  protocolType: since(5, nullableString),
  protocolName: since(5, nullableString),
  assignments: array(syncGroupRequestAssignment),
});

const response = struct("SyncGroupResponse", {
  throttleTimeMs: since(1, int32),
  errorCode: int16,
  protocolType: since(5, nullableString),
  protocolName: since(5, nullableString),
  assignment: bytes,
});

export type SyncGroupRequest = ValueOf<typeof request>;
export type SyncGroupResponse = ValueOf<typeof response>;

export const syncGroup: Api<SyncGroupRequest, SyncGroupResponse> = {
  key: 14,
  name: "SyncGroup",
  versions: { min: 0, max: 5 },
  flexibleFrom: 4,
  request,
  response,
};
