// A reader of its own for one call: brings the records of its correlation id, from an offset on, when the group's reader cannot. What the
// server has not taken is then an offset and not a queue.
import { CANCELLED, type Status, StatusError } from "../../core/status.ts";
import { CANCEL_HEADER } from "../../exchange/names.ts";
import type { FetchQuery, FetchStart, Kafka, StoredRecord } from "../../ports/kafka.ts";
import type { Batch, Reply, Requests } from "../../ports/service.ts";

export interface FeedFrom {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The name of the correlation id's header. */
  readonly header: string;
  readonly id: Uint8Array;
}

export interface FeedOwner {
  /** False: enough, until `Feed.ready`. */
  fed(records: Batch<StoredRecord>): boolean;
  /** Nothing more comes; the feed is over. */
  starved(status: Status): void;
}

export class Feed implements Reply<StoredRecord, FetchStart> {
  readonly #owner: FeedOwner;
  #fetch: Requests<never> | undefined;
  #over = false;

  constructor(owner: FeedOwner) {
    this.#owner = owner;
  }

  open(kafka: Kafka, from: FeedFrom): void {
    try {
      this.#fetch = kafka.fetch(queryOf(from), this);
    } catch (reason) {
      this.end(StatusError.from(reason).status);
    }
  }
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#fetch?.cancel(CANCELLED);
  }

  /** The owner takes records again. */
  resume(): void {
    if (!this.#over) this.#fetch?.ready();
  }

  headers(): void {}
  write(batch: Batch<StoredRecord>): boolean {
    return !this.#over && this.#owner.fed(batch);
  }
  end(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.starved(status);
  }
  ready(): void {}
}

/** Its cancel record names the call in another header than its requests do. */
const queryOf = ({ topic, partition, offset, header, id }: FeedFrom): FetchQuery => ({
  topic,
  from: new Map([[partition, offset]]),
  filters: [{ headers: [{ name: header, value: id }] }, { headers: [{ name: CANCEL_HEADER, value: id }] }],
  isolation: "read_committed",
  partitions: [partition],
});
