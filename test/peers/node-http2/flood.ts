// Tells a peer that keeps a connection alive from one that floods it: PINGs and SETTINGS cost us an answer each and bring nothing.
import type { Clock } from "../../../src/core/clock.ts";
import { FLOOD_WINDOW_MS, IDLE_PINGS_PER_MINUTE_MAX, SETTINGS_PER_MINUTE_MAX } from "../../../src/http2/limits.ts";

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

  /** A PING came; true when it is one too many. */
  ping(): boolean {
    this.#turn();
    if (this.#busy) this.#pings = 0;
    this.#busy = false;
    this.#pings += 1;
    return this.#pings > IDLE_PINGS_PER_MINUTE_MAX;
  }

  /** A SETTINGS frame came; true when it is one too many. */
  settings(): boolean {
    this.#turn();
    this.#settings += 1;
    return this.#settings > SETTINGS_PER_MINUTE_MAX;
  }

  #turn(): void {
    const now = this.#clock.monotonicMs();
    if (now - this.#sinceMs < FLOOD_WINDOW_MS) return;
    this.#sinceMs = now;
    this.#pings = 0;
    this.#settings = 0;
  }
}
