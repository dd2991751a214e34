// Looks for cancels beyond the place where the group's reader rests. Without it, calls that nobody waits for any more could hold every
// place for ever, with the records that would free them unread.
import { CANCELLED, type Status, StatusError } from "../../core/status.ts";
import type { FetchStart, Kafka, StoredRecord } from "../../ports/kafka.ts";
import type { Batch, Reply, Requests } from "../../ports/service.ts";
import type { Partition } from "./partition.ts";

export class CancelWatch implements Reply<StoredRecord, FetchStart> {
  readonly #seen: (record: StoredRecord) => void;
  readonly #failed: (status: Status) => void;
  #fetch: Requests<never> | undefined;
  #over = false;

  constructor(seen: (record: StoredRecord) => void, failed: (status: Status) => void) {
    this.#seen = seen;
    this.#failed = failed;
  }

  /** Reads all that follows, since a cancel's header can only be found by its value, which is an id. */
  open(kafka: Kafka, { topic, partition, next }: Partition): void {
    const from = new Map([[partition, next]]);
    try {
      this.#fetch = kafka.fetch({ topic, from, filters: [], isolation: "read_committed", partitions: [partition] }, this);
    } catch (reason) {
      this.end(StatusError.from(reason).status);
    }
  }
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#fetch?.cancel(CANCELLED);
  }

  headers(): void {}
  write(batch: Batch<StoredRecord>): boolean {
    for (const record of batch) if (!this.#over) this.#seen(record);
    return !this.#over;
  }
  end(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#failed(status);
  }
  ready(): void {}
}
