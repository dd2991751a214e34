// Producer ids: never given twice, also over restarts. They are reserved by the block, so that most cost no write.
import { text, utf8 } from "../../core/bytes.ts";
import type { StateStore } from "./state-store.ts";

/** What a restart may leave unused. */
export const BLOCK = 1_000;
const KEY = "producer-ids";

export class ProducerIds {
  readonly #store: StateStore;
  #next: number;
  #reserved: number;
  #reserving: Promise<void> | undefined;

  /** `entries` is what the store held when it was opened. */
  constructor(store: StateStore, entries: ReadonlyMap<string, Uint8Array>) {
    this.#store = store;
    const known = entries.get(KEY);
    this.#reserved = known === undefined ? 0 : Number(text(known));
    this.#next = this.#reserved;
  }

  /** Rejects when a block cannot be reserved. */
  async take(): Promise<number> {
    while (this.#next >= this.#reserved) await this.#reserve();
    return this.#next++;
  }

  #reserve(): Promise<void> {
    this.#reserving ??= this.#more().finally(() => {
      this.#reserving = undefined;
    });
    return this.#reserving;
  }

  async #more(): Promise<void> {
    const reserved = this.#reserved + BLOCK;
    await this.#store.put(KEY, utf8(String(reserved)));
    this.#reserved = reserved;
  }
}
