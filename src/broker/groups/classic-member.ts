// What the members of a classic group ask for beside joining: their assignment, heartbeats, leaving, and leave to commit offsets.
import { EMPTY } from "../../core/bytes.ts";
import type { ClassicGroup } from "./classic-group.ts";
import type { SyncAsked, Verdict } from "./classic-terms.ts";
import type { Ticket } from "./member.ts";
import type { Claim } from "./roster.ts";

/** Undefined: the answer is an effect that comes later. */
export const sync = (group: ClassicGroup, asked: SyncAsked, ticket: Ticket): Verdict | undefined => {
  const fault = syncFault(group, asked);
  const member = group.roster.get(asked.memberId);
  if (fault || !member) return fault ?? "UNKNOWN_MEMBER_ID";
  if (group.state === "PreparingRebalance") return "REBALANCE_IN_PROGRESS";
  group.answerSync(member, "REBALANCE_IN_PROGRESS"); // It asked a second time and waits for that.
  member.syncing = ticket;
  group.synced(member.id);
  if (group.state === "Stable") group.answerSync(member, "NONE");
  else if (group.roster.leader === member.id) assign(group, asked);
  return undefined;
};

const syncFault = (group: ClassicGroup, asked: SyncAsked): Verdict | undefined => {
  if (group.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
  if (group.state === "Empty") return "UNKNOWN_MEMBER_ID";
  const fault = group.roster.fault(asked);
  if (fault) return fault;
  if (asked.generation !== group.generation) return "ILLEGAL_GENERATION";
  const differs = (told: string | null, own: string | undefined): boolean => told !== null && own !== undefined && told !== own;
  const isOther = differs(asked.protocolType, group.roster.protocolType) || differs(asked.protocol, group.protocol);
  return isOther ? "INCONSISTENT_GROUP_PROTOCOL" : undefined;
};

/** What the leader gives is kept before anybody hears of it. */
const assign = (group: ClassicGroup, { assignments }: SyncAsked): void => {
  const { generation } = group;
  group.store(assignments, (verdict) => {
    if (group.state !== "CompletingRebalance" || group.generation !== generation) return; // The group has moved on.
    if (verdict === "NONE") group.settle(assignments);
    else group.unsettle(verdict);
  });
};

export const refusedSync = (error: Verdict) => ({ error, protocolType: null, protocol: null, assignment: EMPTY });

export const heartbeat = (group: ClassicGroup, claim: Claim, generation: number): Verdict => {
  if (group.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
  const fault = group.roster.fault(claim);
  const member = group.roster.get(claim.memberId);
  if (fault || !member) return fault ?? "UNKNOWN_MEMBER_ID";
  if (generation !== group.generation) return "ILLEGAL_GENERATION";
  group.heard(member);
  return group.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
};

/** One verdict for each that leaves; the others gather when any did. */
export const leave = (group: ClassicGroup, claims: readonly Claim[]): readonly Verdict[] => {
  if (group.state === "Dead") return claims.map(() => "COORDINATOR_NOT_AVAILABLE");
  const verdicts = claims.map((claim) => leaveOne(group, claim));
  if (!group.isEmpty && verdicts.includes("NONE")) group.rebalance();
  return verdicts;
};

const leaveOne = (group: ClassicGroup, { memberId, instanceId }: Claim): Verdict => {
  if (memberId === "" && instanceId !== null) {
    // An operator removes whoever the instance is at present.
    const static_ = group.roster.get(group.roster.idOf(instanceId) ?? "");
    if (!static_) return "UNKNOWN_MEMBER_ID";
    group.remove(static_);
    return "NONE";
  }
  if (group.roster.pending.delete(memberId)) return "NONE";
  const fault = group.roster.fault({ memberId, instanceId });
  const member = group.roster.get(memberId);
  if (fault || !member) return fault ?? "UNKNOWN_MEMBER_ID";
  group.remove(member);
  return "NONE";
};

/** Who commits offsets; `simple`: without being a member, generation -1. */
export interface CommitClaim extends Claim {
  readonly generation: number;
}

/** Whether offsets may be committed; whoever commits lives. */
export const commitFault = (group: ClassicGroup, claim: CommitClaim): Verdict => {
  const verdict = claimFault(group, claim, "UNKNOWN_MEMBER_ID");
  if (verdict !== "NONE") return verdict;
  if (group.state === "CompletingRebalance") return "REBALANCE_IN_PROGRESS";
  const member = group.roster.get(claim.memberId);
  if (member) group.heard(member);
  return "NONE";
};

/** Within a transaction: who is no member says nothing of itself, and the state of the group does not matter. */
export const txnCommitFault = (group: ClassicGroup, claim: CommitClaim): Verdict => claimFault(group, claim, "NONE");

const claimFault = (group: ClassicGroup, claim: CommitClaim, nobody: Verdict): Verdict => {
  const { memberId, instanceId, generation } = claim;
  if (group.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
  if (generation < 0 && group.isEmpty) return "NONE";
  if (generation < 0 && memberId === "" && instanceId === null) return nobody;
  const fault = group.roster.fault(claim);
  if (fault) return fault;
  return generation === group.generation ? "NONE" : "ILLEGAL_GENERATION";
};
