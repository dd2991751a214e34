// A reader for tests of the log, that reads when it is told to, or whenever it is woken.
import type { Status } from "../../../src/core/status.ts";
import type { Cursor, CursorOwner, CursorQuery } from "../../../src/kafka/log/cursor.ts";
import { matcherOf } from "../../../src/kafka/log/matcher.ts";
import type { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import type { Filter, StoredRecord } from "../../../src/ports/kafka.ts";
import type { Batch } from "../../../src/ports/service.ts";

export interface Asking extends Omit<CursorQuery, "matcher"> {
  readonly filters?: readonly Filter[];
  readonly correlated?: { readonly name: string; readonly value: Uint8Array };
}

export class Reading implements CursorOwner {
  readonly cursor: Cursor;
  readonly batches: Batch<StoredRecord>[] = [];
  status: Status | undefined;
  wakes = 0;
  #woken = true;

  constructor(log: TopicLog, { filters = [], correlated, ...query }: Asking) {
    const matcher = matcherOf(correlated ? { filters, correlated } : { filters });
    this.cursor = log.cursor({ ...query, matcher }, this);
  }

  get records(): StoredRecord[] {
    return this.batches.flat();
  }
  get values(): string[] {
    return this.records.map(({ value }) => Buffer.from(value ?? []).toString());
  }
  /** It has been told that there may be something. */
  get woken(): boolean {
    return this.#woken;
  }

  wake(): void {
    this.wakes++;
    this.#woken = true;
  }
  ended(status: Status): void {
    this.status = status;
  }

  /** Reads one batch; false when there was none. */
  step(): boolean {
    this.#woken = false;
    const batch = this.cursor.read();
    if (batch) {
      this.#woken = true;
      this.batches.push(batch);
    }
    return batch !== undefined;
  }

  /** Reads until there is nothing, as often as it was woken. */
  drain(): this {
    while (this.#woken) while (this.step());
    return this;
  }
}
