// A source for caches over the memory Kafka: what it has stored, as batches that are encoded and decoded again.
import { concat } from "../../src/core/bytes.ts";
import { CANCELLED, fail } from "../../src/core/status.ts";
import type { RangePart, RangeReader, RangeRecords } from "../../src/kafka/log/range-source.ts";
import type { TopicFollower, TopicSource } from "../../src/kafka/log/topic-source.ts";
import { decodeBatches } from "../../src/kafka/wire/decode-batch.ts";
import { encodeBatch } from "../../src/kafka/wire/encode-batch.ts";
import type { BatchRecord } from "../../src/kafka/wire/stored-record.ts";
import type { Position, StoredRecord } from "../../src/ports/kafka.ts";
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

  follow(name: string, from: "earliest" | "latest", follower: TopicFollower): { close(): void } {
    const opened = new Set<number>();
    const open = (offsets: readonly (readonly [number, number])[], earliest: boolean): void => {
      const ends = this.#kafka.topic(name)!.ends;
      follower.opened(new Map(offsets.map(([partition, offset]) => [partition, { offset, end: ends[partition]!, earliest }])));
      for (const [partition] of offsets) opened.add(partition);
    };
    const requests = this.#kafka.fetch(
      { topic: name, from, filters: [], isolation: "read_committed" },
      {
        headers: ({ position }) => open([...position], from === "earliest"),
        write: (batch) => {
          for (const record of batch) {
            if (!opened.has(record.partition)) open([[record.partition, 0]], true);
            follower.fetched(record.partition, fetched(this.#at(name, record)), record.offset + 1);
          }
          return true;
        },
        end: (status) => follower.failed(status),
        ready() {},
      },
    );
    return { close: () => requests.cancel(CANCELLED) };
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

  #at(name: string, { partition, offset }: StoredRecord): MemoryRecord {
    return this.#kafka.records(name).find((record) => record.partition === partition && record.offset === offset)!;
  }
}
