// The state machine of a share group's members (KIP-932): what they want, and which partitions they read from. Nobody has to let go of
// anything first, since partitions are shared. Without I/O, like the machine of consumer groups.
import type { Clock } from "../../core/clock.ts";
import { BrokerError } from "../broker-error.ts";
import type { Assignment, PartitionCounts } from "../groups/assignors.ts";
import { isSame, LEAVE, NOTHING } from "../groups/consumer-member.ts";
import { type KeptAssignment, keptAssignment, restoredAssignment } from "../groups/consumer-record.ts";
import type { KnownTopic } from "../groups/subscriptions.ts";
import { assignSimply } from "./simple-assignor.ts";

export interface ShareMember {
  readonly id: string;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Names. */
  readonly topics: readonly string[];
  readonly epoch: number;
  readonly previousEpoch: number;
}

/** A heartbeat; undefined: nothing has changed since the last. */
export interface ShareBeat {
  readonly memberId: string;
  readonly epoch: number;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly topics: readonly string[] | undefined;
}

export interface ShareBeaten {
  readonly memberId: string;
  readonly epoch: number;
  /** Undefined: as it was told before. */
  readonly assignment: Assignment | undefined;
}

/** A share group as it is kept. */
export interface ShareRecord {
  readonly epoch: number;
  readonly assignmentEpoch: number;
  readonly counts: string;
  readonly members: readonly ShareMember[];
  readonly target: readonly (readonly [memberId: string, assignment: KeptAssignment])[];
}

export interface ShareOptions {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly topics: () => readonly KnownTopic[];
  readonly sessionMs: () => number;
  /** The most members. */
  readonly size: () => number;
}

const ASSIGNOR = "simple";
const textOf = (counts: PartitionCounts): string => JSON.stringify([...counts]);

export class ShareGroup {
  readonly type = "share";
  readonly id: string;
  readonly assignor = ASSIGNOR;
  readonly #options: ShareOptions;
  readonly #members = new Map<string, ShareMember>();
  /** When a member is gone unless it is heard of, in monotonic time. */
  readonly #deadlines = new Map<string, number>();
  #target = new Map<string, Assignment>();
  #epoch = 0;
  #assignmentEpoch = 0;
  #counts = "";
  #changed = false;

  constructor(id: string, options: ShareOptions) {
    this.id = id;
    this.#options = options;
  }

  static restore(id: string, record: ShareRecord, options: ShareOptions): ShareGroup {
    const group = new ShareGroup(id, options);
    group.#epoch = record.epoch;
    group.#assignmentEpoch = record.assignmentEpoch;
    group.#counts = record.counts;
    group.#target = new Map(record.target.map(([member, kept]) => [member, restoredAssignment(kept)]));
    for (const member of record.members) {
      group.#members.set(member.id, member);
      group.#heard(member.id);
    }
    return group;
  }

