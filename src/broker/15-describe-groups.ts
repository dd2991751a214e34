// DescribeGroups (15), versions 0 to 6: state, protocol and members of classic groups. What members said and were given is told of a
// stable group alone.

import { EMPTY } from "../core/bytes.ts";
import { describeGroups as api, type DescribeGroupsRequest, type DescribeGroupsResponse } from "../kafka/wire/api/15-describe-groups.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { authorizedOperations, NOT_ASKED } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { mayUseGroup } from "./groups/asking.ts";
import type { ClassicGroup } from "./groups/classic-group.ts";
import { type Member, metadataFor } from "./groups/member.ts";

type Described = DescribeGroupsResponse["groups"][number];

/** From which version a group that is not there is told as such; before, it is a dead one. */
const NOT_FOUND_FROM = 6;

const blank = (groupId: string, errorCode: number, errorMessage: string | null = null): Described => ({
  errorCode,
  errorMessage,
  groupId,
  groupState: "",
  protocolType: "",
  protocolData: "",
  members: [],
  authorizedOperations: NOT_ASKED,
});

const memberOf = (member: Member, { state, protocol }: ClassicGroup): Described["members"][number] => ({
  memberId: member.id,
  groupInstanceId: member.instanceId,
  clientId: member.clientId,
  clientHost: member.clientHost,
  memberMetadata: (state === "Stable" && metadataFor(member, protocol)) || EMPTY,
  memberAssignment: state === "Stable" ? member.assignment : EMPTY,
});

const described = (groupId: string, context: RequestContext): Described => {
  if (!mayUseGroup(context, "describe", groupId)) return blank(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED);
  const group = context.broker.groups.get(groupId);
  if (!group) {
    const isTold = context.version >= NOT_FOUND_FROM;
    const missing = blank(
      groupId,
      isTold ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
      isTold ? `there is no group '${groupId}'` : null,
    );
    return { ...missing, groupState: "Dead" };
  }
  return {
    ...blank(groupId, ErrorCode.NONE),
    groupState: group.state,
    protocolType: group.roster.protocolType ?? "",
    protocolData: group.state === "Stable" ? (group.protocol ?? "") : "",
    members: group.roster.all().map((member) => memberOf(member, group)),
  };
};

export const describeGroups: BrokerApi<DescribeGroupsRequest, DescribeGroupsResponse> = {
  api,
  versions: api.versions,
  handle({ groups, includeAuthorizedOperations }, context) {
    const { access } = context.broker;
    const told = groups.map((groupId) => {
      const group = described(groupId, context);
      if (!includeAuthorizedOperations || group.errorCode !== ErrorCode.NONE) return group;
      return { ...group, authorizedOperations: authorizedOperations(access, context.client, { type: "group", name: groupId }) };
    });
    return { throttleTimeMs: 0, groups: told };
  },
  refuse: ({ groups }, { code, message }) => ({ throttleTimeMs: 0, groups: groups.map((groupId) => blank(groupId, code, message)) }),
};
