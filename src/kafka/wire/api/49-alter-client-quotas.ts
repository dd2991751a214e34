// AlterClientQuotas: quotas are set and removed.

import type { ValueOf } from "../type.ts";
import { array, bool, float64, int16, int32, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const entityData = struct("EntityData", {
  entityType: string,
  entityName: nullableString,
});

const opData = struct("OpData", {
  key: string,
  value: float64,
  remove: bool,
});

const askedEntryData = struct("EntryData", {
  entity: array(entityData),
  ops: array(opData),
});

const request = struct("AlterClientQuotasRequest", {
  entries: array(askedEntryData),
  validateOnly: bool,
});

const answeredEntryData = struct("EntryData", {
  errorCode: int16,
  errorMessage: nullableString,
  entity: array(entityData),
});

const response = struct("AlterClientQuotasResponse", {
  throttleTimeMs: int32,
  entries: array(answeredEntryData),
});

export type AlterClientQuotasRequest = ValueOf<typeof request>;
export type AlterClientQuotasResponse = ValueOf<typeof response>;

export const alterClientQuotas: Api<AlterClientQuotasRequest, AlterClientQuotasResponse> = {
  key: 49,
  name: "AlterClientQuotas",
  versions: { min: 0, max: 1 },
  flexibleFrom: 1,
  request,
  response,
};
