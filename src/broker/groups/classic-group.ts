// The state machine of a classic group: gathering, sharing out, generations, and who is gone because nothing was heard of it. It does
// nothing by itself: what is to be done is taken from it as effects, and it says until when it can be left alone.
import { EMPTY } from "../../core/bytes.ts";
import { recordOf } from "./classic-record.ts";
import { type ClassicOptions, type ClassicState, type Effect, type JoinAnswer, refusedJoin, type Verdict } from "./classic-terms.ts";
import { type Member, metadataFor } from "./member.ts";
import { type ClassicRecord, keptBytes } from "./records.ts";
import { Roster } from "./roster.ts";

const NEVER = Number.POSITIVE_INFINITY;

export class ClassicGroup {
  readonly type = "classic";
  readonly id: string;
  readonly options: ClassicOptions;
  readonly roster = new Roster();
  #state: ClassicState = "Empty";
  #previous: ClassicState = "Empty";
  #generation = 0;
  #protocol: string | undefined;
  #sinceMs: number;
  #effects: Effect[] = [];
  #joinBy = NEVER;
  /** Of the first gathering: how long it may still be put off. */
  #initialLeftMs: number | undefined;
  #newcomer = false;
  #syncBy = NEVER;
  /** Members of this generation who have not asked for their assignment. */
  readonly #unsynced = new Set<string>();

  constructor(id: string, options: ClassicOptions) {
    this.id = id;
    this.options = options;
    this.#sinceMs = options.clock.now();
  }

  /** As it was kept; its members have a session from now on. */
  static restore(id: string, record: ClassicRecord, options: ClassicOptions): ClassicGroup {
    const group = new ClassicGroup(id, options);
    group.#generation = record.generation;
    group.#protocol = record.protocol ?? undefined;
    for (const { subscription, assignment, ...member } of record.members) {
      const protocols = [{ name: record.protocol ?? "", metadata: keptBytes(subscription) }];
      const protocolType = record.protocolType ?? "";
      const waits = { joining: undefined, syncing: undefined, isNew: false, deadlineMs: NEVER };
      group.roster.add({ ...member, protocolType, protocols, assignment: keptBytes(assignment), ...waits });
    }
    group.roster.protocolType = record.protocolType ?? undefined;
    group.roster.leader = record.leader ?? group.roster.leader;
    group.#state = record.members.length > 0 ? "Stable" : "Empty";
    group.#sinceMs = record.sinceMs;
    for (const member of group.roster.all()) group.heard(member);
    return group;
  }

  get state(): ClassicState {
    return this.#state;
  }
  get generation(): number {
    return this.#generation;
  }
  get protocol(): string | undefined {
    return this.#protocol;
  }
  /** When it came into its state, in Unix time. */
  get sinceMs(): number {
    return this.#sinceMs;
  }
  get isEmpty(): boolean {
    return this.#state === "Empty";
  }

