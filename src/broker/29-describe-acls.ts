// DescribeAcls (29), versions 1 to 3: the access rules that a filter finds, by resource.
import { describeAcls as api, type DescribeAclsRequest, type DescribeAclsResponse } from "../kafka/wire/api/29-describe-acls.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { Acl } from "./acl/acl.ts";
import { aclsFor } from "./acl/asked.ts";
import { filterOf, matching } from "./acl/wire.ts";
import type { BrokerApi } from "./api.ts";

type Resources = DescribeAclsResponse["resources"];

const byResource = (acls: readonly Acl[]): Resources => {
  const resources = Map.groupBy(acls.map(matching), (acl) => JSON.stringify([acl.resourceType, acl.patternType, acl.resourceName]));
  return [...resources.values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const { resourceType, resourceName, patternType } = first;
    const rules = of.map(({ principal, host, operation, permissionType }) => ({ principal, host, operation, permissionType }));
    return [{ resourceType, resourceName, patternType, acls: rules }];
  });
};

export const describeAcls: BrokerApi<DescribeAclsRequest, DescribeAclsResponse> = {
  api,
  versions: { min: 1, max: 3 },
  handle(request, context) {
    const resources = byResource(aclsFor(context, "describe").find(filterOf(request)));
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: "", resources };
  },
  refuse: (_request, { code, message }) => ({ throttleTimeMs: 0, errorCode: code, errorMessage: message, resources: [] }),
};
