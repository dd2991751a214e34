// A topic as Kafka has it, for tests of the log: everything that was ever written, which the log is given piece by piece and which readers
// that lag read again.
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { fail } from "../../../src/core/status.ts";
import type { RangePart, RangeReader, RangeRecords, RangeSource } from "../../../src/kafka/log/range-source.ts";
import { decodeBatches } from "../../../src/kafka/wire/decode-batch.ts";
import { encodeBatch } from "../../../src/kafka/wire/encode-batch.ts";
import type { BatchRecord } from "../../../src/kafka/wire/stored-record.ts";
import type { ProducedRecord } from "../../../src/ports/kafka.ts";

export const TOPIC = "t";

/** Records as they come from a fetch, with their first offset. */
export const stored = (partition: number, base: number, records: readonly ProducedRecord[]): readonly BatchRecord[] => {
  if (records.length === 0) return [];
  const bytes = Buffer.from(concat(encodeBatch(records, { timestampMs: 1_000 + base }).pieces));
  bytes.writeBigInt64BE(BigInt(base));
  const [batch] = decodeBatches(bytes, { topic: TOPIC, partition }).batches;
  if (batch?.kind !== "batch") throw new Error("the test's batch is corrupt");
  return batch.records;
};

export const recordOf = (
  value: string,
  headers: readonly (readonly [string, string])[] = [],
  key: string | null = null,
): ProducedRecord => ({
  key: key === null ? null : utf8(key),
  value: utf8(value),
  headers: headers.map(([name, text]) => ({ name, value: utf8(text) })),
});

/** A read that waits to be answered. */
interface Asked {
  readonly parts: readonly RangePart[];
  readonly bytesMax: number;
  readonly reader: RangeReader;
  cancelled: boolean;
}

/** Everything of a topic, by partition and offset. A gap (undefined) is an offset without a record, such as a marker. */
export class History implements RangeSource {
  readonly partitions: (ProducedRecord | undefined)[][];
  /** What was deleted of each partition. */
  readonly begins: number[];
  /** At most so many records a range, so that readers need several. */
  recordsMax = 3;
  reads = 0;
  /** Everything that was asked for. */
  readonly wanted: RangePart[] = [];
  #asked: Asked[] = [];

  constructor(partitions: number) {
    this.partitions = Array.from({ length: partitions }, () => []);
    this.begins = new Array(partitions).fill(0);
  }

  read(_topic: string, { parts, bytesMax }: { parts: readonly RangePart[]; bytesMax: number }, reader: RangeReader): { cancel(): void } {
    this.reads++;
    this.wanted.push(...parts);
    const asked: Asked = { parts, bytesMax, reader, cancelled: false };
    this.#asked.push(asked);
    return {
      cancel: () => {
        asked.cancelled = true;
      },
    };
  }

  /** How many reads wait. */
  get waiting(): number {
    return this.#asked.filter(({ cancelled }) => !cancelled).length;
  }

  /** Answers one read that waits, if there is one. */
  answer(): boolean {
    const asked = this.#asked.shift();
    if (!asked) return false;
    if (asked.cancelled) return this.answer();
    const gone = asked.parts.find(({ partition, from }) => from >= 0 && from < this.begins[partition]!);
    if (gone) asked.reader.failed(fail("OUT_OF_RANGE", `partition ${gone.partition} begins later than ${gone.from}`).status);
    else asked.reader.read(asked.parts.map((part) => this.#range(part)));
    return true;
  }

  /** Writes records; they are what the log is to be given. */
  write(
    partition: number,
    records: readonly (ProducedRecord | undefined)[],
  ): { readonly records: readonly BatchRecord[]; readonly next: number } {
    const all = this.partitions[partition]!;
    const base = all.length;
    all.push(...records);
    return { records: this.#records(partition, base, all.length), next: all.length };
  }

  #range({ partition, from, below }: RangePart): RangeRecords {
    const begin = Math.max(from, this.begins[partition]!);
    // Whole batches come back, so some more than was asked for.
    const next = Math.min(begin + this.recordsMax, this.partitions[partition]!.length);
    return {
      partition,
      records: this.#records(partition, Math.max(this.begins[partition]!, begin - 1), next),
      next: Math.max(next, Math.min(below, begin + 1)),
    };
  }

  #records(partition: number, from: number, below: number): BatchRecord[] {
    const all = this.partitions[partition]!;
    const records: BatchRecord[] = [];
    for (let offset = from; offset < below; offset++) {
      const record = all[offset];
      if (record) records.push(...stored(partition, offset, [record]));
    }
    return records;
  }
}
