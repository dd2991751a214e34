// Fetch: record batches from an offset of partitions on. A response's batches are written as pieces, without copying them; before
// version 13 topics go by name, from then on by id.

import type { ValueOf } from "../type.ts";
import {
  always,
  array,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableRecordPieces,
  nullableString,
  since,
  string,
  struct,
  tagged,
  upTo,
  uuid,
} from "../type.ts";
import type { Api } from "./api.ts";

const replicaState = struct("ReplicaState", {
  replicaId: always(int32, -1),
  replicaEpoch: always(int64, -1),
});

const fetchPartition = struct("FetchPartition", {
  partition: int32,
  currentLeaderEpoch: since(9, int32, -1),
  fetchOffset: int64,
  lastFetchedEpoch: since(12, int32, -1),
  logStartOffset: since(5, int64, -1),
  partitionMaxBytes: int32,
  replicaDirectoryId: tagged([0, 17], uuid),
  highWatermark: tagged([1, 18], int64, 2 ** 63),
});

const fetchTopic = struct("FetchTopic", {
  topic: upTo(12, string),
  topicId: since(13, uuid),
  partitions: array(fetchPartition),
});

const forgottenTopic = struct("ForgottenTopic", {
  topic: upTo(12, string),
  topicId: since(13, uuid),
  partitions: array(int32),
});

const request = struct("FetchRequest", {
  clusterId: tagged([0, 12], nullableString),
  replicaId: upTo(14, int32, -1),
  replicaState: tagged([1, 15], replicaState),
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32,
  isolationLevel: int8,
  sessionId: since(7, int32),
  sessionEpoch: since(7, int32, -1),
  topics: array(fetchTopic),
  forgottenTopicsData: since(7, array(forgottenTopic)),
  rackId: since(11, string),
});

const epochEndOffset = struct("EpochEndOffset", {
  epoch: always(int32, -1),
  endOffset: always(int64, -1),
});

const leaderIdAndEpoch = struct("LeaderIdAndEpoch", {
  leaderId: always(int32, -1),
  leaderEpoch: always(int32, -1),
});

const snapshotId = struct("SnapshotId", {
  endOffset: always(int64, -1),
  epoch: always(int32, -1),
});

const abortedTransaction = struct("AbortedTransaction", {
  producerId: int64,
  firstOffset: int64,
});

const partitionData = struct("PartitionData", {
  partitionIndex: int32,
  errorCode: int16,
  highWatermark: int64,
  lastStableOffset: int64,
  logStartOffset: since(5, int64, -1),
  divergingEpoch: tagged([0, 12], epochEndOffset),
  currentLeader: tagged([1, 12], leaderIdAndEpoch),
  snapshotId: tagged([2, 12], snapshotId),
  abortedTransactions: nullableArray(abortedTransaction),
  preferredReadReplica: since(11, int32, -1),
  records: nullableRecordPieces,
});

const fetchableTopicResponse = struct("FetchableTopicResponse", {
  topic: upTo(12, string),
  topicId: since(13, uuid),
  partitions: array(partitionData),
});

const nodeEndpoint = struct("NodeEndpoint", {
  nodeId: int32,
  host: string,
  port: int32,
  rack: nullableString,
});

const response = struct("FetchResponse", {
  throttleTimeMs: int32,
  errorCode: since(7, int16),
  sessionId: since(7, int32),
  responses: array(fetchableTopicResponse),
  nodeEndpoints: tagged([0, 16], array(nodeEndpoint)),
});

export type FetchRequest = ValueOf<typeof request>;
export type FetchResponse = ValueOf<typeof response>;

export const fetch: Api<FetchRequest, FetchResponse> = {
  key: 1,
  name: "Fetch",
  versions: { min: 4, max: 18 },
  flexibleFrom: 12,
  request,
  response,
};
