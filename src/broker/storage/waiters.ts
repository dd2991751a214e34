// Who waits for a log to be durable up to an offset, and who wants to hear whenever it has grown.

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class Waiters {
  #waiting: Waiter[] = [];
  readonly #listeners = new Set<() => void>();

  until(offset: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ offset, resolve, reject }));
  }

  /** Called after every change, until the function that is returned is called. */
  listen(call: () => void): () => void {
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  }

  /** Everything before the offset is durable. */
  reached(offset: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => waiter.offset > offset);
    for (const waiter of waiting) if (waiter.offset <= offset) waiter.resolve();
    this.changed();
  }

  /** Nobody who waits will have what they wait for. */
  failed(reason: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) waiter.reject(reason);
  }

  changed(): void {
    for (const call of [...this.#listeners]) call();
  }
}
