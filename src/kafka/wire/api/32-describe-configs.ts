// DescribeConfigs: the settings of topics, brokers and other resources.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, int16, int32, nullableArray, nullableString, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const describeConfigsResource = struct("DescribeConfigsResource", {
  resourceType: int8,
  resourceName: string,
  configurationKeys: nullableArray(string),
});

const request = struct("DescribeConfigsRequest", {
  resources: array(describeConfigsResource),
  includeSynonyms: bool,
  includeDocumentation: since(3, bool),
});

const describeConfigsSynonym = struct("DescribeConfigsSynonym", {
  name: string,
  value: nullableString,
  source: int8,
});

const describeConfigsResourceResult = struct("DescribeConfigsResourceResult", {
  name: string,
  value: nullableString,
  readOnly: bool,
  configSource: int8,
  isSensitive: bool,
  synonyms: array(describeConfigsSynonym),
  configType: since(3, int8),
  documentation: since(3, nullableString, ""),
});

const describeConfigsResult = struct("DescribeConfigsResult", {
  errorCode: int16,
  errorMessage: nullableString,
  resourceType: int8,
  resourceName: string,
  configs: array(describeConfigsResourceResult),
});

const response = struct("DescribeConfigsResponse", {
  throttleTimeMs: int32,
  results: array(describeConfigsResult),
});

export type DescribeConfigsRequest = ValueOf<typeof request>;
export type DescribeConfigsResponse = ValueOf<typeof response>;

export const describeConfigs: Api<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: "DescribeConfigs",
  versions: { min: 1, max: 4 },
  flexibleFrom: 4,
  request,
  response,
};
