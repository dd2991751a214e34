// Events: the occurrences that the original names and its exporters print (`binding.http.request.accepted`, …). Bindings emit,
// exporters listen; nobody listens, nothing is built.

/** One occurrence. */
export interface Event {
  readonly namespace: string;
  /** The binding, guard, vault, catalog or exporter it is about; "engine" for the process. */
  readonly name: string;
  /** The original's dotted name, such as `binding.kafka.topic.authorization.failed`. */
  readonly event: string;
  readonly message: string;
  readonly timeMs: number;
}

/** All events of the process. */
export class Events {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Whether anybody listens: ask before building a costly message. */
  get heard(): boolean {
    return this.#listeners.size > 0;
  }

  emit(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Returns how to stop listening. */
  listen(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
