// EndTxn: a transaction is committed or aborted. From version 5 on the answer has the epoch of the next one (KIP-890).

import type { ValueOf } from "../type.ts";
import { bool, int16, int32, int64, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("EndTxnRequest", {
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  committed: bool,
});

const response = struct("EndTxnResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  producerId: since(5, int64, -1),
  producerEpoch: since(5, int16, -1),
});

export type EndTxnRequest = ValueOf<typeof request>;
export type EndTxnResponse = ValueOf<typeof response>;

export const endTxn: Api<EndTxnRequest, EndTxnResponse> = {
  key: 26,
  name: "EndTxn",
  versions: { min: 0, max: 5 },
  flexibleFrom: 3,
  request,
  response,
};
