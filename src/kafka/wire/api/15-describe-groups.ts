// DescribeGroups: what a broker knows of classic groups: their state and their members.

import type { ValueOf } from "../type.ts";
import { array, bool, bytes, int16, int32, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("DescribeGroupsRequest", {
  groups: array(string),
  includeAuthorizedOperations: since(3, bool),
});

const describedGroupMember = struct("DescribedGroupMember", {
  memberId: string,
  groupInstanceId: since(4, nullableString),
  clientId: string,
  clientHost: string,
  memberMetadata: bytes,
  memberAssignment: bytes,
});

const describedGroup = struct("DescribedGroup", {
  errorCode: int16,
  errorMessage: since(6, nullableString),
  groupId: string,
  groupState: string,
  protocolType: string,
  protocolData: string,
  members: array(describedGroupMember),
  authorizedOperations: since(3, int32, -(2 ** 31)),
});

const response = struct("DescribeGroupsResponse", {
  throttleTimeMs: since(1, int32),
  groups: array(describedGroup),
});

export type DescribeGroupsRequest = ValueOf<typeof request>;
export type DescribeGroupsResponse = ValueOf<typeof response>;

export const describeGroups: Api<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: 15,
  name: "DescribeGroups",
  versions: { min: 0, max: 6 },
  flexibleFrom: 5,
  request,
  response,
};