  get epoch(): number {
    return this.#epoch;
  }
  get assignmentEpoch(): number {
    return this.#assignmentEpoch;
  }
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
  get state(): "Empty" | "Stable" {
    return this.isEmpty ? "Empty" : "Stable";
  }
  members(): readonly ShareMember[] {
    return [...this.#members.values()];
  }
  targetOf(memberId: string): Assignment {
    return this.#target.get(memberId) ?? NOTHING;
  }

  /** Topics that there are and members want. */
  wanted(): readonly KnownTopic[] {
    return this.#options.topics().filter(({ name }) => this.members().some(({ topics }) => topics.includes(name)));
  }

  /** Whether there is something to keep since it was last asked. */
  takeChanged(): boolean {
    const isChanged = this.#changed;
    this.#changed = false;
    return isChanged;
  }
  /** What was taken could not be kept; or there is a first thing to keep. */
  markChanged(): void {
    this.#changed = true;
  }

  record(): ShareRecord {
    return {
      epoch: this.#epoch,
      assignmentEpoch: this.#assignmentEpoch,
      counts: this.#counts,
      members: this.members(),
      target: [...this.#target].map(([id, assignment]) => [id, keptAssignment(assignment)]),
    };
  }

  /** The monotonic time at which `tick` is due. */
  get dueMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#deadlines.values());
  }

  /** Members that were silent are out. */
  tick(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [id, byMs] of this.#deadlines) if (byMs <= nowMs) this.#remove(id);
  }

  /** Somebody has set offsets of a group that nobody has joined. */
  begin(): void {
    if (this.#epoch === 0) this.#nextEpoch(new Map());
    this.#assignmentEpoch = this.#epoch;
  }

  /** Throws a BrokerError. */
  beat(beat: ShareBeat): ShareBeaten {
    const known = this.#members.get(beat.memberId);
    if (beat.epoch === LEAVE) return this.#leave(beat, known);
    const before = this.#checked(beat, known);
    const told = this.targetOf(beat.memberId);
    const topics = beat.topics ?? before?.topics ?? [];
    const { memberId: id, clientId, clientHost } = beat;
    const of = { id, rackId: beat.rackId ?? before?.rackId ?? null, clientId, clientHost, topics };
    const wantsOther = !before || [...before.topics].sort().join() !== [...topics].sort().join();
    this.#set({ ...of, epoch: before?.epoch ?? 0, previousEpoch: before?.previousEpoch ?? 0 });
    this.#share(wantsOther ? "other" : "same");
    const next = this.#reach({ ...of, epoch: before?.epoch ?? 0, previousEpoch: before?.previousEpoch ?? 0 });
    this.#heard(id);
    const target = this.targetOf(id);
    const isTold = beat.epoch === 0 || beat.topics !== undefined || !isSame(told, target) || next.epoch !== beat.epoch;
    return { memberId: id, epoch: next.epoch, assignment: isTold ? target : undefined };
  }

  #checked({ memberId, epoch }: ShareBeat, known: ShareMember | undefined): ShareMember | undefined {
    if (!known && epoch === 0 && this.#members.size >= this.#options.size())
      throw new BrokerError("GROUP_MAX_SIZE_REACHED", `the group has ${this.#members.size} members`);
    if (!known && epoch === 0) return undefined;
    if (!known) throw new BrokerError("UNKNOWN_MEMBER_ID", `${memberId} is not a member of ${this.id}`);
    if (epoch !== 0 && epoch !== known.epoch && epoch !== known.previousEpoch)
      throw new BrokerError("FENCED_MEMBER_EPOCH", `the member is at epoch ${known.epoch}, not ${epoch}`);
    return known;
  }

  #leave({ memberId, epoch }: ShareBeat, known: ShareMember | undefined): ShareBeaten {
    if (!known) throw new BrokerError("UNKNOWN_MEMBER_ID", `${memberId} is not a member of ${this.id}`);
    this.#remove(memberId);
    return { memberId, epoch, assignment: undefined };
  }

  #remove(id: string): void {
    this.#members.delete(id);
    this.#deadlines.delete(id);
    this.#target.delete(id);
    this.#epoch += 1;
    this.#changed = true;
  }

  #set(member: ShareMember): void {
    const before = this.#members.get(member.id);
    this.#members.set(member.id, member);
    if (JSON.stringify(before) !== JSON.stringify(member)) this.#changed = true;
  }

  /** The member is at the epoch of what it has. */
  #reach(member: ShareMember): ShareMember {
    if (member.epoch === this.#assignmentEpoch) return member;
    const next: ShareMember = { ...member, epoch: this.#assignmentEpoch, previousEpoch: member.epoch };
    this.#set(next);
    return next;
  }

  #share(wants: "other" | "same"): void {
    const counts: PartitionCounts = new Map(this.wanted().map(({ id, partitions }) => [id, partitions]));
    if (wants === "other" || textOf(counts) !== this.#counts) this.#nextEpoch(counts);
    if (this.#epoch <= this.#assignmentEpoch) return;
    const known = this.wanted();
    const subscribers = this.members().map(({ id, topics }) => {
      const wanted = known.filter(({ name }) => topics.includes(name));
      return { id, topics: new Set(wanted.map((topic) => topic.id)), before: this.targetOf(id) };
    });
    this.#target = assignSimply(subscribers, counts);
    this.#assignmentEpoch = this.#epoch;
  }

  #nextEpoch(counts: PartitionCounts): void {
    this.#counts = textOf(counts);
    this.#epoch += 1;
    this.#changed = true;
  }

  #heard(id: string): void {
    this.#deadlines.set(id, this.#options.clock.monotonicMs() + this.#options.sessionMs());
  }
}
