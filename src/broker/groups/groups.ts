// The part of the broker that groups are: what the APIs of groups and offsets ask. Answers are Kafka's verdicts by name.
import type { Timer } from "../../core/clock.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { join } from "./classic-join.ts";
import { type CommitClaim, commitFault, heartbeat, leave, refusedSync, sync, txnCommitFault } from "./classic-member.ts";
import { type JoinAnswer, type JoinAsked, refusedJoin, type SyncAnswer, type SyncAsked, type Verdict } from "./classic-terms.ts";
import { expiredKeys, isSubscribed, offsetDeleteFault } from "./expiry.ts";
import { type GroupStore, Ledger } from "./ledger.ts";
import type { Placed } from "./offsets.ts";
import { encoded, groupKey, type OffsetPlace, type OffsetRecord, offsetKey, pendingKey } from "./records.ts";
import { type GroupsOn, Registry, verdictOf } from "./registry.ts";
import type { Claim } from "./roster.ts";

/** How often old offsets are looked for; Kafka's offsets.retention.check.interval.ms. */
const EXPIRY_LOOK_MS = 600_000;

/** An offset that is to be committed. */
export interface OffsetAsked {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string | null;
}

export interface CommitAsked extends CommitClaim {
  readonly group: string;
  /** How long the client wants them kept (up to version 4); -1: as the broker does it. */
  readonly retentionMs: number;
  readonly offsets: readonly OffsetAsked[];
}

/** A verdict for all, or one for each offset in the order asked. */
export type CommitAnswer = { readonly all: Verdict } | { readonly each: readonly Verdict[] };

/** What ends the offsets of a transaction. */
export interface TxnOutcome {
  readonly producerId: number;
  readonly outcome: "commit" | "abort";
}

export class Groups {
  readonly #registry: Registry;
  readonly #ledger: Ledger;
  #expiry: Timer | undefined;
  #closed = false;

  constructor(on: GroupsOn, store: GroupStore, entries: ReadonlyMap<string, Uint8Array>) {
    this.#ledger = new Ledger(store, entries);
    this.#registry = new Registry(on, this.#ledger, entries);
    this.#expireLater();
  }

  get(id: string): ClassicGroup | undefined {
    return this.#registry.get(id);
  }

  all(): readonly ClassicGroup[] {
    return this.#registry.all();
  }

  join(id: string, asked: JoinAsked): Promise<JoinAnswer> {
    const { limits } = this.#registry.on;
    const { sessionMsMin, sessionMsMax } = limits();
    if (id === "") return Promise.resolve(refusedJoin("INVALID_GROUP_ID", asked.memberId));
    if (asked.sessionTimeoutMs < sessionMsMin || asked.sessionTimeoutMs > sessionMsMax)
      return Promise.resolve(refusedJoin("INVALID_SESSION_TIMEOUT", ""));
    const isNew = this.get(id) === undefined;
    if (isNew && asked.memberId !== "") return Promise.resolve(refusedJoin("UNKNOWN_MEMBER_ID", asked.memberId));
    const group = this.#registry.make(id);
    return new Promise((answered) => {
      const ticket = this.#registry.awaitJoin(answered);
      const answer = join(group, { asked, ticket });
      if (answer) {
        this.#registry.dropTicket(ticket);
        answered(answer);
      }
      if (isNew) this.#registry.keep(group);
      else this.#registry.run(group);
    });
  }

  sync(id: string, asked: SyncAsked): Promise<SyncAnswer> {
    if (id === "") return Promise.resolve(refusedSync("INVALID_GROUP_ID"));
    const group = this.get(id);
    if (!group) return Promise.resolve(refusedSync("UNKNOWN_MEMBER_ID"));
    return new Promise((answered) => {
      const ticket = this.#registry.awaitSync(answered);
      const verdict = sync(group, asked, ticket);
      if (verdict) {
        this.#registry.dropTicket(ticket);
        answered(refusedSync(verdict));
      }
      this.#registry.run(group);
    });
  }

  heartbeat(id: string, claim: Claim, generation: number): Verdict {
    if (id === "") return "INVALID_GROUP_ID";
    const group = this.get(id);
    const verdict = group ? heartbeat(group, claim, generation) : "UNKNOWN_MEMBER_ID";
    if (group) this.#registry.run(group);
    return verdict;
  }

