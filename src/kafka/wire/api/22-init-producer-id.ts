// InitProducerId: a producer's id and epoch, for one that is idempotent or transactional. Apache Kafka 4.3.1 keeps version 6 (two-phase
// commit) to itself unless it is told otherwise.

import type { ValueOf } from "../type.ts";
import { bool, int16, int32, int64, nullableString, since, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("InitProducerIdRequest", {
  transactionalId: nullableString,
  transactionTimeoutMs: int32,
  producerId: since(3, int64, -1),
  producerEpoch: since(3, int16, -1),
  enable2Pc: since(6, bool),
  keepPreparedTxn: since(6, bool),
});

const response = struct("InitProducerIdResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  producerId: int64,
  producerEpoch: int16,
  ongoingTxnProducerId: since(6, int64, -1),
  ongoingTxnProducerEpoch: since(6, int16, -1),
});

export type InitProducerIdRequest = ValueOf<typeof request>;
export type InitProducerIdResponse = ValueOf<typeof response>;

export const initProducerId: Api<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: "InitProducerId",
  versions: { min: 0, max: 6 },
  flexibleFrom: 2,
  request,
  response,
};
