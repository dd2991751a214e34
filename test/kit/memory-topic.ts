// A topic in memory: records of all partitions in the order they arrived, and readers that each follow it from a place of their own.
import { equal } from "../../src/core/bytes.ts";
import { fail, type Status } from "../../src/core/status.ts";
import type { Filter, From, Position, ProducedRecord, RecordHeaders, StoredRecord } from "../../src/ports/kafka.ts";

/** A stored record as plain data; `progress` is the reader's. */
export class MemoryRecord implements StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: RecordHeaders;
  readonly progress: readonly number[];

  constructor(
    record: ProducedRecord,
    at: { topic: string; partition: number; offset: number; timestampMs: number; progress?: readonly number[] },
  ) {
    this.topic = at.topic;
    this.partition = at.partition;
    this.offset = at.offset;
    this.timestampMs = at.timestampMs;
    this.key = record.key;
    this.value = record.value;
    this.headers = record.headers;
    this.progress = at.progress ?? [];
  }
  header(name: string): Uint8Array | null | undefined {
    return this.headers.findLast((header) => header.name === name)?.value;
  }
  eachHeader(visit: (name: string, value: Uint8Array | null) => void, prefix = ""): void {
    for (const { name, value } of this.headers) if (name.startsWith(prefix)) visit(name, value);
  }
  after(progress: readonly number[]): MemoryRecord {
    return new MemoryRecord(this, {
      topic: this.topic,
      partition: this.partition,
      offset: this.offset,
      timestampMs: this.timestampMs,
      progress,
    });
  }
}

/** Where a position or a time is past what is there. */
/** The Kafka that groups and readers are of. */
export interface MemoryHost {
  readonly isDown: boolean;
  topic(name: string): MemoryTopic | undefined;
}

export const OUT_OF_RANGE = "out of range";

export class MemoryTopic {
  readonly name: string;
  /** In the order they arrived. */
  readonly records: MemoryRecord[] = [];
  /** The next offset of each partition. */
  readonly ends: number[];
  /** The first offset of each partition that is still there. */
  readonly begins: number[];

  constructor(name: string, partitions: number) {
    this.name = name;
    this.ends = new Array(partitions).fill(0);
    this.begins = new Array(partitions).fill(0);
  }

  append(partition: number, record: ProducedRecord, timestampMs: number): MemoryRecord {
    const stored = new MemoryRecord(record, { topic: this.name, partition, offset: this.ends[partition]!++, timestampMs });
    this.records.push(stored);
    return stored;
  }

  addPartitions(count: number): void {
    for (let added = 0; added < count; added++) {
      this.ends.push(0);
      this.begins.push(0);
    }
  }

  /** What is below that offset is deleted; positions in the arrival order stay as they are. */
  truncate(partition: number, before: number): void {
    this.begins[partition] = before;
  }

  has(record: StoredRecord): boolean {
    return record.offset >= this.begins[record.partition]!;
  }

  /** The offset to start at, by partition. */
  start(from: From): number[] | typeof OUT_OF_RANGE {
    if (from === "earliest") return [...this.begins];
    if (from === "latest") return [...this.ends];
    if (isTime(from)) return this.ends.map((end, partition) => this.#since(partition, from.timestampMs) ?? end);
    const starts = this.ends.map((_, partition) => this.#resolve(partition, from.get(partition) ?? from.get(-1) ?? -2));
    const inRange = starts.every((start, partition) => start >= this.begins[partition]! && start <= this.ends[partition]!);
    return inRange ? starts : OUT_OF_RANGE;
  }

  #resolve(partition: number, offset: number): number {
    return offset === -2 ? this.begins[partition]! : offset === -1 ? this.ends[partition]! : offset;
  }

  #since(partition: number, timestampMs: number): number | undefined {
    return this.records.find((record) => record.partition === partition && record.timestampMs >= timestampMs && this.has(record))?.offset;
  }
}

export const isTime = (from: From): from is { readonly timestampMs: number } => typeof from === "object" && "timestampMs" in from;

/** What a reader's progress says of a partition before anything of it was reached. */
export const unreached = (from: From, partition: number, start: number): number => {
  const asked =
    from === "earliest" ? -2 : from === "latest" || isTime(from) ? start : ((from as Position).get(partition) ?? from.get(-1) ?? -2);
  return asked === -2 ? -2 : start;
};

const holds = (filter: Filter, record: MemoryRecord): boolean =>
  (filter.key === undefined || (record.key !== null && equal(filter.key, record.key))) &&
  (filter.headers ?? []).every(({ name, value }) =>
    record.headers.some((header) => header.name === name && header.value !== null && equal(header.value, value)),
  );

/** Any filter may hold; none given: everything. */
export const matches = (filters: readonly Filter[], record: MemoryRecord): boolean =>
  filters.length === 0 || filters.some((filter) => holds(filter, record));

export const noTopic = (name: string): Status => fail("FAILED_PRECONDITION", `kafka has no topic '${name}'`).status;
