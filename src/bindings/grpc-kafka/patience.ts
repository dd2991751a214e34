// How long a call without a deadline waits for Kafka's first word. A call with one waits until then, which its edge sees to.
import type { Clock } from "../../core/clock.ts";
import type { Deadline, Expiring, Wheel } from "../../flow/wheel.ts";

/** Where the Kafka does not say: `options.timeout` of the kafka client. */
export const KAFKA_TIMEOUT_MS = 30_000;

export interface PatienceLimit {
  readonly wheel: Wheel;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

export class Patience implements Expiring {
  readonly #limit: PatienceLimit;
  readonly #endless: boolean;
  readonly #silent: () => void;
  #deadline: Deadline | undefined;

  /** `silent` is called when it is over; it must not throw. */
  constructor(limit: PatienceLimit, deadlineMs: number, silent: () => void) {
    this.#limit = limit;
    this.#endless = deadlineMs !== Number.POSITIVE_INFINITY;
    this.#silent = silent;
  }

  /** Something is asked of Kafka; harmless when something was before. */
  wait(): void {
    if (this.#endless || this.#deadline !== undefined) return;
    const { wheel, clock, timeoutMs } = this.#limit;
    this.#deadline = wheel.at(clock.now() + timeoutMs, this);
  }

  /** Kafka has answered, or nobody waits for it any more. */
  heard(): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
  }

  expired(): void {
    this.#deadline = undefined;
    this.#silent();
  }
}
