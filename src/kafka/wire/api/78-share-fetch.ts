// ShareFetch: records of a share group's partitions are acquired, and earlier ones acknowledged.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, int16, int32, int64, nullableString, recordPieces, since, string, struct, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const acknowledgementBatch = struct("AcknowledgementBatch", {
  firstOffset: int64,
  lastOffset: int64,
  acknowledgeTypes: array(int8),
});

const fetchPartition = struct("FetchPartition", {
  partitionIndex: int32,
  acknowledgementBatches: array(acknowledgementBatch),
});

const fetchTopic = struct("FetchTopic", {
  topicId: uuid,
  partitions: array(fetchPartition),
});

const forgottenTopic = struct("ForgottenTopic", {
  topicId: uuid,
  partitions: array(int32),
});

const request = struct("ShareFetchRequest", {
  groupId: nullableString,
  memberId: nullableString,
  shareSessionEpoch: int32,
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32,
  maxRecords: int32,
  batchSize: int32,
  shareAcquireMode: since(2, int8),
  isRenewAck: since(2, bool),
  topics: array(fetchTopic),
  forgottenTopicsData: array(forgottenTopic),
});

const leaderIdAndEpoch = struct("LeaderIdAndEpoch", {
  leaderId: int32,
  leaderEpoch: int32,
});

const acquiredRecords = struct("AcquiredRecords", {
  firstOffset: int64,
  lastOffset: int64,
  deliveryCount: int16,
});

const partitionData = struct("PartitionData", {
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: nullableString,
  acknowledgeErrorCode: int16,
  acknowledgeErrorMessage: nullableString,
  currentLeader: leaderIdAndEpoch,
  records: recordPieces,
  acquiredRecords: array(acquiredRecords),
});

const shareFetchableTopicResponse = struct("ShareFetchableTopicResponse", {
  topicId: uuid,
  partitions: array(partitionData),
});

const nodeEndpoint = struct("NodeEndpoint", {
  nodeId: int32,
  host: string,
  port: int32,
  rack: nullableString,
});

const response = struct("ShareFetchResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  acquisitionLockTimeoutMs: int32,
  responses: array(shareFetchableTopicResponse),
  nodeEndpoints: array(nodeEndpoint),
});

export type ShareFetchRequest = ValueOf<typeof request>;
export type ShareFetchResponse = ValueOf<typeof response>;

export const shareFetch: Api<ShareFetchRequest, ShareFetchResponse> = {
  key: 78,
  name: "ShareFetch",
  versions: { min: 1, max: 2 },
  flexibleFrom: 0,
  request,
  response,
};
