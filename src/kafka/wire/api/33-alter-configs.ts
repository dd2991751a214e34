// AlterConfigs: the settings of resources are replaced as a whole.

import type { ValueOf } from "../type.ts";
import { array, bool, int8, nullableString, string, struct } from "../type.ts";
import { alteredResources } from "./altered-resource.ts";
import type { Api } from "./api.ts";

const alterableConfig = struct("AlterableConfig", {
  name: string,
  value: nullableString,
});

const alterConfigsResource = struct("AlterConfigsResource", {
  resourceType: int8,
  resourceName: string,
  configs: array(alterableConfig),
});

const request = struct("AlterConfigsRequest", {
  resources: array(alterConfigsResource),
  validateOnly: bool,
});

const response = struct("AlterConfigsResponse", alteredResources);

export type AlterConfigsRequest = ValueOf<typeof request>;
export type AlterConfigsResponse = ValueOf<typeof response>;

export const alterConfigs: Api<AlterConfigsRequest, AlterConfigsResponse> = {
  key: 33,
  name: "AlterConfigs",
  versions: { min: 0, max: 2 },
  flexibleFrom: 2,
  request,
  response,
};
