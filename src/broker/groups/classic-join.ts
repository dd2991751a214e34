// JoinGroup as a classic group takes it: who may come in, who comes back, and whether that makes all others gather.
import { EMPTY } from "../../core/bytes.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { type JoinAnswer, type JoinAsked, NEW_MEMBER_JOIN_MS, refusedJoin, type Verdict } from "./classic-terms.ts";
import { type Member, sameProtocols, type Ticket } from "./member.ts";

/** A request, and who waits for its answer. */
export interface Join {
  readonly asked: JoinAsked;
  readonly ticket: Ticket;
}

/** Undefined: the answer is an effect, sooner or later. */
export const join = (group: ClassicGroup, { asked, ticket }: Join): JoinAnswer | undefined => {
  const { memberId, instanceId } = asked;
  if (group.state === "Dead") return refusedJoin("COORDINATOR_NOT_AVAILABLE", memberId);
  if (!accepts(group, memberId)) return tooMany(group, memberId);
  if (!supports(group, asked)) return refusedJoin("INCONSISTENT_GROUP_PROTOCOL", memberId);
  if (memberId === "") return newcomer(group, { asked, ticket });
  if (group.roster.pending.has(memberId) && instanceId === null) return admit(group, { asked, ticket }, memberId);
  const fault = group.roster.fault(asked);
  const member = group.roster.get(memberId);
  if (fault || !member) return refusedJoin(fault ?? "UNKNOWN_MEMBER_ID", memberId);
  return returning(group, { asked, ticket }, member);
};

/** While a group gathers, those that have come count; before and after, all members. */
const accepts = ({ state, roster, options }: ClassicGroup, memberId: string): boolean => {
  const { size } = options.limits();
  const member = roster.get(memberId);
  if (state === "PreparingRebalance") return member?.joining !== undefined || roster.joining < size;
  return state === "Empty" || member !== undefined || roster.size < size;
};

const tooMany = (group: ClassicGroup, memberId: string): JoinAnswer => {
  const member = group.roster.get(memberId);
  if (member) group.remove(member);
  else group.roster.pending.delete(memberId);
  return refusedJoin("GROUP_MAX_SIZE_REACHED", "");
};

const supports = ({ state, roster }: ClassicGroup, { protocolType, protocols }: JoinAsked): boolean =>
  state === "Empty" ? protocolType !== "" && protocols.length > 0 : roster.supports(protocolType, protocols);

const newcomer = (group: ClassicGroup, { asked, ticket }: Join): JoinAnswer | undefined => {
  const { instanceId, clientId, idRequired, sessionTimeoutMs } = asked;
  const id = `${instanceId ?? clientId}-${group.options.unique()}`;
  const known = instanceId === null ? undefined : group.roster.get(group.roster.idOf(instanceId) ?? "");
  if (known) return replace(group, { asked, ticket }, { old: known, id });
  if (instanceId !== null || !idRequired) return admit(group, { asked, ticket }, id);
  group.roster.pending.set(id, group.options.clock.monotonicMs() + sessionTimeoutMs);
  return refusedJoin("MEMBER_ID_REQUIRED", id);
};

/** A new member; since it cannot send heartbeats before it is answered, it has long for that. */
const admit = (group: ClassicGroup, { asked, ticket }: Join, id: string): undefined => {
  const { instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocolType, protocols } = asked;
  const of = { id, instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocolType, protocols };
  const member: Member = { ...of, assignment: EMPTY, joining: ticket, syncing: undefined, isNew: true, deadlineMs: 0 };
  group.add(member);
  group.heard(member, NEW_MEMBER_JOIN_MS);
  group.rebalance();
};

/** What the member says of itself now; its request waits. */
const update = (group: ClassicGroup, { asked, ticket }: Join, member: Member): void => {
  group.answerJoin(member, refusedJoin("REBALANCE_IN_PROGRESS", member.id)); // It asked a second time and waits for that.
  member.protocols = asked.protocols;
  member.rebalanceTimeoutMs = asked.rebalanceTimeoutMs;
  member.sessionTimeoutMs = asked.sessionTimeoutMs;
  member.joining = ticket;
};

const returning = (group: ClassicGroup, join: Join, member: Member): JoinAnswer | undefined => {
  const { state, roster } = group;
  if (state === "Empty") return refusedJoin("UNKNOWN_MEMBER_ID", member.id);
  // A leader that is settled wants to share out anew, whatever it says; one that did not hear us is told again.
  const isUnchanged = sameProtocols(member.protocols, join.asked.protocols);
  const isTold = state === "CompletingRebalance" || (state === "Stable" && roster.leader !== member.id);
  if (isUnchanged && isTold) return group.generationFor(member.id);
  update(group, join, member);
  group.rebalance();
  return undefined;
};

/** A static member that comes back without its id takes the place of the one it was. */
const replace = (group: ClassicGroup, join: Join, { old, id }: { readonly old: Member; readonly id: string }): undefined => {
  const leader = group.roster.leader ?? "";
  const before = { ...old };
  group.answerJoin(old, refusedJoin("FENCED_INSTANCE_ID", old.id));
  group.answerSync(old, "FENCED_INSTANCE_ID");
  const member = group.roster.replace(old, id);
  group.heard(member);
  update(group, join, member);
  if (group.state !== "Stable" || group.protocol !== group.roster.elected()) {
    group.rebalance();
    return;
  }
  group.store(undefined, (verdict) => {
    if (group.roster.get(id) !== member) return; // It has gone meanwhile, and was told.
    if (verdict === "NONE") tellReplaced(group, member, { leader, maySkip: join.asked.maySkip });
    else restore(group, member, { before, verdict });
  });
};

interface Replaced {
  /** Before it was replaced. */
  readonly leader: string;
  readonly maySkip: boolean;
}

/** A client that does not know of skipping is told of the old leader, so that it does not share out what others hold. */
const tellReplaced = (group: ClassicGroup, member: Member, { leader, maySkip }: Replaced): void => {
  const told = group.generationFor(member.id);
  const leads = group.roster.leader === member.id;
  group.answerJoin(member, maySkip ? { ...told, skipAssignment: leads } : { ...told, leader, members: [] });
};

/** The change could not be kept: all is as it was. */
const restore = (group: ClassicGroup, member: Member, of: { readonly before: Member; readonly verdict: Verdict }): void => {
  group.answerJoin(member, refusedJoin(of.verdict, ""));
  const { protocols, rebalanceTimeoutMs, sessionTimeoutMs, id } = of.before;
  group.heard(group.roster.replace({ ...member, protocols, rebalanceTimeoutMs, sessionTimeoutMs }, id));
};
