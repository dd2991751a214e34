// One fetch of the memory Kafka: a place in a topic's arrival order, and what its reader has been given.
import { fail, type Status } from "../../src/core/status.ts";
import type { FetchQuery, FetchStart, Filter, StoredRecord } from "../../src/ports/kafka.ts";
import type { Reply, Requests } from "../../src/ports/service.ts";
import { type MemoryHost, type MemoryRecord, type MemoryTopic, matches, noTopic, OUT_OF_RANGE, unreached } from "./memory-topic.ts";

/** Small, so that tests meet the limit. */
const RECORDS_MAX = 4;

/** The Kafka that a reader reads from. */
export interface ReaderHost extends MemoryHost {
  refuseFetch(query: FetchQuery): Status | undefined;
  /** The reader reads no longer. */
  left(reader: MemoryReader): void;
}

export class MemoryReader implements Requests<never> {
  readonly query: FetchQuery;
  readonly #kafka: ReaderHost;
  readonly #reply: Reply<StoredRecord, FetchStart>;
  readonly #filters: readonly Filter[];
  readonly #starts: number[] = [];
  readonly #progress: number[] = [];
  #begun = false;
  #next = 0;
  #full = false;
  #over = false;
  #scheduled = false;

  constructor(kafka: ReaderHost, query: FetchQuery, reply: Reply<StoredRecord, FetchStart>) {
    this.#kafka = kafka;
    this.query = query;
    this.#reply = reply;
    this.#filters = query.correlated ? [{ headers: [query.correlated] }] : query.filters;
    // Fixed when it is called, unless nothing answers yet.
    if (!kafka.isDown) this.#place();
  }

  write(): boolean {
    return true;
  }
  /** The half-close: there are no requests. */
  end(): void {}
  cancel(): void {
    this.#leave();
  }
  ready(): void {
    this.#full = false;
    this.wake();
  }

  /** For the Kafka. */
  fail(status: Status): void {
    if (this.#over) return;
    this.#leave();
    this.#reply.end(status);
  }

  /** There may be something to read. */
  wake(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#over && !this.#kafka.isDown) this.#run();
    });
  }

  #leave(): void {
    this.#over = true;
    this.#kafka.left(this);
  }

  #place(): Status | undefined {
    const topic = this.#kafka.topic(this.query.topic);
    if (!topic) return noTopic(this.query.topic);
    const starts = topic.start(this.query.from);
    if (starts === OUT_OF_RANGE) return fail("OUT_OF_RANGE", `topic '${topic.name}' no longer has that position`).status;
    this.#starts.push(...starts);
    this.#progress.push(...starts.map((start, partition) => unreached(this.query.from, partition, start)));
    return undefined;
  }

  #run(): void {
    if (!this.#begun) {
      const status = this.#kafka.refuseFetch(this.query) ?? (this.#starts.length === 0 ? this.#place() : undefined);
      if (status) {
        this.fail(status);
        return;
      }
      this.#begun = true;
      this.#reply.headers({ position: new Map([...this.#starts.entries()].filter(([partition]) => this.#reads(partition))) });
    }
    const topic = this.#kafka.topic(this.query.topic);
    if (!topic || this.#full || this.#over) return;
    const batch = this.#read(topic);
    if (batch.length === 0) return;
    this.#full = true; // Before the call, so that a ready() from inside it is not lost.
    if (this.#reply.write(batch)) this.#full = false;
    if (this.#next < topic.records.length) this.wake();
  }

  #read(topic: MemoryTopic): StoredRecord[] {
    const batch: StoredRecord[] = [];
    for (let partition = this.#starts.length; partition < topic.ends.length; partition++) {
      this.#starts.push(0);
      this.#progress.push(-2);
    }
    while (this.#next < topic.records.length && batch.length < RECORDS_MAX) {
      const record = topic.records[this.#next++]!;
      if (!this.#wants(topic, record)) continue;
      this.#progress[record.partition] = record.offset + 1;
      if (matches(this.#filters, record)) batch.push(record.after([...this.#progress]));
    }
    return batch;
  }

  #wants(topic: MemoryTopic, record: MemoryRecord): boolean {
    return record.offset >= this.#starts[record.partition]! && this.#reads(record.partition) && topic.has(record);
  }

  #reads(partition: number): boolean {
    return this.query.partitions?.includes(partition) ?? true;
  }
}
