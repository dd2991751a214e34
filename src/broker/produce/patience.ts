// How long a Produce waits until its records are durable: as long as its client allows. They are not taken back afterwards; as in Apache
// Kafka, the client only does not know.
import type { Clock } from "../../core/clock.ts";

/** A sync of the disk may take so long even for a client that allows less: Apache Kafka answers such ones without waiting for its disk. */
export const SYNC_MS_ALLOWED = 1_000;

/** Of one request. */
export interface Patience {
  /** `late`: it ended first. Rejects as the promise does. */
  wait(durable: Promise<void>): Promise<"durable" | "late">;
  /** To be called when nothing waits any more. */
  end(): void;
}

export const patienceOf = (clock: Clock, timeoutMs: number): Patience => {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = clock.after(Math.max(timeoutMs, SYNC_MS_ALLOWED), () => resolve("late"));
  return {
    wait: (durable) => Promise.race([durable.then(() => "durable" as const), late]),
    end: () => timer.cancel(),
  };
};
