// ConsumerGroupHeartbeat: a member of a group of the new protocol lives, says what it has, and hears what it shall have (KIP-848).

import type { ValueOf } from "../type.ts";
import { int16, int32, nullableArray, nullableString, nullableStruct, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";
import { assignment, topicPartitions } from "./group-assignments.ts";

const request = struct("ConsumerGroupHeartbeatRequest", {
  groupId: string,
  memberId: string,
  memberEpoch: int32,
  instanceId: nullableString,
  rackId: nullableString,
  rebalanceTimeoutMs: int32,
  subscribedTopicNames: nullableArray(string),
  subscribedTopicRegex: since(1, nullableString),
  serverAssignor: nullableString,
  topicPartitions: nullableArray(topicPartitions),
});

const response = struct("ConsumerGroupHeartbeatResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  memberId: nullableString,
  memberEpoch: int32,
  heartbeatIntervalMs: int32,
  assignment: nullableStruct(assignment),
});

export type ConsumerGroupHeartbeatRequest = ValueOf<typeof request>;
export type ConsumerGroupHeartbeatResponse = ValueOf<typeof response>;

export const consumerGroupHeartbeat: Api<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> = {
  key: 68,
  name: "ConsumerGroupHeartbeat",
  versions: { min: 0, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
