// DescribeClientQuotas: the quotas that a filter matches.

import type { ValueOf } from "../type.ts";
import { array, bool, float64, int8, int16, int32, nullableArray, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const componentData = struct("ComponentData", {
  entityType: string,
  matchType: int8,
  match: nullableString,
});

const request = struct("DescribeClientQuotasRequest", {
  components: array(componentData),
  strict: bool,
});

const entityData = struct("EntityData", {
  entityType: string,
  entityName: nullableString,
});

const valueData = struct("ValueData", {
  key: string,
  value: float64,
});

const entryData = struct("EntryData", {
  entity: array(entityData),
  values: array(valueData),
});

const response = struct("DescribeClientQuotasResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  entries: nullableArray(entryData),
});

export type DescribeClientQuotasRequest = ValueOf<typeof request>;
export type DescribeClientQuotasResponse = ValueOf<typeof response>;

export const describeClientQuotas: Api<DescribeClientQuotasRequest, DescribeClientQuotasResponse> = {
  key: 48,
  name: "DescribeClientQuotas",
  versions: { min: 0, max: 1 },
  flexibleFrom: 1,
  request,
  response,
};
