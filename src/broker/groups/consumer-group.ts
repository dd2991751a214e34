// The state machine of a consumer group (KIP-848): members say what they want and have, the coordinator says what they shall have. Without
// I/O: every step says whether there is something to keep, and time is asked of a clock.
import type { Clock } from "../../core/clock.ts";
import { BrokerError } from "../broker-error.ts";
import { ASSIGNORS, type Assignment, type PartitionCounts } from "./assignors.ts";
import {
  type Beat,
  type ConsumerMember,
  isSame,
  isWithin,
  LEAVE,
  LEAVE_FOR_NOW,
  NOTHING,
  newcomer,
  preferredAssignor,
  reconciled,
  updated,
} from "./consumer-member.ts";
import { type ConsumerRecord, keptAssignment, keptMember, keptTarget, restoredMember } from "./consumer-record.ts";
import { MemberDeadlines } from "./member-deadlines.ts";
import { checkRegex } from "./resolving.ts";
import { type KnownTopic, type ResolvedRegex, Subscriptions } from "./subscriptions.ts";

export type ConsumerState = "Empty" | "Assigning" | "Reconciling" | "Stable";

export interface ConsumerOptions {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly topics: () => readonly KnownTopic[];
  readonly sessionMs: () => number;
}

export interface Beaten {
  readonly memberId: string;
  readonly epoch: number;
  /** Undefined: as it was told before. */
  readonly assignment: Assignment | undefined;
}

const textOf = (counts: PartitionCounts): string => JSON.stringify([...counts]);

export class ConsumerGroup {
  readonly type = "consumer";
  readonly id: string;
  readonly #options: ConsumerOptions;
  readonly #members = new Map<string, ConsumerMember>();
  readonly deadlines: MemberDeadlines;
  readonly #subscriptions = new Subscriptions();
  #target = new Map<string, Assignment>();
  #epoch = 0;
  #assignmentEpoch = 0;
  /** What was shared out last: a topic that changes makes the group share out anew. */
  #counts = "";
  #changed = false;

  constructor(id: string, options: ConsumerOptions) {
    this.id = id;
    this.#options = options;
    this.deadlines = new MemberDeadlines(options.clock);
  }

  static restore(id: string, record: ConsumerRecord, options: ConsumerOptions): ConsumerGroup {
    const group = new ConsumerGroup(id, options);
    group.#epoch = record.epoch;
    group.#assignmentEpoch = record.assignmentEpoch;
    group.#counts = record.counts;
    group.#target = keptTarget(record);
    for (const [regex, topics] of record.regexes ?? []) group.#subscriptions.resolve(regex, topics);
    for (const kept of record.members) group.#set(restoredMember(kept));
    for (const member of group.members()) group.heard(member);
    group.#changed = false;
    return group;
  }

