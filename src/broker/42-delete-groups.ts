// DeleteGroups (42), versions 0 to 2: groups that nobody is in go, with their offsets.
import { deleteGroups as api, type DeleteGroupsRequest, type DeleteGroupsResponse } from "../kafka/wire/api/42-delete-groups.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { BrokerError } from "./broker-error.ts";
import { codeOf, mayUseGroup } from "./groups/asking.ts";
import type { ShareGroups } from "./share/share-groups.ts";

/** The code of what came of it. */
const deleted = async (groupId: string, context: RequestContext): Promise<number> => {
  const { groups, shares } = context.broker;
  if (!mayUseGroup(context, "delete", groupId)) return ErrorCode.GROUP_AUTHORIZATION_FAILED;
  return shares.get(groupId) ? deletedShare(groupId, shares) : codeOf(await groups.delete(groupId));
};

const deletedShare = async (groupId: string, shares: ShareGroups): Promise<number> => {
  try {
    await shares.delete(groupId);
    return ErrorCode.NONE;
  } catch (reason) {
    if (reason instanceof BrokerError) return reason.code;
    throw reason;
  }
};

export const deleteGroups: BrokerApi<DeleteGroupsRequest, DeleteGroupsResponse> = {
  api,
  versions: api.versions,
  async handle({ groupsNames }, context) {
    const names = [...new Set(groupsNames)];
    const results = await Promise.all(names.map(async (groupId) => ({ groupId, errorCode: await deleted(groupId, context) })));
    return { throttleTimeMs: 0, results };
  },
  refuse: ({ groupsNames }, { code }) => ({ throttleTimeMs: 0, results: groupsNames.map((groupId) => ({ groupId, errorCode: code })) }),
};
