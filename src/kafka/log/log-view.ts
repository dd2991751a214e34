// A log as its readers see it, and a reader as its log sees it.
import type { Member } from "../../core/members.ts";
import type { Status } from "../../core/status.ts";
import type { Position } from "../../ports/kafka.ts";
import type { Chunk } from "./chunk.ts";
import type { Listeners } from "./listeners.ts";
import type { RangeCache } from "./range-cache.ts";
import type { RangeSource } from "./range-source.ts";
import type { SharedRecords } from "./shared-records.ts";
import type { Vector } from "./vector.ts";

/** Where a partition of a log begins. */
export interface PartitionStart {
  /** The first offset that will be appended. */
  readonly offset: number;
  /** The partition's end by now: up to there, what is appended is history. */
  readonly end: number;
  /** That offset is the earliest there is. */
  readonly earliest: boolean;
}

/** Where a log ends. */
export interface LogEnd {
  /** The log's own vector, unless it is still being filled with what was there before it. */
  readonly ends: Vector;
  readonly position: Position;
}

export interface LogView {
  readonly topic: string;
  readonly ranges: RangeSource;
  /** What readers behind the tail have read. */
  readonly extents: RangeCache;
  readonly listeners: Listeners<LogCursor>;
  /** What cursors give of a chunk. */
  readonly shared: SharedRecords;
  /** The sequence of the oldest chunk in memory. */
  readonly first: number;
  /** The sequence that the next chunk will have. */
  readonly next: number;
  /** The vector before the oldest chunk in memory. */
  readonly begin: Vector;
  readonly end: Vector;
  readonly latest: LogEnd;
  chunk(sequence: number): Chunk | undefined;
  /** The partitions that are read. The same array until there are others. */
  partitions(): readonly number[];
  /** Where a partition begins in memory; what is older has to be read from Kafka. EARLIEST when nothing is older. */
  beginOf(partition: number): number;
  startOf(partition: number): PartitionStart | undefined;
  /** Has `appended` called once, when the log has gone on. */
  wait(cursor: LogCursor): void;
  left(cursor: LogCursor): void;
}

export interface LogCursor extends Member {
  /** It waits for certain records. */
  readonly waits: boolean;
  /** A record has one of its handles. */
  found(chunk: Chunk, index: number): void;
  appended(): void;
  end(status: Status): void;
}
