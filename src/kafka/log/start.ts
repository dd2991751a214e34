// Where a reader begins: what it asked for, as an offset in each partition that it reads.
import { fail } from "../../core/status.ts";
import type { Position } from "../../ports/kafka.ts";
import type { LogView } from "./log-view.ts";
import { EARLIEST, LATEST, UNREAD, type Vector } from "./vector.ts";

/** The key of a Position's entry for the partitions that it does not name. */
const OTHERS = -1;

/** As a vector and as it is told to a caller. */
export interface Start {
  readonly vector: Vector;
  readonly position: Position;
}

/** EARLIEST stays as it is: Kafka knows what that is. Throws OUT_OF_RANGE for an offset that is certainly gone, INVALID_ARGUMENT for what is none. */
export const startOf = (log: LogView, partitions: readonly number[], from: "earliest" | "latest" | Position): Start => {
  const { latest } = log;
  const { ends } = latest;
  if (from === "latest" && partitions === log.partitions())
    return {
      vector: ends,
      get position() {
        return latest.position;
      },
    };
  const vector: number[] = new Array(ends.length).fill(UNREAD);
  const position = new Map<number, number>();
  for (const partition of partitions) {
    const asked = from === "earliest" ? EARLIEST : from === "latest" ? LATEST : (from.get(partition) ?? from.get(OTHERS) ?? EARLIEST);
    const offset = asked === LATEST ? ends[partition]! : asked;
    const known = log.startOf(partition)!;
    refuse(log, partition, offset);
    vector[partition] = offset;
    position.set(partition, offset === EARLIEST && known.earliest ? known.offset : offset);
  }
  return { vector, position };
};

const refuse = (log: LogView, partition: number, offset: number): void => {
  const where = `partition ${partition} of topic '${log.topic}'`;
  const known = log.startOf(partition)!;
  if (offset < EARLIEST) throw fail("INVALID_ARGUMENT", `${offset} is no offset (${where})`);
  if (offset >= 0 && known.earliest && offset < known.offset)
    throw fail("OUT_OF_RANGE", `${where} begins at ${known.offset}, ${offset} is no longer there`);
};
