// CreateAcls: new access rules.

import type { ValueOf } from "../type.ts";
import { array, int8, int16, int32, nullableString, string, struct } from "../type.ts";
import type { Api } from "./api.ts";

const aclCreation = struct("AclCreation", {
  resourceType: int8,
  resourceName: string,
  resourcePatternType: int8,
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
});

const request = struct("CreateAclsRequest", {
  creations: array(aclCreation),
});

const aclCreationResult = struct("AclCreationResult", {
  errorCode: int16,
  errorMessage: nullableString,
});

const response = struct("CreateAclsResponse", {
  throttleTimeMs: int32,
  results: array(aclCreationResult),
});

export type CreateAclsRequest = ValueOf<typeof request>;
export type CreateAclsResponse = ValueOf<typeof response>;

export const createAcls: Api<CreateAclsRequest, CreateAclsResponse> = {
  key: 30,
  name: "CreateAcls",
  versions: { min: 1, max: 3 },
  flexibleFrom: 2,
  request,
  response,
};
