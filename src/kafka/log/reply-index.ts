// Where the records with a value of one header lie: for calls that may have been answered before. Built by a reader of the log that begins
// at the earliest and never stops; 16 bytes a record, the oldest go first.
import type { Status, StatusError } from "../../core/status.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { Cursor, CursorOwner } from "./cursor.ts";
import { hash64 } from "./hash64.ts";
import { IndexSegment, type RecordPlace } from "./index-segment.ts";
import { INDEX_FINDS_MAX, INDEX_SLOTS_FIRST, INDEX_SLOTS_MAX, SCAN_RECORDS_MAX } from "./limits.ts";
import type { Holder, LogMemory } from "./log-memory.ts";
import type { TopicLog } from "./topic-log.ts";
import type { Runnable, Turns } from "./turns.ts";
import { nextOf, type Vector } from "./vector.ts";

/** Who waits until the index has come so far. */
export interface IndexWaiter {
  /** Everything that was asked about is in the index. */
  reached(): void;
  /** It will not be: the log is over, or began anew. */
  failed(status: Status): void;
}

export interface IndexOptions {
  readonly log: TopicLog;
  /** The header whose values are looked for. */
  readonly header: string;
  /** Of all indexes of the process. */
  readonly memory: LogMemory;
  readonly turns: Turns;
}

export class ReplyIndex implements CursorOwner, Runnable, Holder {
  /** Records that went because of the limit. */
  dropped = 0;
  readonly #options: IndexOptions;
  readonly #cursor: Cursor;
  readonly #waiting = new Map<IndexWaiter, Vector>();
  #segments: IndexSegment[] = [];
  #scheduled = false;
  #over = false;

  constructor(options: IndexOptions) {
    this.#options = options;
    this.#cursor = options.log.cursor({ from: "earliest", alone: true }, this);
    this.wake();
  }

  /** It is of no use any more; another one can be made. */
  get over(): boolean {
    return this.#over;
  }

  /**
   * Calls `waiter` once, from a later turn, when every record below these offsets is in the index, unless it is forgotten before. How far the
   * log itself has to come for that is up to whoever fills it.
   */
  whenReached(below: Vector, waiter: IndexWaiter): void {
    this.#waiting.set(waiter, below);
    this.wake();
  }
  forget(waiter: IndexWaiter): void {
    this.#waiting.delete(waiter);
  }

  /**
   * Where records with this value lie below these offsets, in the order they arrived; some may have another value. Undefined when there are
   * more than INDEX_FINDS_MAX. `value` has one character a byte.
   */
  find(value: string, below: Vector): readonly RecordPlace[] | undefined {
    const hash = hash64(value);
    const places: RecordPlace[] = [];
    for (const segment of this.#segments)
      segment.find(hash, (place) => {
        if (place.offset < nextOf(below, place.partition) && places.length <= INDEX_FINDS_MAX) places.push(place);
      });
    return places.length > INDEX_FINDS_MAX ? undefined : places;
  }

  close(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#cursor.close();
    for (const segment of this.#segments) this.#options.memory.giveBack(segment);
    this.#segments = [];
    const waiting = [...this.#waiting.keys()];
    this.#waiting.clear();
    for (const waiter of waiting) waiter.failed(status);
  }

  // For the cursor.

  wake(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    this.#options.turns.add(this);
  }
  ended(status: Status): void {
    this.close(status);
  }

  // For the turns.

  run(): void {
    this.#scheduled = false;
    if (this.#over) return;
    for (let records = 0; records < SCAN_RECORDS_MAX; ) {
      const batch = this.#cursor.read();
      if (!batch) {
        this.#reached();
        return;
      }
      records += batch.length;
      for (const record of batch) this.#add(record);
    }
    this.wake();
  }
  failed(error: StatusError): void {
    this.close(error.status);
  }

  // For the memory.

  dropFirst(): void {
    const [first, ...rest] = this.#segments;
    this.dropped += first!.count;
    this.#segments = rest;
  }

  #reached(): void {
    if (!this.#cursor.caughtUp) return;
    const { end } = this.#options.log;
    for (const [waiter, below] of this.#waiting) {
      if (!below.every((next, partition) => nextOf(end, partition) >= next)) continue;
      this.#waiting.delete(waiter);
      waiter.reached();
    }
  }

  #add(record: BatchRecord): void {
    record.eachValueText(this.#options.header, (value) => this.#open().add(hash64(value), record));
  }

  /** The segment that has room. */
  #open(): IndexSegment {
    const last = this.#segments.at(-1);
    if (last && !last.full) return last;
    const slots = last ? Math.min(last.slots * 4, INDEX_SLOTS_MAX) : INDEX_SLOTS_FIRST;
    const segment = new IndexSegment(slots);
    this.#segments.push(segment);
    this.#options.memory.take(segment, this);
    return segment;
  }
}
