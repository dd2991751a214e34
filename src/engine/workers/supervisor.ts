// Several processes that serve the same ports, as one engine: started together, kept running, counted together, drained together. The first is
// started alone, so that what is wrong with the configuration or its ports is said once, and so that it chooses where the file says port 0.
import type { Clock } from "../../core/clock.ts";
import { Counters } from "../../core/counters.ts";
import type { Log } from "../../core/log.ts";
import { addSnapshot, snapshotOf } from "../../core/snapshot.ts";
import type { WorkerStart } from "./messages.ts";
import { type Ended, type ProcessOwner, Worker, type WorkerProcess } from "./worker.ts";
import type { ChosenPorts } from "./worker-place.ts";

/** What is over the time to drain: then a worker that has not ended is ended. */
export const DRAIN_GRACE_MS = 5_000;

export interface SupervisorOptions {
  /** At least one. */
  readonly workers: number;
  readonly clock: Clock;
  readonly log: Log;
  spawn(start: WorkerStart, owner: ProcessOwner): WorkerProcess;
  /** How many are ready, whenever that changes once all were. */
  changed(ready: number): void;
}

/** A worker ended before all were ready for the first time; it has said why. */
export class StartFailed extends Error {
  constructor(worker: number) {
    super(`worker ${worker} could not be started`);
    this.name = "StartFailed";
  }
}

const ENGINE = { namespace: "sys", binding: "engine" } as const;

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #workers: readonly Worker[];
  #phase: "starting" | "running" | "stopping" = "starting";
  #ports: ChosenPorts = {};
  #waits: { ready(): void; failed(reason: StartFailed): void } | undefined;
  #allEnded: (() => void) | undefined;
  #clean = true;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#workers = Array.from({ length: options.workers }, (_, at) => this.#worker(at + 1));
  }

  /** Resolves when all are ready; rejects with StartFailed when one is not to be had, after ending the others. */
  async start(): Promise<void> {
    const [first, ...others] = this.#workers;
    try {
      await this.#started([first!]); // There is at least one.
      if (others.length > 0) await this.#started(others);
    } catch (reason) {
      await this.#end();
      throw reason;
    }
    if (this.#phase === "starting") this.#phase = "running";
  }

  /** Finishes what is in hand within `forMs`. Whether every worker ended well. */
  async drain(forMs: number): Promise<boolean> {
    this.#phase = "stopping";
    const timer = this.#options.clock.after(forMs + DRAIN_GRACE_MS, () => this.kill());
    const ended = this.#ended();
    for (const worker of this.#workers) worker.drain();
    await ended;
    timer.cancel();
    return this.#clean;
  }

  /** Ends all at once. */
  kill(): void {
    this.#phase = "stopping";
    for (const worker of this.#workers) worker.kill();
  }

  /** The sum of what all have counted, and what there is to be said of the workers themselves. */
  async counted(): Promise<Counters> {
    const sum = this.#ownCounters();
    for (const counters of (await this.countedEach()).values()) addSnapshot(sum, snapshotOf(counters));
    return sum;
  }

  /** What each has counted, by its number. */
  async countedEach(): Promise<ReadonlyMap<number, Counters>> {
    return new Map(await Promise.all(this.#workers.map(async (worker) => [worker.number, await worker.counted()] as const)));
  }

  #worker(number: number): Worker {
    const { clock, log, spawn, workers } = this.#options;
    const worker: Worker = new Worker({
      ...{ number, clock, log },
      spawn: (owner) => {
        const first = this.#phase === "starting" && number === 1;
        return spawn({ number, of: workers, first, ports: this.#ports }, owner);
      },
      ready: ({ ports }) => this.#ready(ports),
      ended: (how) => this.#workerEnded(worker, how),
    });
    return worker;
  }

  #started(workers: readonly Worker[]): Promise<void> {
    return new Promise((ready, failed) => {
      this.#waits = { ready: () => workers.every((worker) => worker.ready) && ready(), failed };
      for (const worker of workers) worker.start();
    });
  }

  #ready(ports: ChosenPorts): void {
    this.#ports = ports;
    this.#waits?.ready();
    if (this.#phase === "running") this.#changed();
  }

  #workerEnded(worker: Worker, how: Ended): void {
    if (this.#phase === "stopping" && how.status !== 0) this.#clean = false;
    if (this.#phase === "starting") this.#waits?.failed(new StartFailed(worker.number));
    else if (this.#phase === "running") worker.startAgain(how);
    if (this.#phase === "running") this.#changed();
    if (!this.#workers.some(({ running }) => running)) this.#allEnded?.();
  }

  #changed(): void {
    this.#options.changed(this.#workers.filter(({ ready }) => ready).length);
  }

  /** When none runs any more. */
  #ended(): Promise<void> {
    return new Promise((ended) => {
      this.#allEnded = ended;
      if (!this.#workers.some(({ running }) => running)) ended();
    });
  }

  async #end(): Promise<void> {
    const ended = this.#ended();
    this.kill();
    await ended;
  }

  #ownCounters(): Counters {
    const counters = new Counters();
    counters.declare({ name: "sluice.workers", kind: "gauge", unit: "count", help: "Worker processes that are ready." });
    counters.declare({
      name: "sluice.workers.restarts",
      kind: "counter",
      unit: "count",
      help: "Worker processes that had ended and were started again.",
    });
    counters.counter({ ...ENGINE, metric: "sluice.workers" }).value = this.#workers.filter(({ ready }) => ready).length;
    for (const { number, restarts } of this.#workers)
      counters.counter({ ...ENGINE, metric: "sluice.workers.restarts", labels: { worker: String(number) } }).value = restarts;
    return counters;
  }
}
