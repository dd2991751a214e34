// Deadlines on one slot wheel: one timer a process, not a timer a call (a setTimeout each costs more than the rest of a small call).
import type { Clock, Timer } from "../core/clock.ts";
import { type Member, Members, NOWHERE } from "../core/members.ts";

/** What is called when its time has come. A throw from it ends no one else's: it must not throw. */
export interface Expiring {
  expired(): void;
}

/** A deadline on the wheel. */
export interface Deadline {
  /** Harmless when it has expired or was cancelled. */
  cancel(): void;
}

/** A deadline is met within one slot after its time, never before. */
export const SLOT_MS = 8;

class Entry implements Deadline, Member {
  readonly target: Expiring;
  place = NOWHERE;
  #slot: Members<Entry> | undefined;
  constructor(target: Expiring, slot: Members<Entry>) {
    this.target = target;
    this.#slot = slot;
    slot.add(this);
  }
  cancel(): void {
    this.#slot?.delete(this);
    this.#slot = undefined;
  }
}

/** Cancelled at once: for calls without a deadline. */
export const NO_DEADLINE: Deadline = { cancel() {} };

/** Many deadlines on few timers. */
export class Wheel {
  readonly #clock: Clock;
  /** By number of the slot since 1970; a slot that nobody is in is removed when its time comes. */
  readonly #slots = new Map<number, Members<Entry>>();
  #timer: Timer | undefined;
  #next = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `target.expired` once, when Unix time `deadlineMs` has passed; from a later turn also when it has passed already. Infinity: never. */
  at(deadlineMs: number, target: Expiring): Deadline {
    if (deadlineMs === Number.POSITIVE_INFINITY) return NO_DEADLINE;
    const number = Math.max(Math.ceil(deadlineMs / SLOT_MS), Math.floor(this.#clock.now() / SLOT_MS));
    let slot = this.#slots.get(number);
    if (slot === undefined) {
      slot = new Members();
      this.#slots.set(number, slot);
    }
    const entry = new Entry(target, slot);
    if (number < this.#next) this.#arm(number);
    return entry;
  }

  /** How many wait, for tests and gauges. */
  get size(): number {
    let size = 0;
    for (const slot of this.#slots.values()) size += slot.size;
    return size;
  }

  /** Drops everything without calling it. */
  close(): void {
    this.#timer?.cancel();
    this.#slots.clear();
    this.#next = Number.POSITIVE_INFINITY;
  }

  #arm(number: number): void {
    this.#timer?.cancel();
    this.#next = number;
    this.#timer = this.#clock.after(number * SLOT_MS - this.#clock.now(), () => this.#turn());
  }

  #turn(): void {
    this.#next = Number.POSITIVE_INFINITY;
    const now = Math.floor(this.#clock.now() / SLOT_MS);
    let earliest = Number.POSITIVE_INFINITY;
    const due: Entry[] = [];
    for (const [number, slot] of this.#slots) {
      if (number <= now || slot.size === 0) {
        this.#slots.delete(number);
        due.push(...slot.all());
      } else if (number < earliest) earliest = number;
    }
    for (const entry of due) {
      entry.cancel();
      entry.target.expired();
    }
    if (earliest < this.#next) this.#arm(earliest);
  }
}
