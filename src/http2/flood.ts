// Tells a peer that uses a connection from one that floods it: frames that cost us something and bring nothing are counted, each sort by
// itself, and looked at with the time only when there seem to be too many.
import type { Clock } from "../core/clock.ts";
import { FLOOD_WINDOW_MS, IDLE_PINGS_PER_MINUTE_MAX, type Rate, SETTINGS_PER_MINUTE_MAX } from "./limits.ts";

/** So many at once, and so many a second. */
export class Budget {
  readonly #rate: Rate;
  readonly #clock: Clock;
  #left: number;
  #filledMs: number;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#left = rate.burst;
    this.#filledMs = clock.monotonicMs();
  }

  /** One came; false when it is one too many. */
  take(): boolean {
    if (this.#left < 1) this.#fill();
    this.#left -= 1;
    return this.#left >= 0;
  }

  /** So many more are as they should be. */
  allow(count: number): void {
    this.#left = Math.min(this.#rate.burst, this.#left + count);
  }

  #fill(): void {
    const now = this.#clock.monotonicMs();
    const filled = ((now - this.#filledMs) / 1000) * this.#rate.perSecond;
    this.#left = Math.min(this.#rate.burst, this.#left + filled);
    this.#filledMs = now;
  }
}

/** PINGs and SETTINGS cost us an answer each. */
export class Flood {
  readonly #clock: Clock;
  #sinceMs: number;
  #pings = 0;
  #settings = 0;
  #busy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** Something useful happened: a client that measures the round trip pings once for it. */
  busy(): void {
    this.#busy = true;
  }

  /** A PING came; false when it is one too many. */
  ping(): boolean {
    this.#turn();
    if (this.#busy) this.#pings = 0;
    this.#busy = false;
    this.#pings += 1;
    return this.#pings <= IDLE_PINGS_PER_MINUTE_MAX;
  }

  /** A SETTINGS frame came; false when it is one too many. */
  settings(): boolean {
    this.#turn();
    this.#settings += 1;
    return this.#settings <= SETTINGS_PER_MINUTE_MAX;
  }

  #turn(): void {
    const now = this.#clock.monotonicMs();
    if (now - this.#sinceMs < FLOOD_WINDOW_MS) return;
    this.#sinceMs = now;
    this.#pings = 0;
    this.#settings = 0;
  }
}
