// A source for caches over the memory Kafka: what it has stored, as batches that are encoded and decoded again.
import { concat } from "../../src/core/bytes.ts";
import { CANCELLED, fail, type Status } from "../../src/core/status.ts";
import type { RangePart, RangeReader, RangeRecords } from "../../src/kafka/log/range-source.ts";
import type { Followed, FollowFrom, TopicFollower, TopicSource } from "../../src/kafka/log/topic-source.ts";
import { decodeBatches } from "../../src/kafka/wire/decode-batch.ts";
import { encodeBatch } from "../../src/kafka/wire/encode-batch.ts";
import type { BatchRecord } from "../../src/kafka/wire/stored-record.ts";
import type { FetchQuery, FetchStart, Position, StoredRecord } from "../../src/ports/kafka.ts";
import type { Reply, Requests } from "../../src/ports/service.ts";
import type { MemoryKafka } from "./memory-kafka.ts";
import type { MemoryRecord } from "./memory-topic.ts";

/** A range has at most so many records, so that readers need several. */
const RANGE_RECORDS_MAX = 5;

const fetched = (record: MemoryRecord): readonly BatchRecord[] => {
  const bytes = Buffer.from(concat(encodeBatch([record], { timestampMs: record.timestampMs }).pieces));
  bytes.writeBigInt64BE(BigInt(record.offset));
  const [batch] = decodeBatches(bytes, record).batches;
  return batch?.kind === "batch" ? batch.records : [];
};

export class MemorySource implements TopicSource {
  readonly #kafka: MemoryKafka;

  constructor(kafka: MemoryKafka) {
    this.#kafka = kafka;
  }

  follow(name: string, from: "earliest" | "latest", follower: TopicFollower): Followed {
    return new MemoryFollowing(this.#kafka, name, follower).start(from);
  }

  read(name: string, { parts }: { readonly parts: readonly RangePart[] }, reader: RangeReader): { cancel(): void } {
    const waiting = setImmediate(() => {
      const { begins } = this.#kafka.topic(name)!;
      const gone = parts.find(({ partition, from }) => from >= 0 && from < begins[partition]!);
      if (gone) reader.failed(fail("OUT_OF_RANGE", `partition ${gone.partition} begins later than ${gone.from}`).status);
      else reader.read(parts.map((part) => this.#range(name, part)));
    });
    return { cancel: () => clearImmediate(waiting) };
  }

  positionAt(name: string, timestampMs: number): Promise<Position> {
    const start = this.#kafka.topic(name)!.start({ timestampMs });
    return Promise.resolve(new Map(typeof start === "string" ? [] : start.entries()));
  }

  ends(name: string): Promise<Position> {
    return Promise.resolve(new Map(this.#kafka.topic(name)!.ends.entries()));
  }

  #range(name: string, { partition, from, below }: RangePart): RangeRecords {
    const begin = Math.max(from, this.#kafka.topic(name)!.begins[partition]!);
    const next = Math.min(begin + RANGE_RECORDS_MAX, below);
    const records = this.#kafka
      .records(name)
      .filter((record) => record.partition === partition && record.offset >= begin && record.offset < next);
    return { partition, records: records.flatMap(fetched), next: Math.max(next, Math.min(below, begin + 1)) };
  }
}

/** All of a topic by one fetch; or, for those who choose, one fetch that looks for more partitions, and others for those that are followed. */
class MemoryFollowing implements Followed {
  readonly #kafka: MemoryKafka;
  readonly #topic: string;
  readonly #follower: TopicFollower;
  readonly #followed = new Set<number>();
  readonly #open = new Set<number>();
  readonly #fetches: Requests<never>[] = [];
  #count = 0;
  #over = false;

  constructor(kafka: MemoryKafka, topic: string, follower: TopicFollower) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#follower = follower;
  }

  start(from: "earliest" | "latest"): this {
    if (this.#follower.choose) this.#watch(from);
    else this.#fetch(from, { headers: ({ position }) => this.#opened(position, from), write: (batch) => this.#give(batch) });
    return this;
  }

  add(partitions: readonly number[], from: FollowFrom): void {
    const added = partitions.filter((partition) => !this.#followed.has(partition));
    for (const partition of added) this.#followed.add(partition);
    this.#fetch(from, { headers: ({ position }) => this.#opened(position, from), write: (batch) => this.#give(batch) }, added);
  }

  close(): void {
    this.#over = true;
    for (const fetch of this.#fetches) fetch.cancel(CANCELLED);
  }

  #fetch(from: FollowFrom, reply: Pick<Reply<StoredRecord, FetchStart>, "headers" | "write">, partitions?: readonly number[]): void {
    const query: FetchQuery = { topic: this.#topic, from, filters: [], isolation: "read_committed", ...(partitions && { partitions }) };
    this.#fetches.push(this.#kafka.fetch(query, { ...reply, end: (status) => this.#failed(status), ready() {} }));
  }

  /** For those who choose: partitions that are added are met with the next record of any. */
  #watch(from: "earliest" | "latest"): void {
    const grow = (begin: FollowFrom): true => {
      this.#grow(begin);
      return true;
    };
    this.#fetch("latest", { headers: () => grow(from), write: () => grow("earliest") });
  }

  #give(batch: readonly StoredRecord[]): true {
    for (const record of batch) {
      const { partition, offset } = record;
      if (!this.#open.has(partition)) this.#opened(new Map([[partition, 0]]), "earliest");
      if (!this.#over) this.#follower.fetched(partition, fetched(this.#at(record)), offset + 1);
    }
    return true;
  }

  #grow(from: FollowFrom): void {
    const before = this.#count;
    const count = this.#kafka.topic(this.#topic)!.ends.length;
    if (count === before) return;
    this.#count = count;
    this.add(this.#follower.choose?.(count, before) ?? [], from);
  }

  #opened(position: Position, from: FollowFrom): void {
    const { ends } = this.#kafka.topic(this.#topic)!;
    const earliest = from === "earliest";
    for (const partition of position.keys()) this.#open.add(partition);
    this.#follower.opened(new Map([...position].map(([partition, offset]) => [partition, { offset, end: ends[partition]!, earliest }])));
  }

  #failed(status: Status): void {
    if (this.#over) return;
    this.close();
    this.#follower.failed(status);
  }

  #at({ partition, offset }: StoredRecord): MemoryRecord {
    return this.#kafka.records(this.#topic).find((record) => record.partition === partition && record.offset === offset)!;
  }
}
