// Hears that something has changed among what a long poll waits for, that its time is up, or that the client has gone.
import type { RequestContext } from "../api.ts";

/** What tells of its changes. Listening returns how to stop. */
export interface Listenable {
  listen(call: () => void): () => void;
}

/** To be closed when nobody waits any more. */
export class Watch {
  readonly #forget: (() => void)[] = [];
  #changed = false;
  #over = false;
  #wake: (() => void) | undefined;

  constructor(all: Iterable<Listenable>, waitMs: number, { broker, client }: RequestContext) {
    for (const one of all) this.#forget.push(one.listen(() => this.#hear()));
    const timer = broker.clock.after(waitMs, () => this.#end());
    this.#forget.push(() => timer.cancel());
    this.#forget.push(client.onClosed(() => this.#end()));
  }

  /** Nothing more is to be waited for. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Settles when something has happened since it was last asked. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#changed || this.#over) this.#call();
    });
  }

  close(): void {
    for (const forget of this.#forget) forget();
  }

  #hear(): void {
    this.#changed = true;
    this.#call();
  }

  #end(): void {
    this.#over = true;
    this.#call();
  }

  #call(): void {
    if (!this.#wake) return;
    this.#changed = false;
    this.#wake();
    this.#wake = undefined;
  }
}
