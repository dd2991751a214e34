// One worker as its supervisor sees it: a process that is started, becomes ready, ends, and is started again after a pause that grows.
import type { Clock, Timer } from "../../core/clock.ts";
import { Counters } from "../../core/counters.ts";
import type { Log } from "../../core/log.ts";
import { addSnapshot, type Snapshot, snapshotOf, withoutGauges } from "../../core/snapshot.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** The pause before a worker that has ended is started again; each further one is twice as long, … */
export const RESTART_MS_FIRST = 100;
/** … up to this. */
export const RESTART_MS_MAX = 30_000;
/** A worker that was ready for so long has shown that it can be: the pauses begin anew. */
export const STEADY_MS = 60_000;
/** A worker that does not tell its counters within this is answered for with what it told last. */
export const COUNT_MS_MAX = 2_000;

/** How a process ended: by itself, or by a signal. */
export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
}

/** The process of a worker. */
export interface WorkerProcess {
  readonly pid: number;
  /** Harmless once it has ended. */
  send(message: ToWorker): void;
  /** Ends it at once. */
  kill(): void;
}

/** Who hears of a process. Everything comes from later turns. */
export interface ProcessOwner {
  said(message: FromWorker): void;
  ended(how: Ended): void;
}

export interface WorkerOptions {
  readonly number: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Starts a process. */
  spawn(owner: ProcessOwner): WorkerProcess;
  /** It can be used from now on. */
  ready(message: Extract<FromWorker, { kind: "ready" }>): void;
  /** Its process has ended. */
  ended(how: Ended): void;
}

interface Count {
  readonly tell: (counted: Snapshot) => void;
  readonly timer: Timer;
}

export class Worker implements ProcessOwner {
  readonly #options: WorkerOptions;
  readonly #counts = new Map<number, Count>();
  #asked = 0;
  #process: WorkerProcess | undefined;
  #readySinceMs: number | undefined;
  #failures = 0;
  #timer: Timer | undefined;
  #stopping = false;
  /** What the present process has told last. */
  #counted: Snapshot = [];
  /** What processes had told that have ended: sums never shrink. */
  readonly #past = new Counters();
  #restarts = 0;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  get number(): number {
    return this.#options.number;
  }
  get ready(): boolean {
    return this.#readySinceMs !== undefined;
  }
  get running(): boolean {
    return this.#process !== undefined;
  }
  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  start(): void {
    this.#process = this.#options.spawn(this);
  }

  /** Finishes what it has in hand, and is not started again. */
  drain(): void {
    this.#stopping = true;
    this.#timer?.cancel();
    this.#process?.send({ kind: "drain" });
  }

  /** Ends it at once, for good. */
  kill(): void {
    this.#stopping = true;
    this.#timer?.cancel();
    this.#process?.kill();
  }

  /** What its present process and all before it have counted. */
  async counted(): Promise<Counters> {
    const counters = new Counters();
    const present = await this.#count();
    for (const snapshot of [snapshotOf(this.#past), present]) addSnapshot(counters, snapshot);
    return counters;
  }

  said(message: FromWorker): void {
    if (message.kind === "ready") {
      this.#readySinceMs = this.#options.clock.monotonicMs();
      this.#options.ready(message);
      return;
    }
    this.#counted = message.counted;
    if (message.ask !== undefined) this.#tell(message.ask);
  }

  ended(how: Ended): void {
    const { clock } = this.#options;
    if (this.#readySinceMs !== undefined && clock.monotonicMs() - this.#readySinceMs >= STEADY_MS) this.#failures = 0;
    this.#process = undefined;
    this.#readySinceMs = undefined;
    this.#counted = withoutGauges(this.#counted);
    for (const ask of [...this.#counts.keys()]) this.#tell(ask);
    addSnapshot(this.#past, this.#counted);
    this.#counted = [];
    this.#options.ended(how);
  }

  /** After a pause, unless it is to stop. */
  startAgain(how: Ended): void {
    if (this.#stopping) return;
    const { clock, log, number } = this.#options;
    const pauseMs = Math.min(RESTART_MS_FIRST * 2 ** this.#failures, RESTART_MS_MAX);
    this.#failures += 1;
    log.warn("a worker has ended and is started again", { worker: number, ...howFacts(how), pauseMs });
    this.#timer = clock.after(pauseMs, () => {
      this.#restarts += 1;
      this.start();
    });
  }

  #count(): Promise<Snapshot> {
    const process = this.#process;
    if (process === undefined || !this.ready) return Promise.resolve(this.#counted);
    const ask = ++this.#asked;
    return new Promise((tell) => {
      this.#counts.set(ask, { tell, timer: this.#options.clock.after(COUNT_MS_MAX, () => this.#tell(ask)) });
      process.send({ kind: "count", ask });
    });
  }

  #tell(ask: number): void {
    const count = this.#counts.get(ask);
    if (count === undefined) return;
    this.#counts.delete(ask);
    count.timer.cancel();
    count.tell(this.#counted);
  }
}

const howFacts = ({ status, signal }: Ended): Readonly<Record<string, string | number>> =>
  signal === null ? { status: status ?? -1 } : { signal };
