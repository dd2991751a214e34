// Makes appends durable, of all logs of a broker: a log that has something new queues once, and whatever comes until its turn goes with it.
import type { Clock, Timer } from "../../core/clock.ts";
import { COMMITS_AT_ONCE } from "./limits.ts";
import type { SyncMode } from "./log-writer.ts";

/** When committed records last: `always` before they are acknowledged, or at most so many milliseconds after. */
export type Fsync = "always" | { readonly intervalMs: number };

export interface Committable {
  readonly hasPending: boolean;
  readonly unsyncedBytes: number;
  /** Never rejects: the log tells those who wait. */
  commit(): Promise<void>;
  sync(): Promise<void>;
}

export class Committer {
  readonly mode: SyncMode;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #queue = new Set<Committable>();
  readonly #unsynced = new Set<Committable>();
  #running = 0;
  #isDue = false;
  #timer: Timer | undefined;

  constructor(fsync: Fsync, clock: Clock) {
    this.#clock = clock;
    this.mode = fsync === "always" ? "always" : "later";
    this.#intervalMs = fsync === "always" ? 0 : fsync.intervalMs;
  }

  /** A log has something to commit. What else arrives in this turn of the loop goes with it. */
  add(log: Committable): void {
    this.#queue.add(log);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#start();
    });
  }

  /** A log goes: nothing is done for it any more. */
  remove(log: Committable): void {
    this.#queue.delete(log);
    this.#unsynced.delete(log);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #start(): void {
    for (const log of this.#queue) {
      if (this.#running >= COMMITS_AT_ONCE) return;
      this.#queue.delete(log);
      void this.#commit(log);
    }
  }

  async #commit(log: Committable): Promise<void> {
    this.#running++;
    await log.commit();
    this.#running--;
    if (log.hasPending) this.#queue.add(log);
    if (log.unsyncedBytes > 0) this.#syncLater(log);
    this.#start();
  }

  #syncLater(log: Committable): void {
    this.#unsynced.add(log);
    this.#timer ??= this.#clock.after(this.#intervalMs, () => {
      this.#timer = undefined;
      for (const one of this.#unsynced) void this.#sync(one);
    });
  }

  async #sync(log: Committable): Promise<void> {
    this.#unsynced.delete(log);
    await log.sync();
    if (log.unsyncedBytes > 0) this.#syncLater(log);
  }
}
