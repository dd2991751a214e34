// Members that speak the classic protocol in a consumer group, while a group migrates: they join, sync, live and leave as in a classic group,
// but what they get is the coordinator's to say. Each is told to come again whenever there is something new for it.
import { BrokerError } from "../broker-error.ts";
import { refusedSync } from "./classic-member.ts";
import { type JoinAnswer, type JoinAsked, refusedJoin, type SyncAnswer, type SyncAsked, type Verdict } from "./classic-terms.ts";
import type { ConsumerGroup } from "./consumer-group.ts";
import type { ConsumerMember } from "./consumer-member.ts";
import { byId, encodedAssignment, subscriptionOf } from "./embedded.ts";
import { CONSUMER_TYPE } from "./member.ts";
import type { Claim } from "./roster.ts";
import type { KnownTopic } from "./subscriptions.ts";

export interface ClassicJoin {
  readonly asked: JoinAsked;
  /** An id for whoever has none. */
  readonly newId: string;
  readonly known: readonly KnownTopic[];
  /** The most members of the group. */
  readonly size: number;
}

/** Whether the member can be understood by all others that speak its protocol. */
const isSupported = (group: ConsumerGroup, { protocolType, protocols }: JoinAsked): boolean => {
  const others = group.members().flatMap(({ classic }) => classic ?? []);
  const isCommon = (name: string): boolean => others.every((one) => one.protocols.some((protocol) => protocol.name === name));
  return protocolType === CONSUMER_TYPE && protocols.some(({ name }) => isCommon(name));
};

/** Answered at once: nobody waits for anybody. */
export const joinConsumers = (group: ConsumerGroup, join: ClassicJoin): JoinAnswer => {
  const { asked, newId, size } = join;
  const { memberId, instanceId, idRequired } = asked;
  const known = instanceId === null ? group.get(memberId) : group.byInstance(instanceId);
  if (!known && group.members().length >= size) return refusedJoin("GROUP_MAX_SIZE_REACHED", memberId);
  if (!isSupported(group, asked)) return refusedJoin("INCONSISTENT_GROUP_PROTOCOL", memberId);
  if (memberId === "" && instanceId === null && idRequired) return refusedJoin("MEMBER_ID_REQUIRED", newId);
  const fault = memberId !== "" && instanceId !== null ? claimFault(group, asked) : undefined;
  if (fault) return refusedJoin(fault, memberId);
  try {
    return joined(group, join);
  } catch (reason) {
    if (reason instanceof BrokerError) return refusedJoin(reason.error, memberId);
    throw reason;
  }
};

const joined = (group: ConsumerGroup, { asked, newId, known }: ClassicJoin): JoinAnswer => {
  const { memberId, instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = asked;
  const [liked] = protocols;
  const subscription = liked && subscriptionOf(liked.metadata);
  if (!liked || !subscription) return refusedJoin("INCONSISTENT_GROUP_PROTOCOL", memberId);
  const member = group.join({
    ...{ memberId: memberId || newId, epoch: 0, instanceId, clientId, clientHost, rebalanceTimeoutMs },
    ...{ rackId: subscription.rackId, topics: subscription.topics, regex: "", assignor: undefined },
    owned: byId(subscription.ownedPartitions, known),
    classic: { sessionTimeoutMs, protocols },
  });
  group.deadlines.called(member.id, rebalanceTimeoutMs);
  return {
    ...{ error: "NONE", memberId: member.id, generation: member.epoch, protocolType: CONSUMER_TYPE, protocol: liked.name },
    ...{ leader: "", skipAssignment: false, members: [] },
  };
};

/** The member that asks, if it speaks the classic protocol. */
const claimed = (group: ConsumerGroup, { memberId }: Claim): ConsumerMember | undefined => {
  const member = group.get(memberId);
  return member?.classic && member;
};

const claimFault = (group: ConsumerGroup, { memberId, instanceId }: Claim): Verdict | undefined => {
  const member = instanceId === null ? group.get(memberId) : group.byInstance(instanceId);
  if (!member) return "UNKNOWN_MEMBER_ID";
  return member.id === memberId ? undefined : "FENCED_INSTANCE_ID";
};

/** Whether the member is to join again for what is new. */
const isCalled = (group: ConsumerGroup, member: ConsumerMember): boolean =>
  member.epoch < group.epoch || member.state === "unrevoked" || (member.state === "unreleased" && !group.isWaiting(member));

export const syncConsumers = (group: ConsumerGroup, asked: SyncAsked, known: readonly KnownTopic[]): SyncAnswer => {
  const fault = claimFault(group, asked);
  const member = claimed(group, asked);
  if (fault || !member?.classic) return refusedSync(fault ?? "UNKNOWN_MEMBER_ID");
  if (asked.generation !== member.epoch) return refusedSync("ILLEGAL_GENERATION");
  const [liked] = member.classic.protocols;
  const differs = (told: string | null, own: string | undefined): boolean => told !== null && told !== own;
  if (differs(asked.protocolType, CONSUMER_TYPE) || differs(asked.protocol, liked?.name)) return refusedSync("INCONSISTENT_GROUP_PROTOCOL");
  if (member.epoch < group.epoch && member.state !== "unrevoked") {
    group.deadlines.called(member.id, member.rebalanceTimeoutMs);
    return refusedSync("REBALANCE_IN_PROGRESS");
  }
  group.deadlines.came(member.id);
  const assignment = encodedAssignment(member.assigned, liked?.metadata, known);
  return { error: "NONE", protocolType: CONSUMER_TYPE, protocol: liked?.name ?? null, assignment };
};

export const heartbeatConsumers = (group: ConsumerGroup, claim: Claim, generation: number): Verdict => {
  const fault = claimFault(group, claim);
  const member = claimed(group, claim);
  if (fault || !member) return fault ?? "UNKNOWN_MEMBER_ID";
  if (generation !== member.epoch) return "ILLEGAL_GENERATION";
  group.heard(member);
  if (!isCalled(group, member)) return "NONE";
  group.deadlines.called(member.id, member.rebalanceTimeoutMs);
  return "REBALANCE_IN_PROGRESS";
};

/** One verdict for each; whichever protocol it speaks. */
export const leaveConsumers = (group: ConsumerGroup, claims: readonly Claim[]): readonly Verdict[] =>
  claims.map((claim) => {
    const { memberId, instanceId } = claim;
    // An operator removes whoever the instance is at present.
    const static_ = memberId === "" && instanceId !== null ? group.byInstance(instanceId) : undefined;
    const fault = static_ ? undefined : claimFault(group, claim);
    if (fault) return fault;
    group.remove(static_?.id ?? memberId);
    return "NONE";
  });