  /** What is to be done since it was last asked. */
  take(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** The monotonic time at which `tick` is due. */
  get dueMs(): number {
    const members = this.roster.all().map(({ deadlineMs }) => deadlineMs);
    return Math.min(this.#joinBy, this.#syncBy, ...members, ...this.roster.pending.values());
  }

  /** Time has passed. */
  tick(): void {
    const nowMs = this.options.clock.monotonicMs();
    for (const [id, byMs] of this.roster.pending) if (byMs <= nowMs) this.forgetPending(id);
    for (const member of this.roster.all()) if (member.deadlineMs <= nowMs) this.#silent(member);
    if (this.#joinBy <= nowMs) this.#gathered();
    if (this.#syncBy <= nowMs) this.#unsyncedGo();
  }

  /** Nobody is to be in it any more; who waits is told so. */
  end(error: Verdict = "UNKNOWN_MEMBER_ID"): void {
    this.#to("Dead");
    for (const member of this.roster.all()) {
      this.answerJoin(member, refusedJoin(error, ""));
      this.answerSync(member, error);
      this.remove(member);
    }
    this.roster.pending.clear();
  }

  /** The session of a member begins anew. */
  heard(member: Member, timeoutMs = member.sessionTimeoutMs): void {
    member.deadlineMs = this.options.clock.monotonicMs() + timeoutMs;
  }

  /** Takes a member in; the gathering that follows is the caller's to begin. */
  add(member: Member): void {
    if (this.#state === "PreparingRebalance" && this.#previous === "Empty") this.#newcomer = true;
    this.roster.add(member);
  }

  /** Answers what the member waits for, and takes it out. */
  remove(member: Member): void {
    this.answerJoin(member, refusedJoin("UNKNOWN_MEMBER_ID", ""));
    this.answerSync(member, "UNKNOWN_MEMBER_ID");
    this.roster.remove(member.id);
    this.#unsynced.delete(member.id);
  }

  /** An id that was given out is not waited for any more. */
  forgetPending(id: string): void {
    this.roster.pending.delete(id);
    if (this.#state === "PreparingRebalance" && this.roster.allJoined) this.#completeJoin();
  }

  answerJoin(member: Member, answer: JoinAnswer): void {
    if (member.joining === undefined) return;
    this.#effects.push({ kind: "joined", ticket: member.joining, answer });
    member.joining = undefined;
  }

  answerSync(member: Member, error: Verdict): void {
    if (member.syncing === undefined) return;
    const fine = error === "NONE";
    const protocol = fine ? (this.#protocol ?? null) : null;
    const protocolType = fine ? (this.roster.protocolType ?? null) : null;
    const answer = { error, protocol, protocolType, assignment: fine ? member.assignment : EMPTY };
    this.#effects.push({ kind: "synced", ticket: member.syncing, answer });
    member.syncing = undefined;
  }

  /** What a member hears of this generation; the leader hears of everybody. */
  generationFor(memberId: string): JoinAnswer {
    const { leader = "", protocolType = null } = this.roster;
    const told = leader === memberId ? this.roster.all() : [];
    return {
      error: "NONE",
      memberId,
      generation: this.#generation,
      protocolType,
      protocol: this.#protocol ?? null,
      leader,
      skipAssignment: false,
      members: told.map((member) => ({
        id: member.id,
        instanceId: member.instanceId,
        metadata: metadataFor(member, this.#protocol) ?? EMPTY,
      })),
    };
  }

  /** The member asked for its assignment. */
  synced(memberId: string): void {
    this.#unsynced.delete(memberId);
    if (this.#unsynced.size === 0) this.#syncBy = NEVER;
  }

  /** Keeps the group as it is, or with other assignments. */
  store(assignments: ReadonlyMap<string, Uint8Array> | undefined, stored: (verdict: Verdict) => void): void {
    this.#effects.push({ kind: "store", record: recordOf(this, assignments), stored });
  }

  /** Everybody has an assignment, as it was kept. */
  settle(assignments: ReadonlyMap<string, Uint8Array>): void {
    for (const member of this.roster.all()) member.assignment = assignments.get(member.id) ?? EMPTY;
    this.#answerSyncs("NONE");
    this.#to("Stable");
  }

  /** The assignments could not be kept: members gather anew. */
  unsettle(error: Verdict): void {
    this.#dropAssignments(error);
    this.rebalance();
  }

  /** Gathers all members, or sees whether all have come. */
  rebalance(): void {
    if (this.#state === "Dead") return;
    if (this.#state !== "PreparingRebalance") this.#prepare();
    else if (this.#previous !== "Empty" && this.roster.allJoined) this.#completeJoin();
  }

  #prepare(): void {
    if (this.#state === "CompletingRebalance") this.#dropAssignments("REBALANCE_IN_PROGRESS");
    this.#unsynced.clear();
    this.#syncBy = NEVER;
    const nowMs = this.options.clock.monotonicMs();
    const { rebalanceTimeoutMs } = this.roster;
    this.#initialLeftMs = undefined;
    if (this.#state === "Empty") {
      const { initialDelayMs } = this.options.limits();
      this.#initialLeftMs = Math.max(rebalanceTimeoutMs - initialDelayMs, 0);
      this.#newcomer = false;
      this.#joinBy = nowMs + initialDelayMs;
      this.#to("PreparingRebalance");
      return;
    }
    this.#to("PreparingRebalance");
    if (this.roster.allJoined) this.#completeJoin();
    else this.#joinBy = nowMs + rebalanceTimeoutMs;
  }

  /** The time for gathering is over; the first one is put off while members keep coming. */
  #gathered(): void {
    const leftMs = this.#initialLeftMs ?? 0;
    if (!this.#newcomer || leftMs === 0) {
      this.#completeJoin();
      return;
    }
    this.#newcomer = false;
    const { initialDelayMs } = this.options.limits();
    const delayMs = Math.min(initialDelayMs, leftMs);
    this.#initialLeftMs = delayMs === 0 ? 0 : leftMs - delayMs;
    this.#joinBy = this.options.clock.monotonicMs() + delayMs;
  }

  #completeJoin(): void {
    this.#joinBy = NEVER;
    this.#initialLeftMs = undefined;
    for (const member of this.roster.all()) if (member.joining === undefined && member.instanceId === null) this.remove(member);
    if (!this.roster.electJoined() && this.roster.size > 0) {
      // Static members alone, and none of them has come: their sessions end first.
      this.#joinBy = this.options.clock.monotonicMs() + this.roster.rebalanceTimeoutMs;
      return;
    }
    this.#generation += 1;
    this.#unsynced.clear();
    this.#protocol = this.roster.elected();
    if (this.roster.size === 0) {
      this.#to("Empty");
      this.store(undefined, () => {});
      return;
    }
    this.#to("CompletingRebalance");
    for (const member of this.roster.all()) {
      this.answerJoin(member, this.generationFor(member.id));
      this.heard(member);
      member.isNew = false;
      this.#unsynced.add(member.id);
    }
    this.#syncBy = this.options.clock.monotonicMs() + this.roster.rebalanceTimeoutMs;
  }

  #dropAssignments(error: Verdict): void {
    for (const member of this.roster.all()) member.assignment = EMPTY;
    this.#answerSyncs(error);
  }

  #answerSyncs(error: Verdict): void {
    for (const member of this.roster.all()) {
      if (member.syncing === undefined) continue;
      this.answerSync(member, error);
      this.heard(member);
    }
  }

  /** Whoever waits for us is no less there for being silent, but for one who never heard from us. */
  #silent(member: Member): void {
    member.deadlineMs = NEVER;
    if (!member.isNew && (member.joining !== undefined || member.syncing !== undefined)) return;
    this.remove(member);
    if (this.#state !== "PreparingRebalance") this.rebalance();
    else if (this.roster.allJoined) this.#completeJoin();
  }

  #unsyncedGo(): void {
    this.#syncBy = NEVER;
    for (const id of [...this.#unsynced]) {
      const member = this.roster.get(id);
      if (member) this.remove(member);
    }
    this.#prepare();
  }

  #to(state: ClassicState): void {
    this.#previous = this.#state;
    this.#state = state;
    this.#sinceMs = this.options.clock.now();
  }
}
