// The part of the broker that groups are: what the APIs of groups and offsets ask. Answers are Kafka's verdicts by name.
import type { Timer } from "../../core/clock.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { type CommitClaim, commitFault, txnCommitFault } from "./classic-member.ts";
import type { JoinAnswer, JoinAsked, SyncAnswer, SyncAsked, Verdict } from "./classic-terms.ts";
import { type CommitAnswer, type CommitAsked, changesOf, endingOf, type TxnOutcome, verdictsOf } from "./committing.ts";
import type { Beaten, ConsumerGroup } from "./consumer-group.ts";
import { ConsumerGroups, type Sees } from "./consumer-groups.ts";
import { type Beat, consumerFault } from "./consumer-member.ts";
import { expiredKeys, isSubscribed, offsetDeleteFault } from "./expiry.ts";
import { type GroupStore, Ledger } from "./ledger.ts";
import { Membership } from "./membership.ts";
import type { Placed } from "./offsets.ts";
import { consumerKey, groupKey, type OffsetPlace, type OffsetRecord, offsetKey, pendingKey } from "./records.ts";
import { type GroupsOn, Registry, verdictOf } from "./registry.ts";
import type { Claim } from "./roster.ts";

/** How often old offsets are looked for; Kafka's offsets.retention.check.interval.ms. */
const EXPIRY_LOOK_MS = 600_000;

export class Groups {
  readonly #registry: Registry;
  readonly #ledger: Ledger;
  /** Of the consumer protocol (KIP-848). */
  readonly consumers: ConsumerGroups;
  readonly #membership: Membership;
  #expiry: Timer | undefined;
  #closed = false;

  constructor(on: GroupsOn, store: GroupStore, entries: ReadonlyMap<string, Uint8Array>) {
    this.#ledger = new Ledger(store, entries);
    this.consumers = new ConsumerGroups(on, this.#ledger, entries);
    this.#registry = new Registry(on, this.#ledger, entries);
    this.#membership = new Membership(this.#registry, this.consumers);
    this.#expireLater();
  }

  get(id: string): ClassicGroup | undefined {
    return this.#registry.get(id);
  }

  /** Of either protocol. */
  has(id: string): boolean {
    return this.get(id) !== undefined || this.consumers.get(id) !== undefined;
  }

  all(): readonly ClassicGroup[] {
    return this.#registry.all();
  }

  join(id: string, asked: JoinAsked): Promise<JoinAnswer> {
    return this.#membership.join(id, asked);
  }

  /** A heartbeat of the consumer protocol. Rejects with a BrokerError. */
  async beat(id: string, beat: Beat, sees: Sees): Promise<Beaten> {
    return this.#membership.beat(id, beat, sees);
  }

  sync(id: string, asked: SyncAsked): Promise<SyncAnswer> {
    return this.#membership.sync(id, asked);
  }

  heartbeat(id: string, claim: Claim, generation: number): Verdict {
    return this.#membership.heartbeat(id, claim, generation);
  }

  leave(id: string, claims: readonly Claim[]): { readonly all: Verdict } | { readonly each: readonly Verdict[] } {
    return this.#membership.leave(id, claims);
  }

  /** Answered when it is durable. */
  commit(asked: CommitAsked): Promise<CommitAnswer> {
    return this.#commit(asked, { faultOf: commitFault, keyFor: offsetKey });
  }

  /** Offsets that count when their transaction is committed. */
  beginTxnOffsets(producerId: number, asked: CommitAsked): Promise<CommitAnswer> {
    return this.#commit(asked, { faultOf: txnCommitFault, keyFor: (place) => pendingKey(producerId, place) });
  }

  /** Makes a producer's offsets in a group valid, or drops them; settles when that is durable. */
  async completeTxnOffsets(group: string, { producerId, outcome }: TxnOutcome): Promise<void> {
    await this.#ledger.settled();
    await this.#ledger.change(endingOf(this.#ledger.offsets, group, { producerId, outcome }));
  }

  /** Undefined: none was committed. */
  offset(place: OffsetPlace): OffsetRecord | undefined {
    return this.#ledger.offsets.get(place);
  }

  offsets(group: string): readonly Placed[] {
    return this.#ledger.offsets.all(group);
  }

  isPending(place: OffsetPlace): boolean {
    return this.#ledger.offsets.isPending(place);
  }

  /** A verdict for each partition, in the order asked. */
  async deleteOffsets(id: string, asked: readonly OffsetPlace[]): Promise<CommitAnswer> {
    const group = this.get(id) ?? this.consumers.get(id);
    const fault = id === "" ? "INVALID_GROUP_ID" : offsetDeleteFault(group);
    if (fault !== "NONE" || !group) return { all: fault };
    const each = asked.map(({ topic }): Verdict => (isSubscribed(group, topic) ? "GROUP_SUBSCRIBED_TO_TOPIC" : "NONE"));
    const places = asked.filter((_, at) => each[at] === "NONE");
    try {
      await this.#ledger.settled();
      await this.#ledger.remove(places.flatMap((place) => this.#ledger.offsets.keysAt(place)));
    } catch (reason) {
      return { all: verdictOf(reason) };
    }
    return { each };
  }

  /** With its offsets. */
  async delete(id: string): Promise<Verdict> {
    const consumers = this.consumers.get(id);
    if (consumers) return this.#deleteConsumers(consumers);
    const group = this.get(id);
    if (!group || group.state === "Dead") return "GROUP_ID_NOT_FOUND";
    if (!group.isEmpty) return "NON_EMPTY_GROUP";
    group.end(); // From now on nobody joins or commits, so that nothing is left behind.
    this.#registry.run(group);
    try {
      await this.#ledger.settled();
      await this.#ledger.remove([...this.#ledger.offsets.keysOf(id), groupKey(id)]);
      this.#registry.forget(group);
      return "NONE";
    } catch (reason) {
      this.#registry.forget(group);
      this.#registry.make(id); // Its offsets are still there.
      return verdictOf(reason);
    }
  }

  async #deleteConsumers(group: ConsumerGroup): Promise<Verdict> {
    if (!group.isEmpty) return "NON_EMPTY_GROUP";
    try {
      await this.#ledger.remove([...this.#ledger.offsets.keysOf(group.id), consumerKey(group.id)]);
    } catch (reason) {
      return verdictOf(reason);
    }
    if (group.isEmpty) this.consumers.forget(group.id);
    return "NONE";
  }

