// How many bytes of requests and answers all connections hold together. Whoever finds it spent stops reading, and is told when there is room again.
import { QUEUED_BYTES_MAX } from "./limits.ts";

export class Budget {
  readonly #bytesMax: number;
  readonly #waiting = new Set<() => void>();
  #bytes = 0;

  constructor(bytesMax = QUEUED_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Nothing more is to be read for now. */
  get spent(): boolean {
    return this.#bytes >= this.#bytesMax;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    if (this.spent || this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const call of waiting) call();
  }

  /** Called once, when there is room. */
  wait(call: () => void): void {
    this.#waiting.add(call);
  }

  forget(call: () => void): void {
    this.#waiting.delete(call);
  }
}
