// Readers that have something to do run together, after whatever woke them is finished: a fetch that brings records of ten partitions
// wakes each reader once. What wakes while readers run has to wait for a later turn, so that sockets and timers are heard in between.
import type { StatusError } from "../../core/status.ts";
import { enter } from "../../flow/enter.ts";
import { TURN_READERS_MAX } from "./limits.ts";

/** Something that runs when its turn comes. */
export interface Runnable {
  run(): void;
  /** `run` threw this. */
  failed(error: StatusError): void;
}

export class Turns {
  #waiting: Runnable[] = [];
  #scheduled = false;

  /** Runs it once, soon. It is not added again before it has run. */
  add(one: Runnable): void {
    this.#waiting.push(one);
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#run);
  }

  readonly #run = (): void => {
    const turn = this.#waiting;
    this.#waiting = turn.length > TURN_READERS_MAX ? turn.splice(TURN_READERS_MAX) : [];
    for (const one of turn) enter(one.run.bind(one), (error) => one.failed(error));
    this.#scheduled = this.#waiting.length > 0;
    if (this.#scheduled) setImmediate(this.#run);
  };
}
