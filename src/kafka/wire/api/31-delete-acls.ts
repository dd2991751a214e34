// DeleteAcls: the access rules that filters match go, and are answered.

import type { ValueOf } from "../type.ts";
import { array, int8, int16, int32, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const deleteAclsFilter = struct("DeleteAclsFilter", {
  resourceTypeFilter: int8,
  resourceNameFilter: nullableString,
  patternTypeFilter: int8,
  principalFilter: nullableString,
  hostFilter: nullableString,
  operation: int8,
  permissionType: int8,
});

const request = struct("DeleteAclsRequest", {
  filters: array(deleteAclsFilter),
});

const deleteAclsMatchingAcl = struct("DeleteAclsMatchingAcl", {
  errorCode: int16,
  errorMessage: nullableString,
  resourceType: int8,
  resourceName: string,
  patternType: int8,
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
});

const deleteAclsFilterResult = struct("DeleteAclsFilterResult", {
  errorCode: int16,
  errorMessage: nullableString,
  matchingAcls: array(deleteAclsMatchingAcl),
});

const response = struct("DeleteAclsResponse", {
  throttleTimeMs: int32,
  filterResults: array(deleteAclsFilterResult),
});

export type DeleteAclsRequest = ValueOf<typeof request>;
export type DeleteAclsResponse = ValueOf<typeof response>;

export const deleteAcls: Api<DeleteAclsRequest, DeleteAclsResponse> = {
  key: 31,
  name: "DeleteAcls",
  versions: { min: 1, max: 3 },
  flexibleFrom: 2,
  request,
  response,
};
