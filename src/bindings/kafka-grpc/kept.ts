// The request messages of a call while it may still have to be tried again at another attempt: kept while they are few, read again from
// their topic when they are not.
import { copy } from "../../core/bytes.ts";
import { BATCH_ITEMS_MAX } from "./limits.ts";

export class Kept {
  readonly #bytesMax: number;
  #messages: Uint8Array[] = [];
  #bytes = 0;
  #complete = true;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether everything that was added is still here. */
  get complete(): boolean {
    return this.#complete;
  }
  get messages(): readonly Uint8Array[] {
    return this.#messages;
  }

  /** Copies: a view would keep a whole fetch of records alive for as long as the call runs. */
  add(message: Uint8Array): void {
    if (!this.#complete) return;
    this.#bytes += message.length;
    if (this.#bytes > this.#bytesMax || this.#messages.length === BATCH_ITEMS_MAX) this.drop();
    else this.#messages.push(copy(message));
  }

  /** There will be no other attempt, or it must read again. */
  drop(): void {
    this.#complete = false;
    this.#messages = [];
  }

  /** Everything is about to be read again. */
  restart(): void {
    this.#complete = true;
    this.#bytes = 0;
    this.#messages = [];
  }
}
