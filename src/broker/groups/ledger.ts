// Changes of what groups keep: made durable first, then seen. What is on its way is known, so that whoever deletes can wait for it.
import { Offsets } from "./offsets.ts";

/** Null takes the key out. */
export interface Change {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A durable map, such as a StateLog of the storage. */
export interface GroupStore {
  /** All of them or none, when they are durable; in the order of the calls. Rejects with a BrokerError. */
  apply(changes: readonly Change[]): Promise<void>;
}

export class Ledger {
  readonly offsets = new Offsets();
  readonly #store: GroupStore;
  readonly #underway = new Set<Promise<unknown>>();

  /** With what the store held when it was opened. */
  constructor(store: GroupStore, entries: ReadonlyMap<string, Uint8Array>) {
    this.#store = store;
    for (const [key, value] of entries) this.offsets.apply(key, value);
  }

  /** Settles when the changes are durable and seen. */
  async change(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const durable = this.#store.apply(changes);
    this.#underway.add(durable);
    try {
      await durable;
      for (const { key, value } of changes) this.offsets.apply(key, value);
    } finally {
      this.#underway.delete(durable);
    }
  }

  remove(keys: readonly string[]): Promise<void> {
    return this.change(keys.map((key) => ({ key, value: null })));
  }

  /** What is underway now has been seen, or has failed. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#underway]);
  }
}
