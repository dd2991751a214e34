// A timer that looks whether something has gone on: armed when there is reason to, once, and not for each frame or write.
import type { Clock } from "../core/clock.ts";
import type { Deadline, Expiring, Wheel } from "../flow/wheel.ts";

export interface Watched {
  readonly clock: Clock;
  readonly wheel: Wheel;
  /** From one look to the next. */
  readonly periodMs: number;
  /** A number that changes when it goes on; undefined when there is nothing to wait for. */
  mark(): number | undefined;
  /** The same as a period ago. */
  late(): void;
}

export class Watch implements Expiring {
  readonly #watched: Watched;
  #timer: Deadline | undefined;
  #seen: number | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** There is something to wait for. */
  look(): void {
    if (this.#timer !== undefined) return;
    const { clock, wheel, periodMs } = this.#watched;
    this.#seen = this.#watched.mark();
    this.#timer = wheel.at(clock.now() + periodMs, this);
  }

  close(): void {
    this.#timer?.cancel();
  }

  expired(): void {
    this.#timer = undefined;
    const mark = this.#watched.mark();
    if (mark === undefined) return;
    if (mark === this.#seen) this.#watched.late();
    else this.look();
  }
}
