// All consumer groups by their ids, with their alarms; what a heartbeat changes is kept before it is answered.
import { BrokerError } from "../broker-error.ts";
import { GroupAlarms } from "./alarms.ts";
import { type Beaten, ConsumerGroup } from "./consumer-group.ts";
import type { Beat } from "./consumer-member.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import type { Ledger } from "./ledger.ts";
import { isClassicOnly } from "./migration.ts";
import { consumerKey, consumerRecordOf, encoded, groupKey, keyOf } from "./records.ts";
import type { GroupsOn } from "./registry.ts";
import { isLookDue, type Looked, resolveRegexes } from "./resolving.ts";

/** Whether whoever asks may see a topic. */
export type Sees = (topic: string) => boolean;

export class ConsumerGroups {
  readonly #on: GroupsOn;
  readonly #ledger: Ledger;
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #alarms: GroupAlarms<ConsumerGroup>;
  /** Called when nobody is left who speaks the consumer protocol. */
  onClassicOnly: (group: ConsumerGroup) => void = () => {};
  /** Groups whose regular expressions are looked at. */
  readonly #resolving = new Set<ConsumerGroup>();
  readonly #looked = new WeakMap<ConsumerGroup, Looked>();
  #closed = false;

  constructor(on: GroupsOn, ledger: Ledger, entries: ReadonlyMap<string, Uint8Array>) {
    this.#on = on;
    this.#ledger = ledger;
    this.#alarms = new GroupAlarms(on.clock, (group) => {
      this.settle(group).catch(() => this.couldNotKeep(group));
    });
    for (const [key, value] of entries) {
      const of = keyOf(key);
      if (of?.kind === "consumer")
        this.#groups.set(of.group, ConsumerGroup.restore(of.group, consumerRecordOf(value), this.#options(of.group)));
    }
    for (const group of this.#groups.values()) this.#setAlarm(group);
  }

  get(id: string): ConsumerGroup | undefined {
    return this.#groups.get(id);
  }

  all(): readonly ConsumerGroup[] {
    return [...this.#groups.values()];
  }

  /** When what it changed is durable. Rejects with a BrokerError. */
  async beat(id: string, beat: Beat, sees: Sees): Promise<Beaten> {
    const group = this.#groups.get(id) ?? (beat.epoch === 0 ? this.make(id) : undefined);
    if (!group) throw new BrokerError("GROUP_ID_NOT_FOUND", `there is no consumer group '${id}'`);
    return this.adopt(group, group.beat(beat), sees);
  }

  /** One that nobody knows yet; with a record, as it was kept. */
  make(id: string, record?: ConsumerRecord): ConsumerGroup {
    return record ? ConsumerGroup.restore(id, record, this.#options(id)) : new ConsumerGroup(id, this.#options(id));
  }

  /** Takes in a group with the heartbeat that it has heard; answered when that is durable. */
  async adopt(group: ConsumerGroup, beaten: Beaten, sees: Sees): Promise<Beaten> {
    this.#groups.set(group.id, group);
    await this.settle(group);
    this.#resolve(group, sees).catch(() => this.couldNotKeep(group));
    return beaten;
  }

  /** A member's request has changed the group: that is kept, unless it is a classic group now. Rejects with a BrokerError. */
  async settle(group: ConsumerGroup): Promise<void> {
    if (isClassicOnly(group)) this.onClassicOnly(group);
    this.#setAlarm(group);
    if (this.#groups.get(group.id) === group) await this.#keep(group);
  }

  /** Nobody is in it, and nobody knows it any more; its record is the caller's to take out. */
  forget(id: string): void {
    this.#groups.delete(id);
    this.#alarms.cancel(id);
  }

  close(): void {
    this.#closed = true;
    this.#alarms.close();
  }

  #options(id: string) {
    const { clock, topics, consumerSessionMs } = this.#on;
    return { clock, topics, sessionMs: () => consumerSessionMs(id) };
  }

  /** A change that could not be kept is kept with the next one. */
  async #keep(group: ConsumerGroup): Promise<void> {
    if (!group.takeChanged()) return;
    const record: ConsumerRecord = group.record();
    try {
      // Whatever protocol the group was of before.
      await this.#ledger.change([
        { key: consumerKey(group.id), value: encoded(record) },
        { key: groupKey(group.id), value: null },
      ]);
    } catch (reason) {
      group.markChanged();
      throw reason instanceof BrokerError ? new BrokerError("COORDINATOR_NOT_AVAILABLE") : reason;
    }
  }

  /** It is said, since nobody waits to be told. */
  couldNotKeep({ id, epoch }: ConsumerGroup): void {
    this.#on.log.warn("a group could not be kept", { group: id, epoch });
  }

  /** Looks which topics the members' regular expressions match; the members hear of it with their next heartbeats. */
  async #resolve(group: ConsumerGroup, sees: Sees): Promise<void> {
    const { all, hasNew } = group.regexes();
    const now: Looked = { atMs: this.#on.clock.monotonicMs(), version: this.#on.topicsVersion() };
    if (all.length === 0 || this.#resolving.has(group) || !(hasNew || isLookDue(this.#looked.get(group), now))) return;
    this.#resolving.add(group);
    this.#looked.set(group, now);
    const topics = this.#on.topics().map(({ name }) => name);
    const resolved = await resolveRegexes(all, topics).finally(() => this.#resolving.delete(group));
    if (this.#closed || this.#groups.get(group.id) !== group) return;
    group.resolve(resolved.map(([regex, names]) => [regex, names.filter(sees)]));
    await this.#keep(group);
  }

  /** One that was forgotten has no alarm. */
  #setAlarm(group: ConsumerGroup): void {
    if (this.#groups.get(group.id) === group) this.#alarms.set(group);
  }
}
