// All share groups by their ids: what a heartbeat changes is kept before it is answered, members that are silent go, and what groups read
// from is described, set and forgotten by operators.
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { BrokerError } from "../broker-error.ts";
import { GroupAlarms } from "../groups/alarms.ts";
import type { Change, GroupStore } from "../groups/ledger.ts";
import type { KnownTopic } from "../groups/subscriptions.ts";
import { type ShareBeat, type ShareBeaten, ShareGroup, type ShareOptions } from "./share-group.ts";
import { encodedShare, type SharePlace, shareGroupKey, shareKeyOf, shareRecordOf } from "./share-records.ts";
import { ShareStates } from "./share-states.ts";
import type { ShareTerms } from "./terms.ts";

export interface ShareGroupsOn {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: GroupStore;
  readonly terms: (group: string) => ShareTerms;
  /** All that there are. */
  readonly topics: () => readonly KnownTopic[];
  /** The most members of a group. */
  readonly size: () => number;
  /** Whether a group of another protocol has that id. */
  readonly isOther: (id: string) => boolean;
}

/** An offset that is to be set. */
export interface StartAsked {
  readonly topicId: string;
  readonly partition: number;
  readonly start: number;
}

export class ShareGroups {
  readonly #on: ShareGroupsOn;
  readonly states: ShareStates;
  readonly #groups = new Map<string, ShareGroup>();
  readonly #alarms: GroupAlarms<ShareGroup>;

  /** With what the store held when it was opened. */
  constructor(on: ShareGroupsOn, entries: ReadonlyMap<string, Uint8Array>) {
    this.#on = on;
    this.states = new ShareStates(on, entries);
    this.#alarms = new GroupAlarms(on.clock, (group) => {
      this.#setAlarm(group);
      this.#keep(group).catch(() => on.log.warn("a group could not be kept", { group: group.id, epoch: group.epoch }));
    });
    for (const [key, value] of entries) {
      const of = shareKeyOf(key);
      if (of?.kind === "group") this.#groups.set(of.group, ShareGroup.restore(of.group, shareRecordOf(value), this.#options(of.group)));
    }
    for (const group of this.#groups.values()) this.#setAlarm(group);
  }

  get(id: string): ShareGroup | undefined {
    return this.#groups.get(id);
  }

  all(): readonly ShareGroup[] {
    return [...this.#groups.values()];
  }

  terms(group: string): ShareTerms {
    return this.#on.terms(group);
  }

  /** When what it changed is durable. Rejects with a BrokerError. */
  async beat(id: string, beat: ShareBeat): Promise<ShareBeaten> {
    if (beat.epoch !== 0) this.#known(id);
    const group = this.#made(id);
    const beaten = group.beat(beat);
    this.#groups.set(id, group);
    this.#setAlarm(group);
    await this.#keep(group);
    return beaten;
  }

  /** Where the group reads on; only while nobody is in it. Makes the group where there is none. Rejects with a BrokerError. */
  async setStarts(id: string, asked: readonly StartAsked[]): Promise<void> {
    const group = this.#made(id);
    if (!group.isEmpty) throw new BrokerError("NON_EMPTY_GROUP", "the group is not empty");
    group.begin();
    this.#groups.set(id, group);
    const changes = asked.flatMap(({ start, ...where }) => this.states.moved({ group: id, ...where }, start));
    await this.#keep(group, changes);
  }

  /** The group forgets topics; only while nobody is in it. Rejects with a BrokerError. */
  async forgetTopics(id: string, topicIds: ReadonlySet<string>): Promise<void> {
    const group = this.#known(id);
    if (!group.isEmpty) throw new BrokerError("NON_EMPTY_GROUP", "the group is not empty");
    await this.#forget(this.states.all(id).filter(({ place }) => topicIds.has(place.topicId)));
  }

  /** A topic has gone. */
  async topicDeleted(topicId: string): Promise<void> {
    await this.#forget(this.states.ofTopic(topicId));
  }

  /** With all that it read. Rejects with a BrokerError: there is none, or somebody is in it. */
  async delete(id: string): Promise<void> {
    const group = this.#known(id);
    if (!group.isEmpty) throw new BrokerError("NON_EMPTY_GROUP", "the group is not empty");
    this.#groups.delete(id);
    this.#alarms.cancel(id);
    const changes = this.states.all(id).map(({ place }) => this.states.forgotten(place));
    await this.#apply([...changes, { key: shareGroupKey(id), value: null }]);
  }

  close(): void {
    this.states.close();
    this.#alarms.close();
  }

  #known(id: string): ShareGroup {
    const group = this.#groups.get(id);
    if (!group) throw new BrokerError("GROUP_ID_NOT_FOUND", `there is no share group '${id}'`);
    return group;
  }

  /** The group, or a new one that nobody knows yet. */
  #made(id: string): ShareGroup {
    if (this.#on.isOther(id)) throw new BrokerError("GROUP_ID_NOT_FOUND", `'${id}' is no share group`);
    return this.#groups.get(id) ?? new ShareGroup(id, this.#options(id));
  }

  #options(id: string): ShareOptions {
    const { clock, topics, terms, size } = this.#on;
    return { clock, topics, size, sessionMs: () => terms(id).sessionMs };
  }

  async #forget(placed: readonly { readonly place: SharePlace }[]): Promise<void> {
    await this.#apply(placed.map(({ place }) => this.states.forgotten(place)));
  }

  /** With the partitions that its members want and that nobody read for it before. What could not be kept is kept with the next change. */
  async #keep(group: ShareGroup, more: readonly Change[] = []): Promise<void> {
    const wanted = group
      .wanted()
      .flatMap(({ id, partitions }) => Array.from({ length: partitions }, (_, at) => ({ topicId: id, partition: at })));
    const opened = wanted.flatMap((where) => this.states.opened({ group: group.id, ...where }));
    const isChanged = group.takeChanged();
    const own: readonly Change[] = isChanged ? [{ key: shareGroupKey(group.id), value: encodedShare(group.record()) }] : [];
    try {
      await this.#apply([...own, ...opened, ...more]);
    } catch (reason) {
      group.markChanged();
      throw reason;
    }
  }

  async #apply(changes: readonly Change[]): Promise<void> {
    try {
      await this.#on.store.apply(changes);
    } catch (reason) {
      throw reason instanceof BrokerError ? new BrokerError("COORDINATOR_NOT_AVAILABLE") : reason;
    }
  }

  /** One that was forgotten has no alarm. */
  #setAlarm(group: ShareGroup): void {
    if (this.#groups.get(group.id) === group) this.#alarms.set(group);
  }
}
