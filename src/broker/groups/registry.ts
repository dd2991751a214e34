// All groups by their ids, their one timer each, and the requests that wait for them: what a group's machine wants done is done here.
import { type Clock, TIMER_DELAY_MS_MAX, type Timer } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { BrokerError } from "../broker-error.ts";
import { ClassicGroup } from "./classic-group.ts";
import type { ClassicLimits, ClassicOptions, Effect, JoinAnswer, SyncAnswer, Verdict } from "./classic-terms.ts";
import type { Ledger } from "./ledger.ts";
import type { Ticket } from "./member.ts";
import type { MigrationPolicy } from "./migration.ts";
import { classicRecordOf, consumerKey, encoded, groupKey, keyOf } from "./records.ts";
import type { KnownTopic } from "./subscriptions.ts";

export interface GroupLimits extends ClassicLimits {
  readonly sessionMsMin: number;
  readonly sessionMsMax: number;
  /** Whether groups change their protocol for a member of the other one. */
  readonly migration: MigrationPolicy;
  /** Of the metadata beside an offset. */
  readonly metadataCharactersMax: number;
  /** How long offsets of empty groups are kept. */
  readonly retentionMs: number;
}

/** What groups are built on. */
export interface GroupsOn {
  readonly clock: Clock;
  readonly log: Log;
  /** As they are now. */
  readonly limits: () => GroupLimits;
  /** All that there are. */
  readonly topics: () => readonly KnownTopic[];
  /** Whether a share group has that id. */
  readonly isShare: (id: string) => boolean;
  /** How long members of the consumer protocol may be silent in a group. */
  readonly consumerSessionMs: (group: string) => number;
  /** Another number whenever topics or partitions came or went. */
  readonly topicsVersion: () => number;
}

interface Alarm {
  readonly atMs: number;
  readonly timer: Timer;
}

/** How a request fails when what it asks for cannot be kept: the client looks for the coordinator and asks again. */
export const verdictOf = (reason: unknown): Verdict => {
  if (!(reason instanceof BrokerError)) throw reason;
  return reason.name === "KAFKA_STORAGE_ERROR" ? "NOT_COORDINATOR" : "UNKNOWN_SERVER_ERROR";
};

export class Registry {
  readonly on: GroupsOn;
  readonly ledger: Ledger;
  readonly options: ClassicOptions;
  readonly #groups = new Map<string, ClassicGroup>();
  readonly #alarms = new Map<string, Alarm>();
  readonly #joins = new Map<Ticket, (answer: JoinAnswer) => void>();
  readonly #syncs = new Map<Ticket, (answer: SyncAnswer) => void>();
  #tickets = 0;
  #closed = false;

  constructor(on: GroupsOn, ledger: Ledger, entries: ReadonlyMap<string, Uint8Array>) {
    this.on = on;
    this.ledger = ledger;
    this.options = { clock: on.clock, limits: on.limits, unique: () => crypto.randomUUID() };
    for (const [key, value] of entries) {
      const of = keyOf(key);
      if (of?.kind === "group") this.#groups.set(of.group, ClassicGroup.restore(of.group, classicRecordOf(value), this.options));
    }
    for (const id of ledger.offsets.groups()) if (!entries.has(consumerKey(id))) this.make(id);
    for (const group of this.#groups.values()) this.run(group);
  }

  get(id: string): ClassicGroup | undefined {
    return this.#groups.get(id);
  }

  all(): readonly ClassicGroup[] {
    return [...this.#groups.values()];
  }

  /** The group, which is made when there is none. */
  make(id: string): ClassicGroup {
    const group = this.#groups.get(id) ?? new ClassicGroup(id, this.options);
    this.#groups.set(id, group);
    return group;
  }

  /** One that was made elsewhere. */
  adopt(group: ClassicGroup): void {
    this.#groups.set(group.id, group);
    this.keep(group);
  }

  /** Nobody knows it any more. */
  forget({ id }: ClassicGroup): void {
    this.#groups.delete(id);
    this.#alarms.get(id)?.timer.cancel();
    this.#alarms.delete(id);
  }

  awaitJoin(answered: (answer: JoinAnswer) => void): Ticket {
    this.#tickets += 1;
    this.#joins.set(this.#tickets, answered);
    return this.#tickets;
  }

  awaitSync(answered: (answer: SyncAnswer) => void): Ticket {
    this.#tickets += 1;
    this.#syncs.set(this.#tickets, answered);
    return this.#tickets;
  }

  /** An answer that came without waiting. */
  dropTicket(ticket: Ticket): void {
    this.#joins.delete(ticket);
    this.#syncs.delete(ticket);
  }

  /** Does what a group wants done, and sets its alarm. */
  run(group: ClassicGroup): void {
    for (const effect of group.take()) this.#do(group, effect);
    this.#setAlarm(group);
  }

  /** Keeps a group as it is; for one that nothing has been kept of. */
  keep(group: ClassicGroup): void {
    group.store(undefined, () => {});
    this.run(group);
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#alarms.values()) timer.cancel();
    this.#alarms.clear();
  }

  #do(group: ClassicGroup, effect: Effect): void {
    if (effect.kind === "store") {
      void this.#store(group, effect);
      return;
    }
    if (effect.kind === "joined") this.#joins.get(effect.ticket)?.(effect.answer);
    else this.#syncs.get(effect.ticket)?.(effect.answer);
    this.dropTicket(effect.ticket);
  }

  async #store(group: ClassicGroup, { record, stored }: Extract<Effect, { kind: "store" }>): Promise<void> {
    let verdict: Verdict = "NONE";
    try {
      // Whatever protocol the group was of before.
      await this.ledger.change([
        { key: groupKey(group.id), value: encoded(record) },
        { key: consumerKey(group.id), value: null },
      ]);
    } catch (reason) {
      this.on.log.warn("a group could not be kept", { group: group.id, generation: record.generation });
      verdict = verdictOf(reason);
    }
    stored(verdict);
    this.run(group);
  }

  /** An alarm that rings too early is set anew; so a heartbeat costs no timer. */
  #setAlarm(group: ClassicGroup): void {
    const { dueMs } = group;
    const set = this.#alarms.get(group.id);
    if (this.#closed || this.#groups.get(group.id) !== group || (set && set.atMs <= dueMs)) return;
    set?.timer.cancel();
    this.#alarms.delete(group.id);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(dueMs - this.on.clock.monotonicMs(), 0), TIMER_DELAY_MS_MAX);
    const timer = this.on.clock.after(Math.ceil(delayMs), () => {
      this.#alarms.delete(group.id);
      group.tick();
      this.run(group);
    });
    this.#alarms.set(group.id, { atMs: dueMs, timer });
  }
}