  /** A topic has gone; its offsets go too. */
  async topicDeleted(topic: string): Promise<void> {
    await this.#ledger.settled();
    await this.#ledger.remove(this.#ledger.offsets.keysOfTopic(topic));
  }

  /** Offsets that are too old go, and with their last offset groups that nobody is in. */
  async expire(): Promise<void> {
    const { limits, clock } = this.#registry.on;
    for (const group of [...this.all(), ...this.consumers.all()]) {
      const { offsets } = this.#ledger;
      const keys = expiredKeys(group, offsets.all(group.id), { nowMs: clock.now(), retentionMs: limits().retentionMs });
      const isUnused = keys.length === offsets.all(group.id).length && group.isEmpty && !offsets.hasPending(group.id);
      if (isUnused) await this.delete(group.id);
      else await this.#ledger.remove(keys);
    }
  }

  close(): void {
    this.#closed = true;
    this.#registry.close();
    this.consumers.close();
    this.#expiry?.cancel();
  }

  #expireLater(): void {
    const { clock, log } = this.#registry.on;
    this.#expiry = clock.after(EXPIRY_LOOK_MS, () => {
      this.expire()
        .catch((reason: unknown) => log.warn("old offsets could not be taken out", { reason: String(reason) }))
        .finally(() => this.#closed || this.#expireLater());
    });
  }

  /** Whoever is no member may commit in a group that there was not. */
  #fault(asked: CommitAsked, faultOf: (group: ClassicGroup, claim: CommitClaim) => Verdict): Verdict {
    if (this.#registry.on.isShare(asked.group)) return "GROUP_ID_NOT_FOUND";
    const consumers = this.consumers.get(asked.group);
    const isNobodys = asked.generation < 0 && faultOf === txnCommitFault; // Whoever else is in the group.
    if (consumers) return isNobodys ? "NONE" : consumerFault(consumers, asked.memberId, asked.generation);
    const group = asked.generation < 0 ? this.#registry.make(asked.group) : this.get(asked.group);
    if (!group) return "ILLEGAL_GENERATION";
    const verdict = faultOf(group, asked);
    this.#registry.run(group);
    return verdict;
  }

  async #commit(asked: CommitAsked, { faultOf, keyFor }: Committing): Promise<CommitAnswer> {
    const { limits, clock } = this.#registry.on;
    const each = verdictsOf(asked, limits().metadataCharactersMax);
    const offsets = asked.offsets.filter((_, at) => each[at] === "NONE");
    // A group is not made for what is refused.
    if (offsets.length === 0 && asked.generation < 0 && !this.has(asked.group)) return { each };
    const verdict = this.#fault(asked, faultOf);
    if (verdict !== "NONE") return { all: verdict };
    try {
      await this.#ledger.change(changesOf({ ...asked, offsets }, keyFor, clock.now()));
    } catch (reason) {
      return { all: verdictOf(reason) };
    }
    return { each };
  }
}

/** Who may commit, and under which keys. */
interface Committing {
  readonly faultOf: (group: ClassicGroup, claim: CommitClaim) => Verdict;
  readonly keyFor: (place: OffsetPlace) => string;
}
