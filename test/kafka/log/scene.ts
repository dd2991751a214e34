// A log with its history, for tests: what is written to the one is appended to the other.
import { utf8 } from "../../../src/core/bytes.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import type { ProducedRecord } from "../../../src/ports/kafka.ts";
import { History, recordOf, TOPIC } from "./history.ts";

export interface Scene {
  readonly history: History;
  readonly memory: LogMemory;
  readonly log: TopicLog;
  write(partition: number, ...records: (ProducedRecord | string | undefined)[]): void;
}

/** A log of partitions that were read from their beginning, which is the earliest there is unless `live`. */
export const scene = ({ partitions = 1, bytesMax = 1 << 24, live = false } = {}): Scene => {
  const history = new History(partitions);
  const memory = new LogMemory(bytesMax);
  const log = new TopicLog({ topic: TOPIC, memory, ranges: history });
  const open = (): void => {
    for (const [partition, records] of history.partitions.entries())
      log.open(partition, { offset: records.length, end: records.length, earliest: !live });
  };
  if (live) for (const partition of history.partitions.keys()) history.write(partition, [recordOf(`old-${partition}`)]);
  open();
  return {
    history,
    memory,
    log,
    write(partition, ...records) {
      const { records: fetched, next } = history.write(
        partition,
        records.map((record) => (typeof record === "string" ? recordOf(record) : record)),
      );
      log.append(partition, fetched, next);
    },
  };
};

export const id = (value: string): readonly [string, string][] => [["id", value]];
export const correlated = (value: string) => ({ name: "id", value: utf8(value) });
