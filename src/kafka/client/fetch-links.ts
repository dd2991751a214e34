// Connections for fetches. Each loop has one to itself while it runs; one that is handed back idle serves the next, so that many short reads
// do not dial each time.
import type { Clock, Timer } from "../../core/clock.ts";
import type { Brokers } from "./brokers.ts";
import { FETCH_WAIT_MS } from "./fetch-limits.ts";
import { type Link, REQUEST_TIMEOUT_MS } from "./link.ts";

/** An idle connection is kept so long. */
export const IDLE_MS = 10_000;
/** Of one broker. */
export const IDLE_LINKS_MAX = 16;

interface Idle {
  readonly link: Link;
  readonly timer: Timer;
}

export class FetchLinks {
  readonly #brokers: Pick<Brokers, "own">;
  readonly #clock: Clock;
  readonly #idle = new Map<number, Idle[]>();
  #closed = false;

  constructor(brokers: Pick<Brokers, "own">, clock: Clock) {
    this.#brokers = brokers;
    this.#clock = clock;
  }

  /** A connection to that broker for the caller alone. */
  async take(broker: number): Promise<Link> {
    const idle = this.#idle.get(broker);
    for (let one = idle?.pop(); one; one = idle?.pop()) {
      one.timer.cancel();
      if (one.link.open) return one.link;
    }
    return this.#brokers.own(broker, REQUEST_TIMEOUT_MS + FETCH_WAIT_MS);
  }

  /** The caller has done with it, and nothing is on its way. */
  give(broker: number, link: Link): void {
    const idle = this.#idle.get(broker) ?? [];
    if (this.#closed || !link.open || idle.length >= IDLE_LINKS_MAX) {
      link.close();
      return;
    }
    const timer = this.#clock.after(IDLE_MS, () => {
      idle.splice(idle.indexOf(entry), 1);
      link.close();
    });
    const entry = { link, timer };
    idle.push(entry);
    this.#idle.set(broker, idle);
  }

  close(): void {
    this.#closed = true;
    for (const { link, timer } of [...this.#idle.values()].flat()) {
      timer.cancel();
      link.close();
    }
    this.#idle.clear();
  }
}
