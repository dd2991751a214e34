// ListConfigResources: the resources that have settings. Version 0 lists those of client metrics only.

import type { ValueOf } from "../type.ts";
import { array, int8, int16, int32, since, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("ListConfigResourcesRequest", {
  resourceTypes: since(1, array(int8)),
});

const configResource = struct("ConfigResource", {
  resourceName: string,
  resourceType: since(1, int8, 16),
});

const response = struct("ListConfigResourcesResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  configResources: array(configResource),
});

export type ListConfigResourcesRequest = ValueOf<typeof request>;
export type ListConfigResourcesResponse = ValueOf<typeof response>;

export const listConfigResources: Api<ListConfigResourcesRequest, ListConfigResourcesResponse> = {
  key: 74,
  name: "ListConfigResources",
  versions: { min: 0, max: 1 },
  flexibleFrom: 0,
  request,
  response,
};
