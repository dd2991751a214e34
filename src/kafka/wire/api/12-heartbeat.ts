// Heartbeat: a member of a classic group lives, and hears whether the group gathers anew.

import type { ValueOf } from "../type.ts";
import { int16, int32, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("HeartbeatRequest", {
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(3, nullableString),
});

const response = struct("HeartbeatResponse", {
  throttleTimeMs: since(1, int32),
  errorCode: int16,
});

export type HeartbeatRequest = ValueOf<typeof request>;
export type HeartbeatResponse = ValueOf<typeof response>;

export const heartbeat: Api<HeartbeatRequest, HeartbeatResponse> = {
  key: 12,
  name: "Heartbeat",
  versions: { min: 0, max: 4 },
  flexibleFrom: 4,
  request,
  response,
};
