// Finds records by their time, as ListOffsets asks: the first that is not older, and the one with the largest.
import { LOG_APPEND_TIME } from "../../kafka/wire/record-batch.ts";
import { RecordCursor } from "./record-cursor.ts";
import { DamageError, orderIn, type ScannedBatch, scan } from "./scan.ts";
import type { Segment } from "./segment.ts";
import { contained, indexOf, type Stored } from "./stored-reads.ts";
import { plainRecords } from "./validate.ts";

export interface TimedOffset {
  readonly offset: number;
  readonly timestampMs: number;
}

/** Undefined when all records are older. Throws a BrokerError. */
export const firstNotBefore = (stored: Stored, timestampMs: number): Promise<TimedOffset | undefined> =>
  contained(stored, async () => {
    for (const segment of stored.state.segments) {
      if (segment.maxTimestamp < timestampMs || segment.nextOffset <= stored.state.startOffset) continue;
      const found = await inSegment(stored, { segment, from: stored.state.startOffset }, timestampMs);
      if (found) return found;
    }
    return undefined;
  });

/** Of the first record that has it; undefined when no record has a time. */
export const newest = (stored: Stored): Promise<TimedOffset | undefined> =>
  contained(stored, async () => {
    const { segments, startOffset } = stored.state;
    const there = segments.filter(({ nextOffset, maxTimestamp }) => nextOffset > startOffset && maxTimestamp >= 0);
    const best = there.reduce<Segment | undefined>(
      (first, next) => (first && first.maxTimestamp >= next.maxTimestamp ? first : next),
      undefined,
    );
    // As in Apache Kafka, also when that record was cut off with those before it, as long as its segment is there.
    return best && inSegment(stored, { segment: best, from: 0 }, best.maxTimestamp);
  });

/** Where to look: records from an offset on. */
interface Sought {
  readonly segment: Segment;
  readonly from: number;
}

const inSegment = async (stored: Stored, { segment, from }: Sought, timestampMs: number): Promise<TimedOffset | undefined> => {
  const index = await indexOf(stored, segment);
  const begin = index.byTimestamp(timestampMs);
  const range = { from: begin.position, to: segment.size, nextOffset: begin.offset ?? segment.baseOffset };
  return stored.parts.files.use(segment, async (file) => {
    try {
      for await (const batch of scan(file, { ...range, order: orderIn(segment) })) {
        const found = inBatch(batch, timestampMs, from);
        if (found) return found;
      }
    } catch (reason) {
      if (!(reason instanceof DamageError)) throw reason;
      stored.trouble.say("a log file is damaged", { file: segment.path, position: reason.position, reason: reason.message });
      throw reason;
    }
    return undefined;
  });
};

const inBatch = ({ facts, bytes }: ScannedBatch, timestampMs: number, startOffset: number): TimedOffset | undefined => {
  if (facts.maxTimestamp < timestampMs || facts.lastOffset < startOffset) return undefined;
  const cursor = new RecordCursor(plainRecords(bytes, facts));
  const stamped = (facts.attributes & LOG_APPEND_TIME) !== 0;
  for (let left = facts.count; left > 0; left--) {
    cursor.next();
    const offset = facts.baseOffset + cursor.offsetDelta;
    const time = stamped ? facts.maxTimestamp : facts.firstTimestamp + cursor.timestampDelta;
    if (time >= timestampMs && offset >= startOffset) return { offset, timestampMs: time };
  }
  return undefined;
};
