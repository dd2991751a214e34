// Who is in a classic group: members in the order in which they came, static ones also by their instance, one of them the leader, and
// those who were given an id and have not come back with it.
import type { KafkaErrorName } from "../../kafka/wire/errors.ts";
import { CONSUMER_TYPE, type Member, metadataFor, type Protocol, topicsOf } from "./member.ts";

/** Who a request says it is from. */
export interface Claim {
  readonly memberId: string;
  readonly instanceId: string | null;
}

export class Roster {
  readonly #members = new Map<string, Member>();
  readonly #instances = new Map<string, string>();
  /** Ids that were given out, with the time at which they are forgotten. */
  readonly pending = new Map<string, number>();
  protocolType: string | undefined;
  leader: string | undefined;

  get size(): number {
    return this.#members.size;
  }

  all(): readonly Member[] {
    return [...this.#members.values()];
  }

  get(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** The id of the member that is an instance at present. */
  idOf(instanceId: string): string | undefined {
    return this.#instances.get(instanceId);
  }

  get joining(): number {
    return this.all().filter(({ joining }) => joining !== undefined).length;
  }

  get allJoined(): boolean {
    return this.pending.size === 0 && this.joining === this.size;
  }

  get rebalanceTimeoutMs(): number {
    return this.all().reduce((most, { rebalanceTimeoutMs }) => Math.max(most, rebalanceTimeoutMs), 0);
  }

  add(member: Member): void {
    if (this.size === 0) this.protocolType = member.protocolType;
    this.leader ??= member.id;
    this.#members.set(member.id, member);
    if (member.instanceId !== null) this.#instances.set(member.instanceId, member.id);
    this.pending.delete(member.id);
  }

  remove(id: string): void {
    const member = this.#members.get(id);
    this.#members.delete(id);
    this.pending.delete(id);
    if (member && member.instanceId !== null) this.#instances.delete(member.instanceId);
    if (this.leader === id) this.leader = this.#members.keys().next().value;
  }

  /** A static member comes back under a new id, with all that it had. */
  replace(old: Member, id: string): Member {
    const member: Member = { ...old, id, joining: undefined, syncing: undefined, isNew: false };
    this.#members.delete(old.id);
    this.#members.set(id, member);
    if (member.instanceId !== null) this.#instances.set(member.instanceId, id);
    if (this.leader === old.id) this.leader = id;
    return member;
  }

  /** Why a request is not from a member; undefined: it is. */
  fault({ memberId, instanceId }: Claim): KafkaErrorName | undefined {
    const known = instanceId === null ? memberId : this.#instances.get(instanceId);
    if (known === undefined) return "UNKNOWN_MEMBER_ID";
    if (known !== memberId) return "FENCED_INSTANCE_ID";
    return this.#members.has(memberId) ? undefined : "UNKNOWN_MEMBER_ID";
  }

  /** The leader, or else the first who did, leads those that joined. False: nobody did. */
  electJoined(): boolean {
    if (this.leader === undefined) return false;
    if (this.get(this.leader)?.joining !== undefined) return true;
    const next = this.all().find(({ joining }) => joining !== undefined);
    if (!next) return false;
    this.leader = next.id;
    return true;
  }

  /** Whether somebody with these protocols can be one of the members. */
  supports(protocolType: string, protocols: readonly Protocol[]): boolean {
    if (this.size === 0) return protocolType !== "" && protocols.length > 0;
    const common = this.#common();
    return this.protocolType === protocolType && protocols.some(({ name }) => common.has(name));
  }

  /** What all speak and most like best; undefined when nobody is there. */
  elected(): string | undefined {
    const common = this.#common();
    const votes = new Map<string, number>();
    for (const { protocols } of this.all()) {
      const vote = protocols.find(({ name }) => common.has(name))?.name;
      if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
    return [...votes].reduce<readonly [string | undefined, number]>((best, one) => (one[1] > best[1] ? one : best), [undefined, 0])[0];
  }

  /** What consumers have subscribed to; undefined: they are none, or it cannot be told. */
  topics(protocol: string | undefined): ReadonlySet<string> | undefined {
    if (this.protocolType !== CONSUMER_TYPE) return undefined;
    if (this.size === 0) return new Set();
    const topics = new Set<string>();
    for (const member of this.all()) {
      const metadata = metadataFor(member, protocol);
      const subscribed = metadata && topicsOf(metadata);
      if (!subscribed) return undefined;
      for (const topic of subscribed) topics.add(topic);
    }
    return topics;
  }

  #common(): ReadonlySet<string> {
    const counts = new Map<string, number>();
    for (const { protocols } of this.all()) {
      for (const name of new Set(protocols.map((protocol) => protocol.name))) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return new Set([...counts].filter(([, count]) => count === this.size).map(([name]) => name));
  }
}
