// A classic group of consumers becomes a consumer group when a member of the consumer protocol joins it (KIP-848), and a classic group again
// when the last of those has gone.
import { ClassicGroup } from "./classic-group.ts";
import { recordOf } from "./classic-record.ts";
import type { ClassicOptions } from "./classic-terms.ts";
import type { ConsumerGroup } from "./consumer-group.ts";
import type { ConsumerMember } from "./consumer-member.ts";
import { type ConsumerRecord, keptAssignment, keptMember } from "./consumer-record.ts";
import { assignmentOf, encodedAssignment, subscriptionOf } from "./embedded.ts";
import { CONSUMER_TYPE, type Member } from "./member.ts";
import { Roster } from "./roster.ts";
import type { KnownTopic } from "./subscriptions.ts";

/** What Kafka calls `group.consumer.migration.policy`. */
export type MigrationPolicy = "bidirectional" | "upgrade" | "downgrade" | "disabled";

const ASSIGNOR = "uniform";

const upgradedMember = (member: Member, epoch: number, known: readonly KnownTopic[]): ConsumerMember | undefined => {
  const { id, instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = member;
  const subscription = protocols[0] && subscriptionOf(protocols[0].metadata);
  const assigned = assignmentOf(member.assignment, known);
  if (!subscription || !assigned) return undefined;
  return {
    ...{ id, instanceId, clientId, clientHost, rebalanceTimeoutMs, rackId: subscription.rackId, topics: subscription.topics },
    ...{ regex: "", assignor: null, epoch, previousEpoch: epoch, state: "stable", assigned, revoking: new Map() },
    classic: { sessionTimeoutMs, protocols },
  };
};

/** The consumer group that a classic one would be, with what its members have. Undefined: its members are no consumers, or not understood. */
export const upgradedRecord = ({ roster, generation }: ClassicGroup, known: readonly KnownTopic[]): ConsumerRecord | undefined => {
  if (roster.protocolType !== CONSUMER_TYPE) return undefined;
  const members = roster.all().map((member) => upgradedMember(member, generation, known));
  const understood = members.filter((member) => member !== undefined);
  if (understood.length < members.length) return undefined;
  return {
    ...{ type: "consumer", epoch: generation, assignmentEpoch: generation, assignor: ASSIGNOR, counts: "" },
    members: understood.map(keptMember),
    target: understood.map(({ id, assigned }) => [id, keptAssignment(assigned)]),
  };
};

/** Whether nobody is left who speaks the consumer protocol, but somebody who speaks the classic one. */
export const isClassicOnly = (group: ConsumerGroup): boolean => {
  const members = group.members();
  return members.length > 0 && members.every(({ classic }) => classic !== undefined);
};

const NO_WAITS = { joining: undefined, syncing: undefined, isNew: false, deadlineMs: Number.POSITIVE_INFINITY };

/** As a classic group whose members are to gather. */
export const downgraded = (group: ConsumerGroup, known: readonly KnownTopic[], options: ClassicOptions): ClassicGroup => {
  const roster = new Roster();
  for (const { id, instanceId, clientId, clientHost, rebalanceTimeoutMs, assigned, classic } of group.members()) {
    const { protocols = [], sessionTimeoutMs = 0 } = classic ?? {};
    const assignment = encodedAssignment(assigned, protocols[0]?.metadata, known);
    const of = { id, instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols, assignment };
    roster.add({ ...of, protocolType: CONSUMER_TYPE, ...NO_WAITS });
  }
  const kept = recordOf({ roster, generation: group.assignmentEpoch, protocol: roster.elected(), sinceMs: options.clock.now() });
  const classic = ClassicGroup.restore(group.id, kept, options);
  for (const member of classic.roster.all()) member.protocols = roster.get(member.id)?.protocols ?? member.protocols;
  classic.rebalance();
  return classic;
};
