// ListGroups: the groups a broker coordinates, by state and, from version 5 on, by type.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("ListGroupsRequest", {
  statesFilter: since(4, array(string)),
  typesFilter: since(5, array(string)),
});

const listedGroup = struct("ListedGroup", {
  groupId: string,
  protocolType: string,
  groupState: since(4, string),
  groupType: since(5, string),
});

const response = struct("ListGroupsResponse", {
  throttleTimeMs: since(1, int32),
  errorCode: int16,
  groups: array(listedGroup),
});

export type ListGroupsRequest = ValueOf<typeof request>;
export type ListGroupsResponse = ValueOf<typeof response>;

export const listGroups: Api<ListGroupsRequest, ListGroupsResponse> = {
  key: 16,
  name: "ListGroups",
  versions: { min: 0, max: 5 },
  flexibleFrom: 3,
  request,
  response,
};
