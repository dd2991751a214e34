// Deletes the oldest segments of a log when they are too old, or the log too large; and those that DeleteRecords has left behind.
import { type InnerLog, startAt } from "./inner-log.ts";
import type { Segment } from "./segment.ts";

/** What was deleted. */
export interface Retired {
  readonly segments: number;
  readonly bytes: number;
}

/** In the log's turn. */
export const retain = async (log: InnerLog): Promise<Retired> => {
  const { state, config, writer, parts } = log;
  const isGone = config().cleanup.delete ? goneBy(log) : () => false;
  const old: Segment[] = [];
  for (const segment of state.segments) {
    if ((segment === state.active && segment.size === 0) || !isGone(segment)) break;
    old.push(segment);
  }
  const end = old.length === 0 ? state.startOffset : (state.segmentAfter(old.at(-1)!)?.baseOffset ?? state.active.baseOffset);
  const gone = [...(await startAt(log, end))];
  if (old.at(-1) === state.active) {
    // Last, since it takes room that the others have made.
    await writer.roll();
    gone.push(...(await startAt(log, state.active.baseOffset)));
  }
  const retired = { segments: gone.length, bytes: gone.reduce((sum, { size }) => sum + size, 0) };
  if (gone.length > 0)
    parts.log.info("old segments of a log were deleted", { partition: parts.name, ...retired, startOffset: state.startOffset });
  return retired;
};

/** Whether a segment is to go; asked from the oldest one on, until one stays. */
const goneBy = ({ state, config, parts }: InnerLog): ((segment: Segment) => boolean) => {
  const { retentionMs, retentionBytes } = config();
  const now = parts.clock.now();
  let excess = retentionBytes < 0 ? -1 : state.bytes - retentionBytes;
  return (segment) => {
    const { maxTimestamp, createdMs, size } = segment;
    const isOld = retentionMs >= 0 && now - (maxTimestamp >= 0 ? maxTimestamp : createdMs) > retentionMs;
    const isTooMuch = excess - size >= 0;
    excess -= size;
    return isOld || isTooMuch;
  };
};
