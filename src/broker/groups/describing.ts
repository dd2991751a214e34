// What the descriptions of groups whose members the broker assigns have in common: those of the consumer protocol and share groups.
import { ErrorCode } from "../../kafka/wire/errors.ts";
import { authorizedOperations, NOT_ASKED } from "../access.ts";
import type { RequestContext } from "../api.ts";
import { mayDescribeTopic, mayUseGroup } from "./asking.ts";

interface Asked {
  readonly groupIds: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

interface Describable<Member> {
  readonly state: string;
  readonly epoch: number;
  readonly assignmentEpoch: number;
  readonly assignor: string;
  members(): readonly Member[];
}

/** Which groups are looked at, and how a member of one is told. */
export interface Describing<Group, Member, Told> {
  readonly kind: "consumer" | "share";
  find(groupId: string): Group | undefined;
  memberOf(member: Member, group: Group): Told;
}

/** A group of which nothing is told but why. */
export const blankGroup = (groupId: string, errorCode: number, errorMessage: string | null = null) => ({
  ...{ errorCode, errorMessage, groupId, groupState: "", groupEpoch: 0, assignmentEpoch: 0, assignorName: "", members: [] },
  authorizedOperations: NOT_ASKED,
});

/** A description, or an error, for each group that is asked about. */
export const describedGroups = <Group extends Describable<Member>, Member extends { readonly topics: readonly string[] }, Told>(
  { groupIds, includeAuthorizedOperations }: Asked,
  context: RequestContext,
  { kind, find, memberOf }: Describing<Group, Member, Told>,
) => {
  const { client, broker } = context;
  const sees = mayDescribeTopic(context);
  return groupIds.map((groupId) => {
    if (!mayUseGroup(context, "describe", groupId)) return blankGroup(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED);
    const group = find(groupId);
    if (!group) return blankGroup(groupId, ErrorCode.GROUP_ID_NOT_FOUND, `there is no ${kind} group '${groupId}'`);
    if (group.members().some(({ topics }) => !topics.every(sees))) return blankGroup(groupId, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    return {
      ...blankGroup(groupId, ErrorCode.NONE),
      groupState: group.state,
      groupEpoch: group.epoch,
      assignmentEpoch: group.assignmentEpoch,
      assignorName: group.assignor,
      members: group.members().map((member) => memberOf(member, group)),
      ...(includeAuthorizedOperations
        ? { authorizedOperations: authorizedOperations(broker.access, client, { type: "group", name: groupId }) }
        : {}),
    };
  });
};
