// ConsumerGroupDescribe: what a broker knows of groups of the new protocol.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, int16, int32, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { describedAssignment } from "./group-assignments.ts";

const request = struct("ConsumerGroupDescribeRequest", {
  groupIds: array(string),
  includeAuthorizedOperations: bool,
});

const member = struct("Member", {
  memberId: string,
  instanceId: nullableString,
  rackId: nullableString,
  memberEpoch: int32,
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string),
  subscribedTopicRegex: nullableString,
  assignment: describedAssignment,
  targetAssignment: describedAssignment,
  memberType: since(1, int8, -1),
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

const response = struct("ConsumerGroupDescribeResponse", {
  throttleTimeMs: int32,
  groups: array(describedGroup),
});

export type ConsumerGroupDescribeRequest = ValueOf<typeof request>;
export type ConsumerGroupDescribeResponse = ValueOf<typeof response>;

export const consumerGroupDescribe: Api<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
  key: 69,
  name: "ConsumerGroupDescribe",
  versions: { min: 0, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
