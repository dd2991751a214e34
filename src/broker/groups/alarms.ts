// One timer a group, for the next moment at which something becomes due in it.
import { type Clock, TIMER_DELAY_MS_MAX, type Timer } from "../../core/clock.ts";

/** A group in which time passes. */
export interface Timed {
  readonly id: string;
  /** Monotonic milliseconds; Infinity for never. */
  readonly dueMs: number;
  tick(): void;
}

interface Alarm {
  readonly atMs: number;
  readonly timer: Timer;
}

export class GroupAlarms<Group extends Timed> {
  readonly #clock: Clock;
  readonly #ticked: (group: Group) => void;
  readonly #alarms = new Map<string, Alarm>();
  #closed = false;

  /** `ticked`: time has passed in the group; what changed is to be kept, and the next alarm to be set. */
  constructor(clock: Clock, ticked: (group: Group) => void) {
    this.#clock = clock;
    this.#ticked = ticked;
  }

  /** As the group says now; an earlier one stays. */
  set(group: Group): void {
    const { id, dueMs } = group;
    const set = this.#alarms.get(id);
    if (this.#closed || (set && set.atMs <= dueMs)) return;
    this.cancel(id);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(dueMs - this.#clock.monotonicMs(), 0), TIMER_DELAY_MS_MAX);
    const timer = this.#clock.after(Math.ceil(delayMs), () => {
      this.#alarms.delete(id);
      group.tick();
      this.#ticked(group);
    });
    this.#alarms.set(id, { atMs: dueMs, timer });
  }

  cancel(id: string): void {
    this.#alarms.get(id)?.timer.cancel();
    this.#alarms.delete(id);
  }

  /** No alarm is set any more. */
  close(): void {
    this.#closed = true;
    for (const id of [...this.#alarms.keys()]) this.cancel(id);
  }
}
