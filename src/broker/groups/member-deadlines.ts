// By when the members of a consumer group must be heard of, let go of what they shall not have any more, and come when they are called; in
// monotonic time.
import type { Clock } from "../../core/clock.ts";

const NEVER = Number.POSITIVE_INFINITY;

interface Deadlines {
  sessionMs: number;
  releaseMs: number;
  callMs: number;
}

export class MemberDeadlines {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #all = new Map<string, Deadlines>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** The first of all. */
  get dueMs(): number {
    return [...this.#all.values()].reduce(
      (least, { sessionMs, releaseMs, callMs }) => Math.min(least, sessionMs, releaseMs, callMs),
      NEVER,
    );
  }

  /** Members whose time is up. */
  overdue(): readonly string[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#all]
      .filter(([, { sessionMs, releaseMs, callMs }]) => Math.min(sessionMs, releaseMs, callMs) <= nowMs)
      .map(([id]) => id);
  }

  forget(id: string): void {
    this.#all.delete(id);
  }

  /** It lives. */
  heard(id: string, withinMs: number): void {
    this.#of(id).sessionMs = this.#clock.monotonicMs() + withinMs;
  }

  /** It must let go, which it may have been told before. */
  releases(id: string, withinMs: number): void {
    const of = this.#of(id);
    of.releaseMs = Math.min(of.releaseMs, this.#clock.monotonicMs() + withinMs);
  }
  released(id: string): void {
    this.#of(id).releaseMs = NEVER;
  }

  /** It must come with its next request, which it may have been told before. */
  called(id: string, withinMs: number): void {
    const of = this.#of(id);
    of.callMs = Math.min(of.callMs, this.#clock.monotonicMs() + withinMs);
  }
  came(id: string): void {
    this.#of(id).callMs = NEVER;
  }

  #of(id: string): Deadlines {
    const of = this.#all.get(id) ?? { sessionMs: NEVER, releaseMs: NEVER, callMs: NEVER };
    this.#all.set(id, of);
    return of;
  }
}
