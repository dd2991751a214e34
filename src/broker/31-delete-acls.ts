// DeleteAcls (31), versions 1 to 3: the rules that filters find are told and gone.
import { deleteAcls as api, type DeleteAclsRequest, type DeleteAclsResponse } from "../kafka/wire/api/31-delete-acls.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { aclsFor } from "./acl/asked.ts";
import { filterOf, matching } from "./acl/wire.ts";
import type { BrokerApi } from "./api.ts";
import { BrokerError } from "./broker-error.ts";

export const deleteAcls: BrokerApi<DeleteAclsRequest, DeleteAclsResponse> = {
  api,
  versions: { min: 1, max: 3 },
  async handle({ filters }, context) {
    const results = await aclsFor(context, "alter").delete(filters.map(filterOf));
    const filterResults = results.map((one) =>
      one instanceof BrokerError
        ? { errorCode: one.code, errorMessage: one.message, matchingAcls: [] }
        : { errorCode: ErrorCode.NONE, errorMessage: null, matchingAcls: one.map(matching) },
    );
    return { throttleTimeMs: 0, filterResults };
  },
  refuse: ({ filters }, { code, message }) => ({
    throttleTimeMs: 0,
    filterResults: filters.map(() => ({ errorCode: code, errorMessage: message, matchingAcls: [] })),
  }),
};
