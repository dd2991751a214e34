// DescribeAcls: the access rules that a filter matches.

import type { ValueOf } from "../type.ts";
import { array, int8, int16, int32, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const request = struct("DescribeAclsRequest", {
  resourceTypeFilter: int8,
  resourceNameFilter: nullableString,
  patternTypeFilter: int8,
  principalFilter: nullableString,
  hostFilter: nullableString,
  operation: int8,
  permissionType: int8,
});

const aclDescription = struct("AclDescription", {
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
});

const describeAclsResource = struct("DescribeAclsResource", {
  resourceType: int8,
  resourceName: string,
  patternType: int8,
  acls: array(aclDescription),
});

const response = struct("DescribeAclsResponse", {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  resources: array(describeAclsResource),
});

export type DescribeAclsRequest = ValueOf<typeof request>;
export type DescribeAclsResponse = ValueOf<typeof response>;

export const describeAcls: Api<DescribeAclsRequest, DescribeAclsResponse> = {
  key: 29,
  name: "DescribeAcls",
  versions: { min: 1, max: 3 },
  flexibleFrom: 2,
  request,
  response,
};