  leave(id: string, claims: readonly Claim[]): { readonly all: Verdict } | { readonly each: readonly Verdict[] } {
    if (id === "") return { all: "INVALID_GROUP_ID" };
    const group = this.get(id);
    if (!group) return { all: "UNKNOWN_MEMBER_ID" };
    if (group.state === "Dead") return { all: "COORDINATOR_NOT_AVAILABLE" };
    const each = leave(group, claims);
    this.#registry.run(group);
    return { each };
  }

  /** Answered when it is durable. */
  async commit(asked: CommitAsked): Promise<CommitAnswer> {
    const group = this.#committedIn(asked);
    if (!group) return { all: "ILLEGAL_GENERATION" };
    const verdict = commitFault(group, asked);
    this.#registry.run(group);
    return verdict === "NONE" ? this.#write(asked, offsetKey) : { all: verdict };
  }

  /** Offsets that count when their transaction is committed. */
  async beginTxnOffsets(producerId: number, asked: CommitAsked): Promise<CommitAnswer> {
    const group = this.#committedIn(asked);
    if (!group) return { all: "ILLEGAL_GENERATION" };
    const verdict = txnCommitFault(group, asked);
    return verdict === "NONE" ? this.#write(asked, (place) => pendingKey(producerId, place)) : { all: verdict };
  }

  /** Makes a producer's offsets in a group valid, or drops them; settles when that is durable. */
  async completeTxnOffsets(group: string, { producerId, outcome }: TxnOutcome): Promise<void> {
    await this.#ledger.settled();
    const pending = this.#ledger.offsets.pendingOf(group, producerId);
    const valid = outcome === "commit" ? pending.filter((of) => this.#isNewer(of)) : [];
    await this.#ledger.change([
      ...valid.map(({ place, record }) => ({ key: offsetKey(place), value: encoded(record) })),
      ...pending.map(({ place }) => ({ key: pendingKey(producerId, place), value: null })),
    ]);
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
    const group = this.get(id);
    const fault = id === "" ? "INVALID_GROUP_ID" : offsetDeleteFault(group);
    if (fault !== "NONE" || !group) return { all: fault };
    const each = asked.map(({ topic }): Verdict => (isSubscribed(group, topic) ? "GROUP_SUBSCRIBED_TO_TOPIC" : "NONE"));
    const places = asked.filter((place, at) => each[at] === "NONE" && this.offset(place) !== undefined);
    try {
      await this.#ledger.remove(places.map(offsetKey));
    } catch (reason) {
      return { all: verdictOf(reason) };
    }
    return { each };
  }

  /** With its offsets. */
  async delete(id: string): Promise<Verdict> {
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

  /** A topic has gone; its offsets go too. */
  async topicDeleted(topic: string): Promise<void> {
    await this.#ledger.settled();
    await this.#ledger.remove(this.#ledger.offsets.keysOfTopic(topic));
  }

  /** Offsets that are too old go, and with their last offset groups that nobody is in. */
  async expire(): Promise<void> {
    const { limits, clock } = this.#registry.on;
    for (const group of this.all()) {
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
  #committedIn({ group, generation }: CommitAsked): ClassicGroup | undefined {
    return generation < 0 ? this.#registry.make(group) : this.get(group);
  }

  async #write({ group, offsets, retentionMs }: CommitAsked, keyFor: (place: OffsetPlace) => string): Promise<CommitAnswer> {
    const { limits, clock } = this.#registry.on;
    const { metadataCharactersMax } = limits();
    const committedMs = clock.now();
    const expiresMs = retentionMs < 0 ? -1 : committedMs + retentionMs;
    const each = offsets.map(
      ({ metadata }): Verdict => ((metadata?.length ?? 0) > metadataCharactersMax ? "OFFSET_METADATA_TOO_LARGE" : "NONE"),
    );
    const changes = offsets
      .filter((_, at) => each[at] === "NONE")
      .map(({ topic, partition, offset, leaderEpoch, metadata }) => ({
        key: keyFor({ group, topic, partition }),
        value: encoded({ offset, leaderEpoch, metadata: metadata ?? "", committedMs, expiresMs }),
      }));
    try {
      await this.#ledger.change(changes);
    } catch (reason) {
      return { all: verdictOf(reason) };
    }
    return { each };
  }

  /** What was committed outside of the transaction after it stays. */
  #isNewer({ place, record }: Placed): boolean {
    return (this.offset(place)?.committedMs ?? 0) <= record.committedMs;
  }
}
