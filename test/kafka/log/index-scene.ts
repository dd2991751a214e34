// A log with an index of it, for tests.
import type { Status } from "../../../src/core/status.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { ReplyIndex } from "../../../src/kafka/log/reply-index.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { Turns } from "../../../src/kafka/log/turns.ts";
import { History, recordOf, TOPIC } from "./history.ts";

export const indexScene = ({
  bytesMax = 1 << 24,
  indexBytesMax = 1 << 24,
  live = false,
  partitions = 1,
  old = [] as readonly string[],
} = {}) => {
  const history = new History(partitions);
  const memory = new LogMemory(bytesMax);
  const log = new TopicLog({ topic: TOPIC, memory, ranges: history });
  const turns = new Turns();
  history.write(
    0,
    old.map((value, index) => recordOf(`old-${index}`, id(value))),
  );
  for (const [partition, { length }] of history.partitions.entries())
    log.open(partition, { offset: length, end: length, earliest: !live && length === 0 });
  const indexMemory = new LogMemory(indexBytesMax);
  const makeIndex = (): ReplyIndex => new ReplyIndex({ log, header: "id", memory: indexMemory, turns });
  const write = (partition: number, value: string, name = "id"): void => {
    const { records, next } = history.write(partition, [recordOf(`${value}@${history.partitions[partition]!.length}`, [[name, value]])]);
    log.append(partition, records, next);
  };
  return { history, log, turns, indexMemory, makeIndex, write };
};

/** Settles when the index has come to the log's end, with what went wrong if anything did. */
export const reached = (index: ReplyIndex, log: TopicLog, history: History): Promise<Status | undefined> =>
  new Promise((settle) => {
    let over = false;
    const done = (status?: Status): void => {
      over = true;
      settle(status);
    };
    index.whenReached(log.ends(), { reached: () => done(), failed: done });
    const answer = (): void => {
      history.answer();
      if (!over) setImmediate(answer);
    };
    answer();
  });

export const turn = (): Promise<void> => new Promise((settle) => setImmediate(settle));
export const id = (value: string): readonly [string, string][] => [["id", value]];
