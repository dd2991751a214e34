// A log from within, as the steps that change its segments see it. Each is run in the log's turn, or says what it does outside of it.
import { BrokerError } from "../broker-error.ts";
import { writeChecked } from "./checked-file.ts";
import { codeOf, reasonText, unlinkIfThere } from "./disk.ts";
import type { LogConfig } from "./log-config.ts";
import type { LogParts, Trouble } from "./log-parts.ts";
import type { LogMarks, LogState } from "./log-state.ts";
import type { LogWriter } from "./log-writer.ts";
import { MARKS_FILE } from "./recovery.ts";
import type { Segment } from "./segment.ts";
import type { Tail } from "./tail.ts";
import type { Turns } from "./turns.ts";

export interface InnerLog {
  readonly parts: LogParts;
  readonly state: LogState;
  readonly writer: LogWriter;
  readonly tail: Tail;
  readonly turns: Turns;
  readonly trouble: Trouble;
  /** As it is now. */
  readonly config: () => LogConfig;
}

/** Where the log begins, and how far it is clean, durably. */
export const mark = async ({ parts, state }: InnerLog, marks: Partial<LogMarks>): Promise<void> => {
  const next = { ...state.marks, ...marks };
  await writeChecked(parts.disk, `${parts.folder}/${MARKS_FILE}`, next);
  state.startOffset = next.startOffset;
  state.cleanedOffset = next.cleanedOffset;
};

/** The log begins at an offset from now on; the segments that end before it are deleted. */
export const startAt = async (log: InnerLog, offset: number): Promise<readonly Segment[]> => {
  const { state } = log;
  if (offset > state.startOffset) await markStart(log, offset);
  const gone = state.segments.filter(
    (segment) => segment !== state.active && (state.segmentAfter(segment)?.baseOffset ?? 0) <= state.startOffset,
  );
  if (gone.length > 0) await remove(log, gone);
  return gone;
};

/** On a disk that is too full even for that, deleting the segments before it says the same where a segment begins, and makes room. */
const markStart = async (log: InnerLog, offset: number): Promise<void> => {
  const { state } = log;
  try {
    await mark(log, { startOffset: offset });
  } catch (reason) {
    if (codeOf(reason) !== "ENOSPC" || state.segmentAt(offset).baseOffset !== offset) throw reason;
    state.startOffset = offset;
  }
};

const remove = async ({ parts, state }: InnerLog, gone: readonly Segment[]): Promise<void> => {
  state.replace(gone, []);
  for (const segment of gone) {
    segment.retired = true;
    await parts.files.drop(segment);
    await unlinkIfThere(parts.disk, segment.path);
    await unlinkIfThere(parts.disk, segment.indexPath);
  }
  await parts.disk.syncFolder(parts.folder);
};

/** Trouble with the disk becomes a refusal, and a log line. */
export const guarded = async <T>({ trouble }: InnerLog, what: string, step: () => Promise<T>): Promise<T> => {
  try {
    return await step();
  } catch (reason) {
    if (reason instanceof BrokerError) throw reason;
    trouble.say(what, { reason: reasonText(reason) });
    throw new BrokerError("KAFKA_STORAGE_ERROR", what);
  }
};
