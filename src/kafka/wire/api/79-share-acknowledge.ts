// ShareAcknowledge: acquired records of a share group are acknowledged.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, int16, int32, int64, nullableString, since, string, struct, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const acknowledgementBatch = struct("AcknowledgementBatch", {
  firstOffset: int64,
  lastOffset: int64,
  acknowledgeTypes: array(int8),
});

const acknowledgePartition = struct("AcknowledgePartition", {
  partitionIndex: int32,
  acknowledgementBatches: array(acknowledgementBatch),
});

const acknowledgeTopic = struct("AcknowledgeTopic", {
  topicId: uuid,
  partitions: array(acknowledgePartition),
});

const request = struct("ShareAcknowledgeRequest", {
  groupId: nullableString,
  memberId: nullableString,
  shareSessionEpoch: int32,
  isRenewAck: since(2, bool),
  topics: array(acknowledgeTopic),
});

const leaderIdAndEpoch = struct("LeaderIdAndEpoch", {
  leaderId: int32,
  leaderEpoch: int32,
});

const partitionData = struct("PartitionData", {
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: nullableString,
  currentLeader: leaderIdAndEpoch,
});

const shareAcknowledgeTopicResponse = struct("ShareAcknowledgeTopicResponse", {
  topicId: uuid,
  partitions: array(partitionData),
});

const nodeEndpoint = struct("NodeEndpoint", {
  nodeId: int32,
  host: string,
  port: int32,
  rack: nullableString,
});

const response = struct("ShareAcknowledgeResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  acquisitionLockTimeoutMs: since(2, int32),
  responses: array(shareAcknowledgeTopicResponse),
  nodeEndpoints: array(nodeEndpoint),
});

export type ShareAcknowledgeRequest = ValueOf<typeof request>;
export type ShareAcknowledgeResponse = ValueOf<typeof response>;

export const shareAcknowledge: Api<ShareAcknowledgeRequest, ShareAcknowledgeResponse> = {
  key: 79,
  name: "ShareAcknowledge",
  versions: { min: 1, max: 2 },
  flexibleFrom: 0,
  request,
  response,
};
