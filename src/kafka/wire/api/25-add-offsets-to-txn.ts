// AddOffsetsToTxn: a transaction is about to commit a group's offsets.

import type { ValueOf } from "../type.ts";
import { int16, int32, int64, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("AddOffsetsToTxnRequest", {
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  groupId: string,
});

const response = struct("AddOffsetsToTxnResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
});

export type AddOffsetsToTxnRequest = ValueOf<typeof request>;
export type AddOffsetsToTxnResponse = ValueOf<typeof response>;

export const addOffsetsToTxn: Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  key: 25,
  name: "AddOffsetsToTxn",
  versions: { min: 0, max: 4 },
  flexibleFrom: 3,
  request,
  response,
};
