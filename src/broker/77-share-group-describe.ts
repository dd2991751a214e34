// ShareGroupDescribe (77), version 1: share groups, with the partitions that their members read from.
import {
  shareGroupDescribe as api,
  type ShareGroupDescribeRequest,
  type ShareGroupDescribeResponse,
} from "../kafka/wire/api/77-share-group-describe.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { toldAssignment } from "./groups/asking.ts";
import { blankGroup, describedGroups } from "./groups/describing.ts";
import type { ShareGroup, ShareMember } from "./share/share-group.ts";

type Described = ShareGroupDescribeResponse["groups"][number];

const memberOf = (member: ShareMember, group: ShareGroup, context: RequestContext): Described["members"][number] => ({
  memberId: member.id,
  rackId: member.rackId,
  memberEpoch: member.epoch,
  clientId: member.clientId,
  clientHost: member.clientHost,
  subscribedTopicNames: [...member.topics].sort(),
  assignment: toldAssignment(group.targetOf(member.id), context),
});

export const shareGroupDescribe: BrokerApi<ShareGroupDescribeRequest, ShareGroupDescribeResponse> = {
  api,
  versions: api.versions,
  handle: (request, context) => ({
    throttleTimeMs: 0,
    groups: describedGroups(request, context, {
      kind: "share",
      find: (groupId) => context.broker.shares.get(groupId),
      memberOf: (member: ShareMember, group: ShareGroup) => memberOf(member, group, context),
    }),
  }),
  refuse: ({ groupIds }, { code, message }) => ({
    throttleTimeMs: 0,
    groups: groupIds.map((groupId) => blankGroup(groupId, code, message)),
  }),
};
