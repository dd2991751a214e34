// ShareGroupDescribe (77), version 1: share groups, with the partitions that their members read from.
import {
  shareGroupDescribe as api,
  type ShareGroupDescribeRequest,
  type ShareGroupDescribeResponse,
} from "../kafka/wire/api/77-share-group-describe.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { authorizedOperations, NOT_ASKED } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { mayDescribeTopic, mayUseGroup, toldAssignment } from "./groups/asking.ts";
import type { ShareGroup, ShareMember } from "./share/share-group.ts";

type Described = ShareGroupDescribeResponse["groups"][number];

const blank = (groupId: string, errorCode: number, errorMessage: string | null = null): Described => ({
  ...{ errorCode, errorMessage, groupId, groupState: "", groupEpoch: 0, assignmentEpoch: 0, assignorName: "", members: [] },
  authorizedOperations: NOT_ASKED,
});

const memberOf = (member: ShareMember, group: ShareGroup, context: RequestContext): Described["members"][number] => ({
  memberId: member.id,
  rackId: member.rackId,
  memberEpoch: member.epoch,
  clientId: member.clientId,
  clientHost: member.clientHost,
  subscribedTopicNames: [...member.topics].sort(),
  assignment: toldAssignment(group.targetOf(member.id), context),
});

const described = (groupId: string, context: RequestContext): Described => {
  if (!mayUseGroup(context, "describe", groupId)) return blank(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED);
  const group = context.broker.shares.get(groupId);
  if (!group) return blank(groupId, ErrorCode.GROUP_ID_NOT_FOUND, `there is no share group '${groupId}'`);
  const sees = mayDescribeTopic(context);
  if (group.members().some(({ topics }) => !topics.every(sees))) return blank(groupId, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  return {
    ...blank(groupId, ErrorCode.NONE),
    groupState: group.state,
    groupEpoch: group.epoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: group.assignor,
    members: group.members().map((member) => memberOf(member, group, context)),
  };
};

export const shareGroupDescribe: BrokerApi<ShareGroupDescribeRequest, ShareGroupDescribeResponse> = {
  api,
  versions: api.versions,
  handle({ groupIds, includeAuthorizedOperations }, context) {
    const { access } = context.broker;
    const groups = groupIds.map((groupId) => {
      const group = described(groupId, context);
      if (!includeAuthorizedOperations || group.errorCode !== ErrorCode.NONE) return group;
      return { ...group, authorizedOperations: authorizedOperations(access, context.client, { type: "group", name: groupId }) };
    });
    return { throttleTimeMs: 0, groups };
  },
  refuse: ({ groupIds }, { code, message }) => ({ throttleTimeMs: 0, groups: groupIds.map((groupId) => blank(groupId, code, message)) }),
};
