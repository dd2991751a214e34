// ListGroups (16), versions 0 to 5: all groups that the client may see, or those in some states and of some types.
import { listGroups as api, type ListGroupsRequest, type ListGroupsResponse } from "../kafka/wire/api/16-list-groups.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { CLUSTER } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { mayUseGroup } from "./groups/asking.ts";
import type { AnyGroup } from "./groups/expiry.ts";
import { CONSUMER_TYPE } from "./groups/member.ts";
import type { ShareGroup } from "./share/share-group.ts";

/** Of whatever protocol. */
type Listed = AnyGroup | ShareGroup;

const seen = (groups: readonly Listed[], context: RequestContext): readonly Listed[] =>
  context.broker.access.allows(context.client, "describe", CLUSTER)
    ? groups
    : groups.filter(({ id }) => mayUseGroup(context, "describe", id));

const protocolOf = (group: Listed): string => {
  if (group.type === "share") return group.type;
  return group.type === "consumer" ? CONSUMER_TYPE : (group.roster.protocolType ?? "");
};

const matches = (filter: readonly string[], value: string): boolean =>
  filter.length === 0 || filter.some((wanted) => wanted.toLowerCase() === value.toLowerCase());

export const listGroups: BrokerApi<ListGroupsRequest, ListGroupsResponse> = {
  api,
  versions: api.versions,
  handle({ statesFilter, typesFilter }, context) {
    const { groups: classic, shares } = context.broker;
    const groups = seen([...classic.all(), ...classic.consumers.all(), ...shares.all()], context)
      .filter(({ state, type }) => matches(statesFilter, state) && matches(typesFilter, type))
      .map((group) => ({
        groupId: group.id,
        protocolType: protocolOf(group),
        groupState: group.state,
        groupType: group.type,
      }));
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, groups };
  },
  refuse: (_request, { code }) => ({ throttleTimeMs: 0, errorCode: code, groups: [] }),
};
