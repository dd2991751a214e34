// FindCoordinator: the broker that coordinates a group or a transactional id. Up to version 3 of one key, from then on of several.

import type { ValueOf } from "../type.ts";
import { array, between, int8, int16, int32, nullableString, since, string, struct, upTo } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("FindCoordinatorRequest", {
  key: upTo(3, string),
  keyType: since(1, int8),
  coordinatorKeys: since(4, array(string)),
});

const coordinator = struct("Coordinator", {
  key: string,
  nodeId: int32,
  host: string,
  port: int32,
  errorCode: int16,
  errorMessage: nullableString,
});

const response = struct("FindCoordinatorResponse", {
  throttleTimeMs: since(1, int32),
  errorCode: upTo(3, int16),
  errorMessage: between([1, 3], nullableString, ""),
  nodeId: upTo(3, int32),
  host: upTo(3, string),
  port: upTo(3, int32),
  coordinators: since(4, array(coordinator)),
});

export type FindCoordinatorRequest = ValueOf<typeof request>;
export type FindCoordinatorResponse = ValueOf<typeof response>;

export const findCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: "FindCoordinator",
  versions: { min: 0, max: 6 },
  flexibleFrom: 3,
  request,
  response,
};
