// The partitions of all share groups: what is kept of each, and those that are in use.
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { BrokerError } from "../broker-error.ts";
import type { Change, GroupStore } from "../groups/ledger.ts";
import type { PartitionLog } from "../storage/partition-log.ts";
import { LivePartition } from "./live-partition.ts";
import type { ShareSnapshot } from "./share-partition.ts";
import {
  encodedShare,
  type SharePlace,
  type ShareState,
  shareKeyOf,
  shareStateKey,
  shareStateOf,
  UNREAD,
  unreadState,
} from "./share-records.ts";
import type { ShareTerms } from "./terms.ts";

export interface ShareStatesOn {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: GroupStore;
  readonly terms: (group: string) => ShareTerms;
}

/** A state in its place. */
export interface PlacedState {
  readonly place: SharePlace;
  readonly state: ShareState;
}

export class ShareStates {
  readonly #on: ShareStatesOn;
  readonly #states = new Map<string, PlacedState>();
  readonly #live = new Map<string, LivePartition>();
  /** Those that are looked for where to begin. */
  readonly #beginning = new Map<string, Promise<LivePartition>>();

  /** With what the store held when it was opened. */
  constructor(on: ShareStatesOn, entries: ReadonlyMap<string, Uint8Array>) {
    this.#on = on;
    for (const [key, value] of entries) {
      const place = shareKeyOf(key);
      if (place?.kind === "state") this.#states.set(key, { place, state: shareStateOf(value) });
    }
  }

  get(place: SharePlace): ShareState | undefined {
    return this.#states.get(shareStateKey(place))?.state;
  }

  /** Of a group. */
  all(group: string): readonly PlacedState[] {
    return [...this.#states.values()].filter(({ place }) => place.group === group);
  }

  /** Of a topic, in all groups. */
  ofTopic(topicId: string): readonly PlacedState[] {
    return [...this.#states.values()].filter(({ place }) => place.topicId === topicId);
  }

  /** What makes a partition one that the group may read, which it is at once; nothing where it is one already. */
  opened(place: SharePlace): readonly Change[] {
    return this.get(place) ? [] : [this.#set(place, unreadState)];
  }

  /** What sets where the group reads on; whatever was acquired is void at once. */
  moved(place: SharePlace, start: number): readonly Change[] {
    const epoch = (this.get(place)?.epoch ?? 0) + 1;
    this.#end(place);
    return [this.#set(place, { ...unreadState, epoch, begun: true, start })];
  }

  /** What forgets a partition, which is forgotten at once. */
  forgotten(place: SharePlace): Change {
    const key = shareStateKey(place);
    this.#end(place);
    this.#states.delete(key);
    return { key, value: null };
  }

  /** Sets what is kept of a partition, or forgets it; whatever was acquired is void. Rejects with a BrokerError. */
  async replace(place: SharePlace, state: ShareState | undefined): Promise<void> {
    this.#end(place);
    await this.#on.store.apply([state ? this.#set(place, state) : this.forgotten(place)]);
  }

  /** To read from it. Rejects with UNKNOWN_SERVER_ERROR, as Apache Kafka, when the group has never wanted it. */
  live(place: SharePlace, log: PartitionLog): LivePartition | Promise<LivePartition> {
    const key = shareStateKey(place);
    const live = this.#live.get(key);
    if (live) return live;
    const state = this.get(place);
    if (!state) return Promise.reject(new BrokerError("UNKNOWN_SERVER_ERROR", "the group has not subscribed to the topic"));
    if (state.start !== UNREAD) return this.#begin(place, state);
    const begun = this.#beginning.get(key) ?? this.#beginAnew(place, log).finally(() => this.#beginning.delete(key));
    this.#beginning.set(key, begun);
    return begun;
  }

  /** One that is in use; undefined: nothing of it is. */
  inUse(place: SharePlace): LivePartition | undefined {
    return this.#live.get(shareStateKey(place));
  }

  /** What a member has, who has gone, comes back. */
  release(group: string, member: string): void {
    for (const { place } of this.all(group)) this.inUse(place)?.release(member);
  }

  close(): void {
    for (const live of this.#live.values()) live.close();
    this.#live.clear();
  }

  #set(place: SharePlace, state: ShareState): Change {
    const key = shareStateKey(place);
    this.#states.set(key, { place, state });
    return { key, value: encodedShare(state) };
  }

  #end(place: SharePlace): void {
    const key = shareStateKey(place);
    this.#live.get(key)?.close();
    this.#live.delete(key);
  }

  /** Where it begins is remembered: a restart does not lose what comes in between. */
  async #beginAnew(place: SharePlace, log: PartitionLog): Promise<LivePartition> {
    const before = this.get(place);
    const start = await startOf(log, this.#on.terms(place.group), this.#on.clock);
    const state = this.get(place);
    if (!state || state !== before) throw new BrokerError("FENCED_STATE_EPOCH");
    await this.#on.store.apply([this.#set(place, { ...state, start })]);
    return this.#live.get(shareStateKey(place)) ?? this.#begin(place, this.get(place) ?? { ...state, start });
  }

  #begin(place: SharePlace, state: ShareState): LivePartition {
    const { clock, log, terms } = this.#on;
    const live = new LivePartition(state, {
      clock,
      terms: () => terms(place.group),
      keep: (snapshot) => this.#keep(place, { ...snapshot, epoch: state.epoch }),
      couldNotKeep: (reason) => log.warn("a share partition could not be kept", { ...place, reason: String(reason) }),
    });
    this.#live.set(shareStateKey(place), live);
    return live;
  }

  /** What could not be kept is kept with the next change. */
  async #keep(place: SharePlace, snapshot: ShareSnapshot & { readonly epoch: number }): Promise<void> {
    try {
      await this.#on.store.apply([this.#set(place, { ...snapshot, begun: true })]);
    } catch (reason) {
      throw reason instanceof BrokerError ? new BrokerError("COORDINATOR_NOT_AVAILABLE") : reason;
    }
  }
}

const startOf = async (log: PartitionLog, { reset, isolation }: ShareTerms, clock: Clock): Promise<number> => {
  const end = isolation === "committed" ? log.lastStableOffset : log.highWatermark;
  if (reset === "latest") return end;
  if (reset === "earliest") return log.startOffset;
  return (await log.offsetForTimestamp(clock.now() - reset.agoMs))?.offset ?? end;
};
