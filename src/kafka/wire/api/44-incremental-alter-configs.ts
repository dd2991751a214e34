// IncrementalAlterConfigs: single settings of resources are set, deleted, added to or taken from.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, nullableString, string, struct } from "../type.ts";
import { alteredResources } from "./altered-resource.ts";
import type { Api } from "./api.ts";

const alterableConfig = struct("AlterableConfig", {
  name: string,
  configOperation: int8,
  value: nullableString,
});

const alterConfigsResource = struct("AlterConfigsResource", {
  resourceType: int8,
  resourceName: string,
  configs: array(alterableConfig),
});

const request = struct("IncrementalAlterConfigsRequest", {
  resources: array(alterConfigsResource),
  validateOnly: bool,
});

const response = struct("IncrementalAlterConfigsResponse", alteredResources);

export type IncrementalAlterConfigsRequest = ValueOf<typeof request>;
export type IncrementalAlterConfigsResponse = ValueOf<typeof response>;

export const incrementalAlterConfigs: Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> = {
  key: 44,
  name: "IncrementalAlterConfigs",
  versions: { min: 0, max: 1 },
  flexibleFrom: 1,
  request,
  response,
};
