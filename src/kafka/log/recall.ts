// What a call with a key of its caller's reads: the replies that were there already, found by the index, and then those that come. It is in
// place for what comes before it looks for what was there, so nothing falls between.
import type { Status } from "../../core/status.ts";
import type { Position } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { Cursor, CursorOwner } from "./cursor.ts";
import type { ReadFrom } from "./log-reader.ts";
import type { Matcher } from "./matcher.ts";
import { OldReplies } from "./old-replies.ts";
import { bytesOf } from "./packed-records.ts";
import type { IndexWaiter, ReplyIndex } from "./reply-index.ts";
import type { TopicLog } from "./topic-log.ts";
import type { Vector } from "./vector.ts";

export interface RecallQuery {
  readonly log: TopicLog;
  readonly index: ReplyIndex;
  /** The value that the index is asked for, one character a byte. */
  readonly value: string;
  /** Holds for records with that value. */
  readonly matcher: Matcher;
  readonly partitions?: ReadonlySet<number> | undefined;
}

export class Recall implements ReadFrom, CursorOwner, IndexWaiter {
  /** Known once the index has come to where the log was: whoever produces only then finds every reply, old and new. */
  start: Position | undefined;
  bytes = 0;
  readonly #query: RecallQuery;
  readonly #owner: CursorOwner;
  readonly #ends: Vector;
  #live: Cursor;
  #old: OldReplies | undefined;
  #over = false;

  constructor(query: RecallQuery, owner: CursorOwner) {
    const { log, index, matcher, partitions } = query;
    this.#query = query;
    this.#owner = owner;
    this.#ends = log.ends();
    this.#live = log.cursor({ from: "latest", matcher, partitions, waits: true }, this);
    // From now on it listens; what is found meanwhile waits.
    this.#live.listen();
    index.whenReached(this.#ends, this);
  }

  get started(): boolean {
    return this.start !== undefined;
  }

  read(): Batch<BatchRecord> | undefined {
    if (!this.start || this.#over) return undefined;
    const old = this.#old?.next() ?? "over";
    if (old === "waiting") return undefined;
    if (old !== "over") {
      this.bytes = bytesOf(old);
      return old;
    }
    this.#old = undefined;
    const batch = this.#live.read();
    this.bytes = this.#live.bytes;
    return batch;
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#query.index.forget(this);
    this.#old?.cancel();
    this.#live.close();
  }

  // For the index.

  reached(): void {
    const { log, index, value, partitions, matcher } = this.#query;
    this.start = this.#live.start;
    const places = index.find(value, this.#ends);
    if (places) {
      const wanted = partitions ? places.filter(({ partition }) => partitions.has(partition)) : places;
      this.#old = new OldReplies({ log, matcher, wake: () => this.wake(), failed: (status) => this.failed(status) }, wanted);
    } else {
      // Too many to be remembered: they are looked for in everything there is.
      this.#live.close();
      this.#live = log.cursor({ from: "earliest", matcher, partitions, waits: true }, this);
    }
    this.wake();
  }
  failed(status: Status): void {
    if (this.#over) return;
    this.close();
    this.#owner.ended(status);
  }

  // For the live cursor.

  wake(): void {
    this.#owner.wake();
  }
  ended(status: Status): void {
    this.failed(status);
  }
}
