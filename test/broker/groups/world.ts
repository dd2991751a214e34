// Groups over a map, with a clock that is turned by hand; members that say the least that a member must say.
import assert from "node:assert/strict";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import type { JoinAnswer, JoinAsked, SyncAnswer, Verdict } from "../../../src/broker/groups/classic-terms.ts";
import type { CommitAnswer, CommitAsked, OffsetAsked } from "../../../src/broker/groups/committing.ts";
import { Groups } from "../../../src/broker/groups/groups.ts";
import type { Change } from "../../../src/broker/groups/ledger.ts";
import type { GroupLimits } from "../../../src/broker/groups/registry.ts";
import type { KnownTopic } from "../../../src/broker/groups/subscriptions.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { silentLog } from "../../../src/core/log.ts";
import { consumerSubscription } from "../../../src/kafka/wire/api/consumer-protocol.ts";
import { encodeVersioned } from "../../../src/kafka/wire/api/versioned.ts";
import { ManualClock } from "../../kit/clock.ts";

export const SESSION_MS = 10_000;
export const REBALANCE_MS = 30_000;
const CONSUMER_SESSION_MS = 45_000;
const LIMITS: GroupLimits = {
  size: 3,
  initialDelayMs: 0,
  sessionMsMin: 6_000,
  sessionMsMax: 60_000,
  migration: "bidirectional",
  metadataCharactersMax: 8,
  retentionMs: 3_600_000,
};

/** All promises that can go on have gone on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A subscription to topics. */
export const subscription = (...topics: string[]): Uint8Array =>
  encodeVersioned(consumerSubscription, { topics, userData: null, ownedPartitions: [], generationId: -1, rackId: null }, 0);

/** An answer that may not have come yet. */
export interface Awaited<T> {
  waits: boolean;
  answer: T | undefined;
}
const awaited = <T>(answer: Promise<T>): Awaited<T> => {
  const held: Awaited<T> = { waits: true, answer: undefined };
  void answer.then((given) => {
    held.waits = false;
    held.answer = given;
  });
  return held;
};

/** Held: nothing becomes durable before `release`. */
class MapStore {
  readonly entries = new Map<string, Uint8Array>();
  mode: "durable" | "held" | "full" = "durable";
  #held: (() => void)[] = [];

  async apply(changes: readonly Change[]): Promise<void> {
    if (this.mode === "held") await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.mode === "full") throw new BrokerError("KAFKA_STORAGE_ERROR");
    for (const { key, value } of changes) value ? this.entries.set(key, value) : this.entries.delete(key);
  }
  release(): void {
    this.mode = "durable";
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

export class World {
  readonly clock = new ManualClock();
  readonly store = new MapStore();
  readonly limits: GroupLimits;
  topics: readonly KnownTopic[] = [{ id: "T", name: "t", partitions: 4 }];
  topicsVersion = 0;
  groups: Groups;

  constructor(limits: Partial<GroupLimits> = {}) {
    this.limits = { ...LIMITS, ...limits };
    this.groups = this.restart();
  }
  restart(): Groups {
    this.groups?.close();
    const on = {
      clock: this.clock,
      log: silentLog,
      limits: () => this.limits,
      topics: () => this.topics,
      topicsVersion: () => this.topicsVersion,
      isShare: () => false,
      consumerSessionMs: () => CONSUMER_SESSION_MS,
    };
    this.groups = new Groups(on, this.store, new Map(this.store.entries));
    return this.groups;
  }
  /** Lets time pass, and what follows from it. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turn();
  }
  get state(): string | undefined {
    return this.groups.get("g")?.state;
  }
  get generation(): number {
    return this.groups.get("g")?.generation ?? -1;
  }

  async join(asked: Partial<JoinAsked> = {}): Promise<Awaited<JoinAnswer>> {
    const held = awaited(
      this.groups.join("g", {
        memberId: "",
        instanceId: null,
        clientId: "c",
        clientHost: "/127.0.0.1",
        sessionTimeoutMs: SESSION_MS,
        rebalanceTimeoutMs: REBALANCE_MS,
        protocolType: "consumer",
        protocols: [{ name: "range", metadata: subscription("t") }],
        idRequired: false,
        maySkip: true,
        ...asked,
      }),
    );
    await turn();
    return held;
  }
  async sync(joined: JoinAnswer, assignments: Readonly<Record<string, string>> = {}): Promise<Awaited<SyncAnswer>> {
    const given = new Map(Object.entries(assignments).map(([id, text]) => [id, utf8(text)]));
    const { memberId, generation, protocolType, protocol } = joined;
    const held = awaited(this.groups.sync("g", { memberId, instanceId: null, generation, protocolType, protocol, assignments: given }));
    await turn();
    return held;
  }
  heartbeat(memberId: string, generation = this.generation, instanceId: string | null = null): Verdict {
    return this.groups.heartbeat("g", { memberId, instanceId }, generation);
  }
  commit(asked: Partial<CommitAsked> = {}): Promise<CommitAnswer> {
    return this.groups.commit(commitOf(asked));
  }

  /** So many members that share out everything; answers are what each was told of the generation, the leader's first. */
  async stable(count: number, asked: Partial<JoinAsked> = {}): Promise<JoinAnswer[]> {
    const ids: string[] = [];
    for (let at = 0; at < count; at++) {
      const instanceId = asked.instanceId == null ? null : `${asked.instanceId}${at}`;
      const newcomer = await this.join({ ...asked, instanceId });
      for (const member of this.groups.get("g")?.roster.all() ?? [])
        if (ids.includes(member.id)) await this.join({ ...asked, memberId: member.id, instanceId: member.instanceId });
      await this.pass(0);
      ids.push(newcomer.answer?.memberId ?? "");
    }
    const told = ids.map((memberId) => this.groups.get("g")?.generationFor(memberId)).map(there);
    const leader = told.find((answer) => answer.leader === answer.memberId);
    for (const answer of told) if (answer !== leader) await this.syncAs(answer);
    await this.syncAs(there(leader), Object.fromEntries(ids.map((id, at) => [id, `${at}`])));
    assert.equal(this.state, "Stable");
    return told.sort((one) => (one === leader ? -1 : 1));
  }
  async syncAs(joined: JoinAnswer, assignments: Readonly<Record<string, string>> = {}): Promise<void> {
    const instanceId = this.groups.get("g")?.roster.get(joined.memberId)?.instanceId ?? null;
    const given = new Map(Object.entries(assignments).map(([id, text]) => [id, utf8(text)]));
    const { memberId, generation } = joined;
    void this.groups.sync("g", { memberId, instanceId, generation, protocolType: null, protocol: null, assignments: given });
    await turn();
  }
}

export const there = <T>(value: T | undefined): T => {
  assert.ok(value !== undefined, "it is not there");
  return value;
};

export const offsetOf = (offset: number, of: Partial<OffsetAsked> = {}): OffsetAsked => ({
  topic: "t",
  partition: 0,
  offset,
  leaderEpoch: -1,
  metadata: null,
  ...of,
});

/** Of nobody who is a member. */
export const commitOf = (asked: Partial<CommitAsked> = {}): CommitAsked => ({
  group: "g",
  memberId: "",
  instanceId: null,
  generation: -1,
  retentionMs: -1,
  offsets: [offsetOf(5)],
  ...asked,
});
