// How many calls there may be at a time, over all topics of a binding.
import type { Counter } from "../../core/counters.ts";

export class Places {
  readonly #most: number;
  readonly #gauge: Counter;
  #taken = 0;
  #closed = false;
  /** Told whenever a call has left. */
  freed: () => void = () => {};

  constructor(most: number, gauge: Counter) {
    this.#most = most;
    this.#gauge = gauge;
  }

  get taken(): number {
    return this.#taken;
  }
  get free(): boolean {
    return !this.#closed && this.#taken < this.#most;
  }
  take(): void {
    this.#taken += 1;
    this.#gauge.value += 1;
  }
  give(): void {
    this.#taken -= 1;
    this.#gauge.value -= 1;
    this.freed();
  }
  /** Nothing new is begun any more. */
  close(): void {
    this.#closed = true;
  }
}
