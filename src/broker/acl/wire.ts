// Access rules and filters as requests and responses have them.
import type { CreateAclsRequest } from "../../kafka/wire/api/30-create-acls.ts";
import type { DeleteAclsRequest, DeleteAclsResponse } from "../../kafka/wire/api/31-delete-acls.ts";
import { ErrorCode } from "../../kafka/wire/errors.ts";
import { BrokerError } from "../broker-error.ts";
import { type Acl, type AclFilter, CLUSTER_NAME } from "./acl.ts";
import * as codes from "./codes.ts";

type Creation = CreateAclsRequest["creations"][number];
type Filter = DeleteAclsRequest["filters"][number];
type Matching = DeleteAclsResponse["filterResults"][number]["matchingAcls"][number];

const PRINCIPAL = /^[^:]+:/;

const invalid = (message: string): BrokerError => new BrokerError("INVALID_REQUEST", message);

/** Throws a BrokerError where it is no rule. */
export const aclOf = ({ resourceName, principal, host, ...coded }: Creation): Acl => {
  const resourceType = codes.resourceTypeOf(coded.resourceType);
  const patternType = codes.patternTypeOf(coded.resourcePatternType);
  const operation = codes.operationOf(coded.operation);
  const permission = codes.permissionOf(coded.permissionType);
  if (resourceType === "cluster" && resourceName !== CLUSTER_NAME)
    throw invalid(`The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`);
  if (resourceName === "") throw invalid("Invalid empty resource name");
  if (!codes.isResourceType(resourceType)) throw invalid(`Invalid resourceType ${resourceType}`);
  if (!codes.isPatternType(patternType)) throw invalid(`Invalid patternType ${patternType}`);
  if (!codes.isOperation(operation)) throw invalid(`Invalid operation ${operation}`);
  if (!codes.isPermission(permission)) throw invalid(`Invalid permissionType ${permission}`);
  if (!PRINCIPAL.test(principal)) throw invalid(`Invalid principal ${principal}: a kind, a colon and a name are wanted`);
  return { resourceType, resourceName, patternType, principal, host, operation, permission };
};

/** Of the fields that a Describe and each filter of a Delete have alike. */
export const filterOf = (of: Filter): AclFilter => ({
  resourceType: codes.resourceTypeOf(of.resourceTypeFilter),
  resourceName: of.resourceNameFilter,
  patternType: codes.patternTypeOf(of.patternTypeFilter),
  principal: of.principalFilter,
  host: of.hostFilter,
  operation: codes.operationOf(of.operation),
  permission: codes.permissionOf(of.permissionType),
});

/** A rule that a filter has found. */
export const matching = ({ resourceName, principal, host, ...words }: Acl): Matching => ({
  errorCode: ErrorCode.NONE,
  errorMessage: null,
  resourceType: codes.resourceTypeCode(words.resourceType),
  resourceName,
  patternType: codes.patternTypeCode(words.patternType),
  principal,
  host,
  operation: codes.operationCode(words.operation),
  permissionType: codes.permissionCode(words.permission),
});
