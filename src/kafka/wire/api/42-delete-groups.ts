// DeleteGroups: groups that have no members go, with their offsets.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("DeleteGroupsRequest", {
  groupsNames: array(string),
});

const deletableGroupResult = struct("DeletableGroupResult", {
  groupId: string,
  errorCode: int16,
});

const response = struct("DeleteGroupsResponse", {
  throttleTimeMs: int32,
  results: array(deletableGroupResult),
});

export type DeleteGroupsRequest = ValueOf<typeof request>;
export type DeleteGroupsResponse = ValueOf<typeof response>;

export const deleteGroups: Api<DeleteGroupsRequest, DeleteGroupsResponse> = {
  key: 42,
  name: "DeleteGroups",
  versions: { min: 0, max: 2 },
  flexibleFrom: 2,
  request,
  response,
};
