// The request of one call on its way to the server. The group's reader brings it record by record; from the first record that the server
// does not take at once, a feed of the call's own does. So a slow server costs an offset, and the group's reader never waits for it.
import type { Status } from "../../core/status.ts";
import type { StoredRecord } from "../../ports/kafka.ts";
import type { Attempt } from "./attempt.ts";
import { Feed, type FeedOwner } from "./feed.ts";
import { Kept } from "./kept.ts";
import type { Shared } from "./shared.ts";

/** What a record that a feed brought is to the call. */
export type Fed = "message" | "end" | "cancel" | "other";

/** Where the request is read again. */
export interface RequestSource {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the call's first record. */
  readonly first: number;
  /** The correlation id. */
  readonly id: Uint8Array;
}

export interface RequestsOwner {
  /** Says what the record is, and counts its offset as the call's. */
  fed(record: StoredRecord): Fed;
  /** The feed met the call's cancel record. */
  cancelled(): void;
  /** The request can no longer be read. */
  unreadable(status: Status): void;
}

export interface RequestsOptions {
  readonly owner: RequestsOwner;
  readonly shared: Shared;
  readonly source: RequestSource;
}

export class Requests implements FeedOwner {
  readonly #owner: RequestsOwner;
  readonly #shared: Shared;
  readonly #source: RequestSource;
  readonly #kept: Kept;
  #attempt: Attempt | undefined;
  #pending: Uint8Array[] = [];
  #feed: Feed | undefined;
  /** From here on nothing was taken, and only a feed can bring it. */
  #behind: number | undefined;
  /** The last record that was taken. */
  #taken = -1;
  /** All of it has been read, to its tombstone. */
  #closed = false;
  #over = false;

  constructor({ owner, shared, source }: RequestsOptions) {
    this.#owner = owner;
    this.#shared = shared;
    this.#source = source;
    this.#kept = new Kept(shared.limits.keptBytesMax);
  }

  /** From the group's reader. What it brings while a feed is at work is the feed's to bring. */
  message(offset: number, message: Uint8Array): void {
    if (this.#over || this.#closed || this.#feed !== undefined || this.#behind !== undefined) return;
    if (this.#attempt?.stopped) {
      this.#behind = offset;
      return;
    }
    this.#take(offset, message);
    this.#pending.push(message);
  }
  end(offset: number): void {
    if (this.#over || this.#closed || this.#feed !== undefined || this.#behind !== undefined) return;
    this.flush();
    this.#taken = offset;
    this.#closed = true;
    this.#attempt?.halfClose();
  }
  /** The messages that arrived together go on together. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    this.#attempt?.give(pending); // Without one they are kept, or read again.
  }

  /** The group's reader does not go on from `next`: what is still to come is read here. */
  follow(next: number): void {
    if (this.#over || this.#closed || this.#feed !== undefined || this.#behind !== undefined) return;
    this.flush();
    this.#behind = next;
    this.ready();
  }

  /** Gives an attempt the request from its beginning; the first as well as any other. */
  attach(attempt: Attempt): void {
    this.#attempt = attempt;
    if (!this.#kept.complete) {
      this.#kept.restart();
      this.#closed = false;
      this.#behind = this.#source.first;
    } else if (this.#kept.messages.length > 0) attempt.give(this.#kept.messages);
    if (attempt.over) return;
    if (this.#closed) attempt.halfClose();
    else this.ready();
  }

  /** The attempt is over. Another may follow. */
  detach(): void {
    this.#attempt = undefined;
    this.#pending = [];
    if (this.#feed === undefined) return;
    this.#stopFeed();
    this.#behind ??= this.#taken + 1;
  }

  /** No other attempt will follow this one. */
  keepNothing(): void {
    this.#kept.drop();
  }

  /** The server takes requests. */
  ready(): void {
    if (this.#over || this.#attempt === undefined || this.#attempt.stopped) return;
    if (this.#feed !== undefined) this.#feed.resume();
    else if (this.#behind !== undefined) this.#startFeed(this.#behind);
  }

  close(): void {
    this.#over = true;
    this.#attempt = undefined;
    this.#pending = [];
    this.#kept.drop();
    this.#stopFeed();
  }

  fed(records: readonly StoredRecord[]): boolean {
    const messages: Uint8Array[] = [];
    for (const record of records) {
      const kind = this.#owner.fed(record);
      if (kind === "cancel") this.#owner.cancelled();
      if (this.#over) return false; // Cancelled, or too much for the call.
      if (kind === "message" && record.value !== null) {
        this.#take(record.offset, record.value);
        messages.push(record.value);
      }
      if (kind === "end") {
        this.#taken = record.offset;
        this.#closed = true;
        break;
      }
    }
    const attempt = this.#attempt;
    if (messages.length > 0) attempt?.give(messages);
    if (this.#closed) {
      this.#stopFeed();
      if (attempt?.over === false) attempt.halfClose();
    }
    return attempt?.stopped === false;
  }
  starved(status: Status): void {
    this.#feed = undefined;
    this.#owner.unreadable(status);
  }

  #take(offset: number, message: Uint8Array): void {
    this.#taken = offset;
    this.#kept.add(message);
  }
  #startFeed(offset: number): void {
    const { kafka, names, tally } = this.#shared;
    const { topic, partition, id } = this.#source;
    tally.feeds.value += 1;
    this.#behind = undefined;
    this.#taken = offset - 1;
    this.#feed = new Feed(this);
    this.#feed.open(kafka, { topic, partition, offset, header: names.correlationId, id });
  }
  #stopFeed(): void {
    const feed = this.#feed;
    this.#feed = undefined;
    feed?.close();
  }
}
