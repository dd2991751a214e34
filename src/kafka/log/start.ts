// Where a reader begins: what it asked for, as an offset in each partition that it reads.
import { fail } from "../../core/status.ts";
import type { Position } from "../../ports/kafka.ts";
import type { TopicLog } from "./topic-log.ts";
import { EARLIEST, LATEST, UNREAD } from "./vector.ts";

/** The key of a Position's entry for the partitions that it does not name. */
const OTHERS = -1;

/** EARLIEST stays as it is: Kafka knows what that is. Throws OUT_OF_RANGE for an offset that is certainly gone, INVALID_ARGUMENT for what is none. */
export const startOf = (log: TopicLog, partitions: readonly number[], from: "earliest" | "latest" | Position): number[] => {
  const ends = log.ends();
  const start: number[] = new Array(ends.length).fill(UNREAD);
  for (const partition of partitions) {
    const asked = from === "earliest" ? EARLIEST : from === "latest" ? LATEST : (from.get(partition) ?? from.get(OTHERS) ?? EARLIEST);
    const known = log.startOf(partition)!;
    if (asked < EARLIEST) throw fail("INVALID_ARGUMENT", `${asked} is no offset (partition ${partition} of topic '${log.topic}')`);
    if (asked >= 0 && known.earliest && asked < known.offset)
      throw fail("OUT_OF_RANGE", `partition ${partition} of topic '${log.topic}' begins at ${known.offset}, ${asked} is no longer there`);
    start[partition] = asked === LATEST ? ends[partition]! : asked;
  }
  return start;
};

/** As it is told to a caller. */
export const positionOf = (log: TopicLog, partitions: readonly number[], start: readonly number[]): Position => {
  const position = new Map<number, number>();
  for (const partition of partitions) {
    const known = log.startOf(partition)!;
    const offset = start[partition]!;
    position.set(partition, offset === EARLIEST && known.earliest ? known.offset : offset);
  }
  return position;
};
