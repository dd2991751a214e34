// ShareGroupDescribe: what a broker knows of share groups.

import type { ValueOf } from "../type.ts";
import { array, bool, int16, int32, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { describedAssignment } from "./group-assignments.ts";

const request = struct("ShareGroupDescribeRequest", {
  groupIds: array(string),
  includeAuthorizedOperations: bool,
});

const member = struct("Member", {
  memberId: string,
  rackId: nullableString,
  memberEpoch: int32,
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string),
  assignment: describedAssignment,
});

const describedGroup = struct("DescribedGroup", {
  errorCode: int16,
  errorMessage: nullableString,
  groupId: string,
  groupState: string,
  groupEpoch: int32,
  assignmentEpoch: int32,
  assignorName: string,
  members: array(member),
  authorizedOperations: int32,
});

const response = struct("ShareGroupDescribeResponse", {
  throttleTimeMs: int32,
  groups: array(describedGroup),
});

export type ShareGroupDescribeRequest = ValueOf<typeof request>;
export type ShareGroupDescribeResponse = ValueOf<typeof response>;

export const shareGroupDescribe: Api<ShareGroupDescribeRequest, ShareGroupDescribeResponse> = {
  key: 77,
  name: "ShareGroupDescribe",
  versions: { min: 1, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
