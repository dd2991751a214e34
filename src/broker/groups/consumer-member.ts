// A member of a consumer group (KIP-848), and how what it has comes nearer to what it is to have: it lets go first, and is given only what
// nobody else has any more.
import type { KafkaErrorName } from "../../kafka/wire/errors.ts";
import type { Assignment } from "./assignors.ts";
import type { Protocol } from "./member.ts";

/** Kafka's names: what a member has still to do. */
export type MemberState = "stable" | "unrevoked" | "unreleased";

/** Of a member that speaks the classic protocol in a consumer group. */
export interface ClassicPart {
  readonly sessionTimeoutMs: number;
  /** The one it likes best first. */
  readonly protocols: readonly Protocol[];
}

export interface ConsumerMember {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly topics: readonly string[];
  /** Empty: none. */
  readonly regex: string;
  readonly assignor: string | null;
  readonly epoch: number;
  readonly previousEpoch: number;
  readonly state: MemberState;
  readonly assigned: Assignment;
  readonly revoking: Assignment;
  /** Undefined: it speaks the consumer protocol. */
  readonly classic: ClassicPart | undefined;
}

/** Epochs with which members leave. */
export const LEAVE = -1;
/** Of a static member that comes back. */
export const LEAVE_FOR_NOW = -2;

/** No partitions. */
export const NOTHING: Assignment = new Map();

/** A heartbeat; undefined: nothing has changed since the last. */
export interface Beat {
  readonly memberId: string;
  readonly epoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number | undefined;
  readonly topics: readonly string[] | undefined;
  /** A regular expression, not checked yet; empty: none. */
  readonly regex: string | undefined;
  readonly assignor: string | undefined;
  readonly owned: Assignment | undefined;
  /** Absent: it speaks the consumer protocol. */
  readonly classic?: ClassicPart;
}

export const newcomer = ({ memberId, instanceId, clientId, clientHost }: Beat): ConsumerMember => ({
  ...{ id: memberId, instanceId, clientId, clientHost, rackId: null, rebalanceTimeoutMs: 0, topics: [], regex: "", assignor: null },
  ...{ epoch: 0, previousEpoch: 0, state: "stable", assigned: NOTHING, revoking: NOTHING, classic: undefined },
});

/** The member with what it says of itself now; the same one when that is nothing new. */
export const updated = (member: ConsumerMember, beat: Beat): ConsumerMember => {
  const { clientId, clientHost } = beat;
  const next: ConsumerMember = {
    ...member,
    clientId,
    clientHost,
    rackId: beat.rackId ?? member.rackId,
    rebalanceTimeoutMs: beat.rebalanceTimeoutMs ?? member.rebalanceTimeoutMs,
    topics: beat.topics ?? member.topics,
    regex: beat.regex ?? member.regex,
    assignor: beat.assignor ?? member.assignor,
    classic: beat.classic,
  };
  const told = (of: ConsumerMember): string =>
    JSON.stringify([of.clientId, of.clientHost, of.rackId, of.rebalanceTimeoutMs, of.topics, of.regex, of.assignor]);
  return told(next) === told(member) && next.classic === member.classic ? member : next;
};

/** What most members ask for. */
export const preferredAssignor = (members: readonly ConsumerMember[]): string => {
  const votes = new Map<string, number>();
  for (const { assignor } of members) if (assignor !== null) votes.set(assignor, (votes.get(assignor) ?? 0) + 1);
  return [...votes].sort(([, some], [, others]) => others - some)[0]?.[0] ?? "uniform";
};

const pick = (some: Assignment, keep: (topic: string, partition: number) => boolean): Assignment => {
  const picked = [...some].map(([topic, partitions]) => [topic, new Set([...partitions].filter((one) => keep(topic, one)))] as const);
  return new Map(picked.filter(([, partitions]) => partitions.size > 0));
};
const has = (some: Assignment, topic: string, partition: number): boolean => some.get(topic)?.has(partition) ?? false;

export const merged = (some: Assignment, others: Assignment): Assignment =>
  new Map(
    [...new Set([...some.keys(), ...others.keys()])].map((topic) => [
      topic,
      new Set([...(some.get(topic) ?? []), ...(others.get(topic) ?? [])]),
    ]),
  );

export const isWithin = (some: Assignment, others: Assignment): boolean => pick(some, (topic, one) => !has(others, topic, one)).size === 0;

export const isSame = (some: Assignment, others: Assignment): boolean => isWithin(some, others) && isWithin(others, some);

export interface Towards {
  readonly target: Assignment;
  readonly targetEpoch: number;
  /** What the member says that it has; undefined: it did not say. */
  readonly owned: Assignment | undefined;
  /** Whether the member still wants a topic, by its id. */
  readonly isWanted: (topic: string) => boolean;
  /** Whether another member has a partition. */
  readonly isTaken: (topic: string, partition: number) => boolean;
}

/** The member after the next step. */
export const reconciled = (member: ConsumerMember, towards: Towards): ConsumerMember => {
  const { owned, targetEpoch } = towards;
  if (member.state === "stable" && member.epoch === targetEpoch) return member;
  if (member.state === "unrevoked" && holds(member.revoking, owned)) return withoutUnwanted(member, towards);
  return step(member, towards);
};

/** While it lets go of something: what it does not want any more it lets go of as well. */
const withoutUnwanted = (member: ConsumerMember, { isWanted }: Towards): ConsumerMember => {
  const assigned = pick(member.assigned, isWanted);
  if (isSame(assigned, member.assigned)) return member;
  return {
    ...member,
    assigned,
    revoking: merged(
      member.revoking,
      pick(member.assigned, (topic) => !isWanted(topic)),
    ),
  };
};

/** A member that does not say what it has may have all of it. */
const holds = (revoking: Assignment, owned: Assignment | undefined): boolean =>
  owned === undefined ? revoking.size > 0 : pick(revoking, (topic, one) => has(owned, topic, one)).size > 0;

const step = (member: ConsumerMember, { target, targetEpoch, owned, isTaken }: Towards): ConsumerMember => {
  const kept = pick(member.assigned, (topic, one) => has(target, topic, one));
  const revoking = pick(member.assigned, (topic, one) => !has(target, topic, one));
  if (holds(revoking, owned)) return { ...member, state: "unrevoked", assigned: kept, revoking };
  const wanted = pick(target, (topic, one) => !has(member.assigned, topic, one));
  const free = pick(wanted, (topic, one) => !isTaken(topic, one));
  return {
    ...member,
    state: isSame(free, wanted) ? "stable" : "unreleased",
    assigned: merged(kept, free),
    revoking: new Map(),
    epoch: targetEpoch,
    previousEpoch: member.epoch,
  };
};

/** Why a member of a group may not commit or fetch offsets; who is no member may commit while nobody is. */
export const consumerFault = (group: Members, memberId: string, epoch: number): KafkaErrorName => {
  if (epoch < 0 && group.isEmpty) return "NONE";
  const member = group.get(memberId);
  if (!member) return "UNKNOWN_MEMBER_ID";
  if (member.epoch === epoch) return "NONE";
  return member.classic ? "ILLEGAL_GENERATION" : "STALE_MEMBER_EPOCH";
};

interface Members {
  readonly isEmpty: boolean;
  get(memberId: string): ConsumerMember | undefined;
}
