// ListTransactions: the transactions a coordinator knows, by state, producer, age and, from version 2 on, pattern.

import type { ValueOf } from "../type.ts";
import { array, int16, int32, int64, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("ListTransactionsRequest", {
  stateFilters: array(string),
  producerIdFilters: array(int64),
  durationFilter: since(1, int64, -1),
  transactionalIdPattern: since(2, nullableString),
});

const transactionState = struct("TransactionState", {
  transactionalId: string,
  producerId: int64,
  transactionState: string,
});

const response = struct("ListTransactionsResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  unknownStateFilters: array(string),
  transactionStates: array(transactionState),
});

export type ListTransactionsRequest = ValueOf<typeof request>;
export type ListTransactionsResponse = ValueOf<typeof response>;

export const listTransactions: Api<ListTransactionsRequest, ListTransactionsResponse> = {
  key: 66,
  name: "ListTransactions",
  versions: { min: 0, max: 2 },
  flexibleFrom: 0,
  request,
  response,
};
