// The life of something that runs in the background: its waits end when it does, and what it opened is closed with it.
import type { Clock, Timer } from "../../core/clock.ts";

/** Thrown into a wait whose owner has ended: nobody is to be told. */
export class Ended extends Error {
  constructor() {
    super("ended");
    this.name = "Ended";
  }
}

export class Life {
  readonly #clock: Clock;
  readonly #endings = new Set<() => void>();
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Called once, when it ends; at once when it has ended already. Returns how to forget it. */
  onEnd(ending: () => void): () => void {
    if (this.#over) {
      ending();
      return () => {};
    }
    this.#endings.add(ending);
    return () => this.#endings.delete(ending);
  }

  /** Resolves after `ms`, or when the function that `wakeable` is given is called; rejects with Ended when it is over by then. */
  wait(ms: number, wakeable?: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const forget = this.onEnd(() => {
        timer?.cancel();
        reject(new Ended());
      });
      if (this.#over) return;
      const done = (): void => {
        timer?.cancel();
        forget();
        resolve();
      };
      timer = this.#clock.after(ms, done);
      wakeable?.(done);
    });
  }

  /** What `promise` gives, unless this ends first: then Ended, and the promise's end is nobody's concern. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let forget = (): void => {};
    const ended = new Promise<never>((_, reject) => {
      forget = this.onEnd(() => reject(new Ended()));
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      forget();
      ended.catch(() => {});
      promise.catch(() => {});
    }
  }

  /** Twice is harmless. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const ending of [...this.#endings]) ending();
    this.#endings.clear();
  }
}
