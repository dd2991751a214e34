// Between a cursor and whoever fetches: gives what the cursor has as long as it is wanted, a bounded amount a turn. This is the `fetch` of
// the kafka port, once the caller's topic is known and read.
import { type Status, StatusError } from "../../core/status.ts";
import type { FetchStart, Position, StoredRecord } from "../../ports/kafka.ts";
import type { Batch, Reply, Requests } from "../../ports/service.ts";
import type { CursorOwner } from "./cursor.ts";
import { TURN_BYTES_MAX } from "./limits.ts";
import type { Runnable, Turns } from "./turns.ts";

/** What is read from: a Cursor, or one that recalls what was there already. */
export interface ReadFrom {
  /** Where it began; undefined as long as that is not known: then it wakes its owner later. */
  readonly start: Position | undefined;
  /** Whether it is known; it is made when it is looked at. */
  readonly started: boolean;
  /** Bytes of the batch that was read last. */
  readonly bytes: number;
  read(): Batch<StoredRecord> | undefined;
  close(): void;
}

/**
 * Returned at once, opened when the log is there. It is over after `reply.end`, or `cancel`, or `fail`; `left` is called once then, in the
 * same turn.
 */
export class LogReader implements Requests<never>, CursorOwner, Runnable {
  readonly #reply: Reply<StoredRecord, FetchStart>;
  readonly #turns: Turns;
  readonly #left: () => void;
  #from: ReadFrom | undefined;
  #refused: Status | undefined;
  #begun = false;
  #full = false;
  #over = false;
  #scheduled = false;

  constructor(reply: Reply<StoredRecord, FetchStart>, turns: Turns, left: () => void = () => {}) {
    this.#reply = reply;
    this.#turns = turns;
    this.#left = left;
  }

  /**
   * Reads from what `make` gives; it may throw a StatusError. Tells the caller where it began, from a turn of its own. Harmless once the
   * reader is over: then nothing is made.
   */
  open(make: (owner: CursorOwner) => ReadFrom): void {
    if (this.#over) return;
    try {
      this.#from = make(this);
    } catch (reason) {
      this.#refused = StatusError.from(reason).status;
    }
    this.wake();
  }

  /** Ends the fetch. */
  fail(status: Status): void {
    if (!this.#leave()) return;
    this.#reply.end(status);
  }

  // For the caller.

  write(): boolean {
    return true;
  }
  end(): void {}
  cancel(): void {
    this.#leave();
  }
  ready(): void {
    this.#full = false;
    this.wake();
  }

  // For the cursor.

  wake(): void {
    if (this.#scheduled || this.#full || this.#over || !(this.#from || this.#refused)) return;
    this.#scheduled = true;
    this.#turns.add(this);
  }
  ended(status: Status): void {
    this.#from = undefined;
    this.fail(status);
  }

  // For the turns.

  run(): void {
    this.#scheduled = false;
    if (this.#refused) this.fail(this.#refused);
    if (this.#over || !this.#from) return;
    if (!this.#begun) {
      const from = this.#from;
      if (!from.started) return;
      this.#begun = true;
      this.#reply.headers({
        get position() {
          return from.start!; // It has started.
        },
      });
    }
    let bytes = 0;
    while (!this.#full && this.#from) {
      const batch = this.#from.read();
      if (!batch) return;
      bytes += this.#from.bytes;
      this.#full = true; // Before the call, so that a ready() from inside it is not lost.
      if (this.#reply.write(batch)) this.#full = false;
      if (bytes < TURN_BYTES_MAX) continue;
      this.wake();
      return;
    }
  }
  failed(error: StatusError): void {
    this.fail(error.status);
  }

  #leave(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#from?.close();
    this.#from = undefined;
    this.#left();
    return true;
  }
}
