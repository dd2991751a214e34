// ConsumerGroupDescribe (69), versions 0 and 1: groups of the consumer protocol, with what their members have and shall have.
import {
  consumerGroupDescribe as api,
  type ConsumerGroupDescribeRequest,
  type ConsumerGroupDescribeResponse,
} from "../kafka/wire/api/69-consumer-group-describe.ts";
import { ErrorCode } from "../kafka/wire/errors.ts";
import { authorizedOperations, NOT_ASKED } from "./access.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { mayDescribeTopic, mayUseGroup, toldAssignment } from "./groups/asking.ts";
import type { ConsumerGroup } from "./groups/consumer-group.ts";
import { type ConsumerMember, merged } from "./groups/consumer-member.ts";

type Described = ConsumerGroupDescribeResponse["groups"][number];
type DescribedMember = Described["members"][number];

/** Which protocol a member speaks. */
const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

const blank = (groupId: string, errorCode: number, errorMessage: string | null = null): Described => ({
  ...{ errorCode, errorMessage, groupId, groupState: "", groupEpoch: 0, assignmentEpoch: 0, assignorName: "", members: [] },
  authorizedOperations: NOT_ASKED,
});

const memberOf = (member: ConsumerMember, group: ConsumerGroup, context: RequestContext): DescribedMember => ({
  memberId: member.id,
  instanceId: member.instanceId,
  rackId: member.rackId,
  memberEpoch: member.epoch,
  clientId: member.clientId,
  clientHost: member.clientHost,
  subscribedTopicNames: [...member.topics].sort(),
  subscribedTopicRegex: member.regex,
  // What is still to be let go of is still the member's.
  assignment: toldAssignment(merged(member.assigned, member.revoking), context),
  targetAssignment: toldAssignment(group.targetOf(member.id), context),
  memberType: member.classic ? CLASSIC_MEMBER : CONSUMER_MEMBER,
});

const described = (groupId: string, context: RequestContext): Described => {
  if (!mayUseGroup(context, "describe", groupId)) return blank(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED);
  const group = context.broker.groups.consumers.get(groupId);
  if (!group) return blank(groupId, ErrorCode.GROUP_ID_NOT_FOUND, `there is no consumer group '${groupId}'`);
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

export const consumerGroupDescribe: BrokerApi<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
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
