// DeleteGroups (42), versions 0 to 2: groups that nobody is in go, with their offsets.
import { deleteGroups as api, type DeleteGroupsRequest, type DeleteGroupsResponse } from "../kafka/wire/api/42-delete-groups.ts";
import type { KafkaErrorName } from "../kafka/wire/errors.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { codeOf, mayUseGroup } from "./groups/asking.ts";

const deleted = async (groupId: string, context: RequestContext): Promise<KafkaErrorName> =>
  mayUseGroup(context, "delete", groupId) ? context.broker.groups.delete(groupId) : "GROUP_AUTHORIZATION_FAILED";

export const deleteGroups: BrokerApi<DeleteGroupsRequest, DeleteGroupsResponse> = {
  api,
  versions: api.versions,
  async handle({ groupsNames }, context) {
    const names = [...new Set(groupsNames)];
    const results = await Promise.all(names.map(async (groupId) => ({ groupId, errorCode: codeOf(await deleted(groupId, context)) })));
    return { throttleTimeMs: 0, results };
  },
  refuse: ({ groupsNames }, { code }) => ({ throttleTimeMs: 0, results: groupsNames.map((groupId) => ({ groupId, errorCode: code })) }),
};
