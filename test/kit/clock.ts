// A clock that a test turns by hand.
import type { Clock, Timer } from "../../src/core/clock.ts";

export class ManualClock implements Clock {
  #nowMs: number;
  #timers: { readonly atMs: number; readonly call: () => void }[] = [];

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs;
  }
  now(): number {
    return this.#nowMs;
  }
  monotonicMs(): number {
    return this.#nowMs;
  }
  after(delayMs: number, call: () => void): Timer {
    const timer = { atMs: this.#nowMs + Math.max(delayMs, 0), call };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }
  /** How many timers are armed. */
  get armed(): number {
    return this.#timers.length;
  }
  /** Lets time pass: everything due is called in the order of its time, also what was armed meanwhile. */
  advance(ms: number): void {
    const until = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= until).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.call();
    }
    this.#nowMs = until;
  }
}
