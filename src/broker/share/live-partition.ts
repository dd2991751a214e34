// A share partition that is in use: its machine, with the alarm of its locks, with those who wait for something to be given, and kept
// whenever something was acknowledged.
import { type Clock, TIMER_DELAY_MS_MAX, type Timer } from "../../core/clock.ts";
import { BrokerError } from "../broker-error.ts";
import {
  ACKNOWLEDGE,
  type AcknowledgedBatch,
  type Acquired,
  type Acquiring,
  type Refused,
  SharePartition,
  type ShareSnapshot,
} from "./share-partition.ts";
import type { ShareTerms } from "./terms.ts";

export interface LiveOf {
  readonly clock: Clock;
  /** As they are now. */
  readonly terms: () => ShareTerms;
  /** Durable when it settles; rejects with a BrokerError. */
  readonly keep: (snapshot: ShareSnapshot) => Promise<void>;
  /** It could not be kept, and nobody waits to be told. */
  readonly couldNotKeep: (reason: unknown) => void;
}

/** What is asked for, without what the group's settings say. */
export type Wanted = Omit<Acquiring, "untilMs" | "inFlightMax">;

export class LivePartition {
  readonly #of: LiveOf;
  readonly #machine: SharePartition;
  readonly #listeners = new Set<() => void>();
  #alarm: { readonly atMs: number; readonly timer: Timer } | undefined;
  #isOver = false;

  constructor(state: Pick<ShareSnapshot, "start" | "runs">, of: LiveOf) {
    this.#of = of;
    this.#machine = new SharePartition(state);
  }

  /** From where to read for the next that can be given. */
  get next(): number {
    return this.#machine.next;
  }
  /** Whether more can be given than what came back. */
  get hasRoom(): boolean {
    return this.next < this.#machine.end || this.#machine.end - this.#machine.start < this.#of.terms().inFlightMax;
  }
  /** Another one whenever something was given or became known. */
  get end(): number {
    return this.#machine.end;
  }
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Called when there may be something to give, and when it is over. */
  listen(call: () => void): () => void {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  /** The log begins there now. */
  trim(logStart: number): void {
    this.#machine.trim(logStart);
  }

  acquire(wanted: Wanted): readonly Acquired[] {
    const { lockMs, inFlightMax } = this.#of.terms();
    const acquired = this.#machine.acquire({ ...wanted, untilMs: this.#of.clock.monotonicMs() + lockMs, inFlightMax });
    this.#setAlarm();
    return acquired;
  }

  /** Answered when it is durable. Rejects with a BrokerError. */
  async acknowledge(member: string, batches: readonly AcknowledgedBatch[]): Promise<Refused | undefined> {
    if (this.#isOver) throw new BrokerError("FENCED_STATE_EPOCH");
    const { lockMs, deliveriesMax } = this.#of.terms();
    const refused = this.#machine.acknowledge(member, batches, { deliveriesMax, untilMs: this.#of.clock.monotonicMs() + lockMs });
    if (refused) return refused;
    const onlyRenews = batches.every(({ acknowledgeTypes }) => acknowledgeTypes.every((type) => type === ACKNOWLEDGE.renew));
    if (!onlyRenews) await this.#keep();
    this.#setAlarm();
    return undefined;
  }

  /** What a member has, who has gone, comes back. */
  release(member: string): void {
    if (this.#machine.release(member, this.#of.terms().deliveriesMax)) this.#keep().catch(this.#of.couldNotKeep);
  }

  /** Nobody reads it any more. */
  close(): void {
    this.#isOver = true;
    this.#alarm?.timer.cancel();
    this.#alarm = undefined;
    this.#tellChange();
  }

  /** As it is before what is done at its beginning is forgotten: so Apache Kafka tells of it. */
  #keep(): Promise<void> {
    const snapshot = this.#machine.snapshot();
    this.#machine.advance();
    this.#tellChange();
    return this.#isOver ? Promise.resolve() : this.#of.keep(snapshot);
  }

  #tellChange(): void {
    for (const call of [...this.#listeners]) call();
  }

  #setAlarm(): void {
    const { dueMs } = this.#machine;
    if (this.#isOver || dueMs === Number.POSITIVE_INFINITY || (this.#alarm && this.#alarm.atMs <= dueMs)) return;
    this.#alarm?.timer.cancel();
    const delayMs = Math.min(Math.max(dueMs - this.#of.clock.monotonicMs(), 0), TIMER_DELAY_MS_MAX);
    const timer = this.#of.clock.after(Math.ceil(delayMs), () => {
      this.#alarm = undefined;
      const isReturned = this.#machine.expire(this.#of.clock.monotonicMs(), this.#of.terms().deliveriesMax);
      if (isReturned) this.#keep().catch(this.#of.couldNotKeep);
      this.#setAlarm();
    });
    this.#alarm = { atMs: dueMs, timer };
  }
}
