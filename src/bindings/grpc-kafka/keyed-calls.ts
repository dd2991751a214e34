// The calls that share a correlation id, because they share an idempotency key: retries and hedges.
import { latin1 } from "../../core/bytes.ts";

/** How many calls of this process wait under an id. Calls with a random id are alone and are not entered. */
export class KeyedCalls {
  readonly #waiting = new Map<string, number>();

  enter(id: Uint8Array): void {
    const key = latin1(id);
    this.#waiting.set(key, (this.#waiting.get(key) ?? 0) + 1);
  }

  /** Returns whether others wait for the same answer. */
  leave(id: Uint8Array): boolean {
    const key = latin1(id);
    const others = (this.#waiting.get(key) ?? 1) - 1;
    if (others > 0) this.#waiting.set(key, others);
    else this.#waiting.delete(key);
    return others > 0;
  }

  /** How many ids are waited for. */
  get size(): number {
    return this.#waiting.size;
  }
}
