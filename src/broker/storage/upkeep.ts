// Does with all logs what is to be done from time to time, one log after the other, so that clients never wait for it.
import type { Clock, Timer } from "../../core/clock.ts";
import { PRODUCER_ID_EXPIRATION_MS } from "./log-config.ts";
import type { PartitionLog } from "./partition-log.ts";

/** How often, in Apache Kafka's own numbers. */
export interface UpkeepTimes {
  readonly retentionMs: number;
  readonly compactionMs: number;
  readonly checkpointMs: number;
  readonly producersMs: number;
  /** Since their last batch. */
  readonly producerExpirationMs: number;
}

export const UPKEEP_TIMES: UpkeepTimes = {
  retentionMs: 300_000,
  compactionMs: 15_000,
  checkpointMs: 60_000,
  producersMs: 600_000,
  producerExpirationMs: PRODUCER_ID_EXPIRATION_MS,
};

export class Upkeep {
  readonly #logs: () => Iterable<PartitionLog>;
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(logs: () => Iterable<PartitionLog>, clock: Clock, times = UPKEEP_TIMES) {
    this.#logs = logs;
    this.#clock = clock;
    this.#every(times.retentionMs, async (log) => void (await log.steps.retain()));
    this.#every(times.compactionMs, async (log) => void (await log.steps.compact()));
    this.#every(times.checkpointMs, (log) => log.steps.checkpoint());
    this.#every(times.producersMs, async (log) => log.steps.expireProducers(times.producerExpirationMs));
  }

  /** Waits for what is being done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) timer.cancel();
    await Promise.all(this.#running);
  }

  #every(ms: number, step: (log: PartitionLog) => Promise<void>): void {
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer);
      const round = this.#round(step).then(() => {
        this.#running.delete(round);
        if (!this.#isClosed) this.#every(ms, step);
      });
      this.#running.add(round);
    });
    this.#timers.add(timer);
  }

  async #round(step: (log: PartitionLog) => Promise<void>): Promise<void> {
    for (const log of [...this.#logs()]) {
      if (this.#isClosed) return;
      await step(log).catch(() => {}); // The log has said what was wrong; it is tried again in the next round.
    }
  }
}