  get epoch(): number {
    return this.#epoch;
  }
  get assignmentEpoch(): number {
    return this.#assignmentEpoch;
  }
  /** What most members ask for. */
  get assignor(): string {
    return preferredAssignor(this.members());
  }
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
  get state(): ConsumerState {
    if (this.isEmpty) return "Empty";
    if (this.#epoch > this.#assignmentEpoch) return "Assigning";
    const isSettled = this.members().every(({ state, epoch }) => state === "stable" && epoch === this.#assignmentEpoch);
    return isSettled ? "Stable" : "Reconciling";
  }
  members(): readonly ConsumerMember[] {
    return [...this.#members.values()];
  }
  get(memberId: string): ConsumerMember | undefined {
    return this.#members.get(memberId);
  }
  targetOf(memberId: string): Assignment {
    return this.#target.get(memberId) ?? NOTHING;
  }

  /** Whether there is something to keep since it was last asked. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** What was taken could not be kept. */
  markChanged(): void {
    this.#changed = true;
  }

  record(): ConsumerRecord {
    return {
      type: "consumer",
      epoch: this.#epoch,
      assignmentEpoch: this.#assignmentEpoch,
      assignor: this.assignor,
      counts: this.#counts,
      regexes: this.#subscriptions.all(),
      members: this.members().map(keptMember),
      target: [...this.#target].map(([id, assignment]) => [id, keptAssignment(assignment)]),
    };
  }

  /** The monotonic time at which `tick` is due. */
  get dueMs(): number {
    return this.deadlines.dueMs;
  }

  /** Members that were silent, did not let go or did not come in time are out. */
  tick(): void {
    for (const id of this.deadlines.overdue()) this.remove(id);
  }

  /** Throws a BrokerError. */
  beat(beat: Beat): Beaten {
    if (beat.epoch === LEAVE || beat.epoch === LEAVE_FOR_NOW) return this.#leave(beat);
    const before = beat.epoch === 0 ? this.#joining(beat) : this.#known(beat);
    const next = this.#step(before, beat);
    const isFull = beat.rebalanceTimeoutMs !== undefined && beat.owned !== undefined && beat.topics !== undefined;
    const isTold = beat.epoch === 0 || isFull || !isSame(before.assigned, next.assigned);
    return { memberId: next.id, epoch: next.epoch, assignment: isTold ? next.assigned : undefined };
  }

  /** A member that speaks the classic protocol comes, or comes back: whatever its epoch was, it begins anew. Throws a BrokerError. */
  join(beat: Beat): ConsumerMember {
    const next = this.#step(this.#joining(beat), beat);
    this.deadlines.came(next.id);
    return next;
  }

  /** What the member says of itself now, and its next step. */
  #step(before: ConsumerMember, beat: Beat): ConsumerMember {
    const member = updated(before, beat);
    if (member.regex !== before.regex) checkRegex(member.regex);
    const isOther = this.#subscriptions.differ(before, member);
    this.#set(member);
    if (member.regex !== before.regex) this.#forgetUnused();
    this.#share(isOther || this.#epoch === 0 ? "other" : "same");
    const next = this.#reconcile(member, beat.owned);
    this.heard(next);
    return next;
  }

  /** Whether something that the member is to have is still another's. */
  isWaiting(member: ConsumerMember): boolean {
    const isTaken = this.#takenFrom(member);
    return [...this.targetOf(member.id)].some(([topic, partitions]) =>
      [...partitions].some((one) => !member.assigned.get(topic)?.has(one) && isTaken(topic, one)),
    );
  }

  /** Its session begins anew. */
  heard({ id, classic }: ConsumerMember): void {
    this.deadlines.heard(id, classic?.sessionTimeoutMs ?? this.#options.sessionMs());
  }

  /** Whether a member wants it. */
  subscribes(topic: string): boolean {
    return this.members().some((member) => this.#subscriptions.wants(member, topic));
  }

  /** The regular expressions of all members, and whether one of them was never resolved. */
  regexes(): { readonly all: readonly string[]; readonly hasNew: boolean } {
    const all = [...new Set(this.members().map(({ regex }) => regex))].filter((regex) => regex !== "");
    return { all, hasNew: all.some((regex) => !this.#subscriptions.isResolved(regex)) };
  }

  /** What regular expressions match now. Other topics than before make a new epoch. */
  resolve(resolved: readonly ResolvedRegex[]): void {
    const isOther = resolved.map(([regex, topics]) => this.#subscriptions.resolve(regex, topics)).includes(true);
    this.#forgetUnused();
    if (isOther) this.#nextEpoch(this.#wanted());
    this.#changed = true;
  }

  /** What expressions matched that nobody has any more. */
  #forgetUnused(): void {
    this.#subscriptions.keepOnly(new Set(this.regexes().all));
  }

  byInstance(instanceId: string): ConsumerMember | undefined {
    return this.members().find((member) => member.instanceId === instanceId);
  }

  #joining(beat: Beat): ConsumerMember {
    const { memberId, instanceId } = beat;
    const static_ = instanceId === null ? undefined : this.byInstance(instanceId);
    if (!static_) return this.#members.get(memberId) ?? newcomer(beat);
    if (static_.id === memberId && beat.classic) return static_;
    const isReleased = static_.epoch === LEAVE_FOR_NOW || static_.classic !== undefined || beat.classic !== undefined;
    if (!isReleased) throw new BrokerError("UNRELEASED_INSTANCE_ID", `${instanceId} is in use by another member`);
    const target = this.targetOf(static_.id);
    this.#members.delete(static_.id);
    this.deadlines.forget(static_.id);
    this.#target.delete(static_.id);
    this.#target.set(memberId, target);
    const member: ConsumerMember = { ...static_, id: memberId, epoch: 0, previousEpoch: 0, state: "stable", assigned: NOTHING };
    this.#set(member);
    return member;
  }

  /** Throws where the member is not known, was replaced, or is at another epoch. */
  #known({ memberId, instanceId, epoch, owned }: Beat): ConsumerMember {
    const member = this.#claimed(memberId, instanceId);
    const isLate = epoch === member.previousEpoch && owned !== undefined && isWithin(owned, member.assigned);
    if (epoch > member.epoch || (epoch < member.epoch && !isLate))
      throw new BrokerError("FENCED_MEMBER_EPOCH", `the member is at epoch ${member.epoch}, not ${epoch}`);
    return member;
  }

  #claimed(memberId: string, instanceId: string | null): ConsumerMember {
    const member = instanceId === null ? this.#members.get(memberId) : this.byInstance(instanceId);
    if (!member) throw new BrokerError("UNKNOWN_MEMBER_ID", `${memberId} is not a member of ${this.id}`);
    if (member.id !== memberId) throw new BrokerError("FENCED_INSTANCE_ID", `${instanceId} is another member now`);
    return member;
  }

  #leave({ memberId, instanceId, epoch }: Beat): Beaten {
    const member = this.#claimed(memberId, instanceId);
    if (epoch === LEAVE) this.remove(member.id);
    else this.#set({ ...member, epoch: LEAVE_FOR_NOW, state: "stable", revoking: NOTHING });
    return { memberId, epoch, assignment: undefined };
  }

  /** It is no member any more. */
  remove(id: string): void {
    this.#members.delete(id);
    this.deadlines.forget(id);
    this.#target.delete(id);
    this.#forgetUnused();
    this.#nextEpoch(this.#wanted());
  }

  /** A new epoch where there is reason to, and its assignment. */
  #share(wants: "other" | "same"): void {
    const counts = this.#wanted();
    if (wants === "other" || textOf(counts) !== this.#counts) this.#nextEpoch(counts);
    if (this.#epoch <= this.#assignmentEpoch) return;
    const assign = ASSIGNORS[this.assignor];
    if (assign) this.#target = assign(this.#subscriptions.subscribers(this.members(), this.#options.topics(), this.#target), counts);
    this.#assignmentEpoch = this.#epoch;
  }

  #wanted(): PartitionCounts {
    return this.#subscriptions.counts(this.members(), this.#options.topics());
  }

  #nextEpoch(counts: PartitionCounts): void {
    this.#counts = textOf(counts);
    this.#epoch += 1;
    this.#changed = true;
  }

  #reconcile(member: ConsumerMember, owned: Assignment | undefined): ConsumerMember {
    const isWanted = (id: string): boolean => this.#subscriptions.wantsId(member, id, this.#options.topics());
    const target = this.targetOf(member.id);
    const next = reconciled(member, { target, targetEpoch: this.#assignmentEpoch, owned, isWanted, isTaken: this.#takenFrom(member) });
    this.#set(next);
    if (next.state === "unrevoked") this.deadlines.releases(next.id, next.rebalanceTimeoutMs);
    else this.deadlines.released(next.id);
    return next;
  }

  /** Whether a partition is another member's. */
  #takenFrom({ id }: ConsumerMember): (topic: string, partition: number) => boolean {
    const others = this.members().filter((other) => other.id !== id);
    return (topic, partition) =>
      others.some(({ assigned, revoking }) => assigned.get(topic)?.has(partition) || revoking.get(topic)?.has(partition));
  }

  #set(member: ConsumerMember): void {
    if (this.#members.get(member.id) === member) return;
    this.#members.set(member.id, member);
    this.#changed = true;
  }
}
