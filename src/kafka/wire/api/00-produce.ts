// Produce: record batches for the end of partitions. The batches are raw bytes in both directions; before version 13 topics go by name,
// from then on by id.

import type { ValueOf } from "../type.ts";
import { always, array, int16, int32, int64, nullableString, records, since, string, struct, tagged, upTo, uuid } from "../type.ts";
import type { Api } from "./api.ts";

const partitionProduceData = struct("PartitionProduceData", {
  index: int32,
  records,
});

const topicProduceData = struct("TopicProduceData", {
  name: upTo(12, string),
  topicId: since(13, uuid),
  partitionData: array(partitionProduceData),
});

const request = struct("ProduceRequest", {
  transactionalId: nullableString,
  acks: int16,
  timeoutMs: int32,
  topicData: array(topicProduceData),
});

const batchIndexAndErrorMessage = struct("BatchIndexAndErrorMessage", {
  batchIndex: int32,
  batchIndexErrorMessage: nullableString,
});

const leaderIdAndEpoch = struct("LeaderIdAndEpoch", {
  leaderId: always(int32, -1),
  leaderEpoch: always(int32, -1),
});

const partitionProduceResponse = struct("PartitionProduceResponse", {
  index: int32,
  errorCode: int16,
  baseOffset: int64,
  logAppendTimeMs: int64,
  logStartOffset: since(5, int64, -1),
  recordErrors: since(8, array(batchIndexAndErrorMessage)),
  errorMessage: since(8, nullableString),
  currentLeader: tagged([0, 10], leaderIdAndEpoch),
});

const topicProduceResponse = struct("TopicProduceResponse", {
  name: upTo(12, string),
  topicId: since(13, uuid),
  partitionResponses: array(partitionProduceResponse),
});

const nodeEndpoint = struct("NodeEndpoint", {
  nodeId: int32,
  host: string,
  port: int32,
  rack: nullableString,
});

const response = struct("ProduceResponse", {
  responses: array(topicProduceResponse),
  throttleTimeMs: int32,
  nodeEndpoints: tagged([0, 10], array(nodeEndpoint)),
});

export type ProduceRequest = ValueOf<typeof request>;
export type ProduceResponse = ValueOf<typeof response>;

export const produce: Api<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: "Produce",
  versions: { min: 3, max: 13 },
  flexibleFrom: 9,
  request,
  response,
};
