// Hold and resume: an edge gives a service its requests through an Inlet, which keeps what arrives after the service said "enough" and
// gives it on when the service says it is ready. Every edge needs it, so it is written once.
import type { Status } from "../core/status.ts";
import { StatusError } from "../core/status.ts";
import type { Batch, Requests } from "../ports/service.ts";
import { IGNORED } from "../ports/service.ts";

/** The edge behind an inlet. */
export interface InletEdge {
  /** The service wants no more for now: stop reading the source. Called once until `resume`. */
  pause(): void;
  /** What was held has been given: read on. */
  resume(): void;
  /** The service threw. The exchange must be ended with this; the inlet is closed already and the service has been cancelled. */
  failed(error: StatusError): void;
}

/**
 * Requests on their way to a service that may be slow. Everything may be called before `open` (it is held) and after the end (it is dropped).
 * Memory: an edge that honours `pause` has at most what was on its way held here.
 */
export class Inlet<T> {
  readonly #edge: InletEdge;
  #requests: Requests<T> | undefined;
  #held: Batch<T>[] = [];
  #ended = false;
  #over = false;
  #stopped = true;
  #paused = false;
  #readied = 0;
  #waking = false;

  constructor(edge: InletEdge) {
    this.#edge = edge;
  }

  /** The service has returned: what was held goes on. Harmless when the exchange is over by then. */
  open(requests: Requests<T>): void {
    if (this.#over) return;
    this.#requests = requests;
    this.#stopped = false;
    this.#drain();
  }

  write(batch: Batch<T>): void {
    if (this.#over) return;
    if (this.#stopped || this.#held.length > 0) this.#hold(batch);
    else this.#give(batch);
  }

  /** Half-close, after everything held. */
  end(): void {
    if (this.#over || this.#ended) return;
    this.#ended = true;
    if (!this.#stopped && this.#held.length === 0) this.#finish();
  }

  /** The service is ready for more requests (its `Reply.ready`). May come from inside `write`. */
  ready(): void {
    this.#readied += 1;
    if (!this.#stopped || this.#requests === undefined || this.#waking) return;
    this.#waking = true;
    process.nextTick(wake, this); // Not here: the service is on the stack.
  }

  /** The replies are welcome again: passes on to the service. */
  repliesReady(): void {
    this.#guard((requests) => requests.ready());
  }

  /** The service has ended the exchange: nothing is heard any more. */
  close(): void {
    this.#over = true;
    this.#held = [];
    this.#requests = IGNORED;
  }

  /** The caller ends the exchange: closes, and cancels the service if it was opened. */
  cancel(status: Status): void {
    if (this.#over) return;
    const requests = this.#requests;
    this.close();
    requests?.cancel(status);
  }

  /** For `ready` only. */
  wake(): void {
    this.#waking = false;
    if (this.#over) return;
    this.#stopped = false;
    this.#drain();
  }

  #hold(batch: Batch<T>): void {
    this.#held.push(batch);
    this.#pause();
  }

  #pause(): void {
    if (this.#paused || this.#over) return;
    this.#paused = true;
    this.#edge.pause();
  }

  /** On the path of every batch, so without `#guard` and its closure. */
  #give(batch: Batch<T>): void {
    const requests = this.#requests;
    if (requests === undefined) return;
    const readied = this.#readied; // A ready() from inside write() wins over the false that it returns.
    try {
      if (requests.write(batch) || readied !== this.#readied) return;
    } catch (reason) {
      this.#fail(reason);
      return;
    }
    this.#stopped = true;
    this.#pause();
  }

  #drain(): void {
    let given = 0;
    while (given < this.#held.length && !this.#stopped && !this.#over) this.#give(this.#held[given++]!);
    if (this.#over) return;
    this.#held.splice(0, given);
    if (this.#stopped) return;
    if (this.#paused) {
      this.#paused = false;
      this.#edge.resume();
    }
    if (this.#ended && this.#held.length === 0) this.#finish();
  }

  #finish(): void {
    this.#guard((requests) => requests.end());
  }

  #guard(call: (requests: Requests<T>) => void): void {
    const requests = this.#requests;
    if (requests === undefined) return;
    try {
      call(requests);
    } catch (reason) {
      this.#fail(reason);
    }
  }

  #fail(reason: unknown): void {
    const error = StatusError.from(reason);
    this.cancel(error.status);
    this.#edge.failed(error);
  }
}

const wake = (inlet: Inlet<never>): void => inlet.wake();
