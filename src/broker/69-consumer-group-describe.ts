// ConsumerGroupDescribe (69), versions 0 and 1: groups of the consumer protocol, with what their members have and shall have.
import {
  consumerGroupDescribe as api,
  type ConsumerGroupDescribeRequest,
  type ConsumerGroupDescribeResponse,
} from "../kafka/wire/api/69-consumer-group-describe.ts";
import type { BrokerApi, RequestContext } from "./api.ts";
import { toldAssignment } from "./groups/asking.ts";
import type { ConsumerGroup } from "./groups/consumer-group.ts";
import { type ConsumerMember, merged } from "./groups/consumer-member.ts";
import { blankGroup, describedGroups } from "./groups/describing.ts";

type Described = ConsumerGroupDescribeResponse["groups"][number];
type DescribedMember = Described["members"][number];

/** Which protocol a member speaks. */
const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

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

export const consumerGroupDescribe: BrokerApi<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
  api,
  versions: api.versions,
  handle: (request, context) => ({
    throttleTimeMs: 0,
    groups: describedGroups(request, context, {
      kind: "consumer",
      find: (groupId) => context.broker.groups.consumers.get(groupId),
      memberOf: (member: ConsumerMember, group: ConsumerGroup) => memberOf(member, group, context),
    }),
  }),
  refuse: ({ groupIds }, { code, message }) => ({
    throttleTimeMs: 0,
    groups: groupIds.map((groupId) => blankGroup(groupId, code, message)),
  }),
};
