// What a log is asked for and what it answers.
import type { AbortedRange } from "./producers.ts";

export interface Appended {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** -1 unless the topic stamps records when they are appended. */
  readonly appendTimestampMs: number;
  /** The producer has sent it before: these are the offsets it was given then. */
  readonly repeated: boolean;
}

/** `uncommitted`: up to the high watermark. `committed`: up to the last stable offset, with what was aborted named. */
export type Isolation = "uncommitted" | "committed";

export interface ReadOptions {
  /** At least one batch is read, if there is one. */
  readonly bytesMax: number;
  readonly isolation: Isolation;
}

export interface ReadResult {
  /** Whole batches, as they are stored; the first one has the offset asked for, or comes after it. Views: not to be changed. */
  readonly batches: readonly Uint8Array[];
  readonly bytes: number;
  /** Transactions whose records among these are not to be seen; with `committed` only. */
  readonly aborted: readonly AbortedRange[];
  readonly startOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
}
