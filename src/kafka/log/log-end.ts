// Where a log ends, for readers that begin there: nearly every call is one, and few look at where that is, so the position is made for those.
import type { Position } from "../../ports/kafka.ts";
import type { LogEnd, PartitionStart } from "./log-view.ts";
import type { Vector } from "./vector.ts";

export class CurrentEnd implements LogEnd {
  readonly ends: Vector;
  /** Some of what was there before the log is still to be appended. */
  readonly loading: boolean;
  readonly #partitions: readonly number[];
  #position: Position | undefined;

  /** `end` is the log's vector. */
  constructor(end: Vector, partitions: readonly number[], starts: readonly (PartitionStart | undefined)[]) {
    this.#partitions = partitions;
    this.loading = partitions.some((partition) => starts[partition]!.end > end[partition]!); // Those that are read have begun.
    this.ends = this.loading ? end.map((next, partition) => Math.max(next, starts[partition]?.end ?? next)) : end;
  }

  get position(): Position {
    this.#position ??= new Map(this.#partitions.map((partition) => [partition, this.ends[partition]!]));
    return this.#position;
  }
}
