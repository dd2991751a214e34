// Calls that ended before their request did, by their ids: what still comes of them, up to their tombstone, belongs to nobody and must
// begin nothing. Bounded: the oldest are forgotten.

/** A call, as its records tell it from others. */
export interface CallName {
  readonly key: string;
  /** `sluice:deadline`: two calls with one id differ in it. */
  readonly deadlineMs: number | undefined;
}

const nameOf = ({ key, deadlineMs }: CallName): string => (deadlineMs === undefined ? key : `${key}\0${deadlineMs}`);

export class Remembered {
  readonly #most: number;
  /** Up to which offset its records are done already; in the order of ending. */
  readonly #doneTo = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#doneTo.size;
  }

  /** Up to which offset the call's records are done; undefined when it is not remembered. */
  get(call: CallName): number | undefined {
    return this.#doneTo.size === 0 ? undefined : this.#doneTo.get(nameOf(call));
  }

  /** Returns whether another had to be forgotten for it. */
  add(call: CallName, doneTo: number): boolean {
    const name = nameOf(call);
    this.#doneTo.delete(name);
    this.#doneTo.set(name, doneTo);
    if (this.#doneTo.size <= this.#most) return false;
    for (const oldest of this.#doneTo.keys()) {
      this.#doneTo.delete(oldest);
      break;
    }
    return true;
  }

  /** Its tombstone has passed. */
  forget(call: CallName): void {
    this.#doneTo.delete(nameOf(call));
  }
}
