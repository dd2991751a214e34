// Reads batches of a log that are no longer in memory, by offset and by time. Every batch is checked before it is given out: damage ends
// the read, and is what the reader hears when it comes first.
import { RECORDS_AT } from "../../kafka/wire/record-batch.ts";
import { BrokerError } from "../broker-error.ts";
import { baseOffsetAt, bytesAt, headFault, isSealed, lastOffsetAt, view } from "./batch-facts.ts";
import { type DiskFile, reasonText } from "./disk.ts";
import { readIndexFile } from "./index-file.ts";
import { BATCH_BYTES_MAX, INDEX_INTERVAL_BYTES, READ_BYTES_MAX } from "./limits.ts";
import type { LogParts, Trouble } from "./log-parts.ts";
import type { LogState } from "./log-state.ts";
import { RetiredError } from "./open-files.ts";
import { checkOrder, DamageError, type Expected, orderIn } from "./scan.ts";
import type { Segment } from "./segment.ts";
import { SparseIndex } from "./sparse-index.ts";

/** Where batches are read. */
export interface Stored {
  readonly parts: LogParts;
  readonly state: LogState;
  readonly trouble: Trouble;
  /** Answers when no segment is being replaced. */
  settled(): Promise<void>;
}

export interface ReadRange {
  readonly offset: number;
  /** No batch that begins here or later. */
  readonly limit: number;
  /** At least one batch is read, if there is one. */
  readonly bytesMax: number;
}

/** A segment that is replaced while it is read is looked for again so often. */
const RETIRED_TRIES_MAX = 10;

/** Whole batches, the first being the one that has the offset or comes after it. Throws a BrokerError. */
export const readStored = (stored: Stored, range: ReadRange): Promise<Uint8Array[]> =>
  contained(stored, async () => {
    let segment: Segment | undefined = stored.state.segmentAt(range.offset);
    while (segment && segment.baseOffset < range.limit) {
      const batches = await readSegment(stored, segment, range);
      if (batches.length > 0) return batches;
      segment = stored.state.segmentAfter(segment);
    }
    return [];
  });

/** Trouble with the disk or its bytes becomes the refusal that concerns only this partition; and one log line. */
export const contained = async <T>({ trouble, settled }: Pick<Stored, "trouble" | "settled">, read: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await read();
    } catch (reason) {
      if (reason instanceof BrokerError) throw reason;
      if (reason instanceof RetiredError && tries < RETIRED_TRIES_MAX) {
        await settled();
        continue;
      }
      trouble.say("a log could not be read", { reason: reasonText(reason) });
      throw new BrokerError("KAFKA_STORAGE_ERROR", "the log could not be read");
    }
  }
};

/** What the index of a segment says; read from its file when it is not in memory. */
export const indexOf = async ({ parts, trouble }: Pick<Stored, "parts" | "trouble">, segment: Segment): Promise<SparseIndex> => {
  if (segment.index) return segment.index;
  const read = await readIndexFile(parts.disk, segment.indexPath);
  if (segment.retired) throw new RetiredError();
  // Without it, the search begins at the beginning.
  if (!read) trouble.say("the index of a segment is missing or damaged: it is made anew at the next start", { file: segment.indexPath });
  segment.index ??= read?.index ?? new SparseIndex();
  return segment.index;
};

const readSegment = async (stored: Stored, segment: Segment, range: ReadRange): Promise<Uint8Array[]> => {
  const index = await indexOf(stored, segment);
  const begin = index.byOffset(range.offset);
  const expected: Expected = { nextOffset: begin.offset ?? segment.baseOffset, order: orderIn(segment) };
  return stored.parts.files.use(segment, async (file) => {
    const found: Uint8Array[] = [];
    try {
      const walk = { segment, index, range, found, file };
      await collect(walk, await windowAt(file, segment, { position: begin.position, range }), expected);
    } catch (reason) {
      if (!(reason instanceof DamageError)) throw reason;
      const facts = { file: segment.path, position: reason.position, offset: range.offset, reason: reason.message };
      stored.trouble.say("a log file is damaged", facts);
      if (found.length === 0) throw new BrokerError("CORRUPT_MESSAGE", `the stored records from offset ${range.offset} on are damaged`);
    }
    return found;
  });
};

/** A piece of a segment's file. */
interface Window {
  readonly bytes: Uint8Array;
  readonly position: number;
}

interface Walk {
  readonly segment: Segment;
  readonly index: SparseIndex;
  readonly range: ReadRange;
  readonly found: Uint8Array[];
  readonly file: DiskFile;
}

const windowAt = async (
  file: DiskFile,
  { size }: Segment,
  { position, range }: { readonly position: number; readonly range: ReadRange },
): Promise<Window> => {
  const wanted = Math.min(size - position, READ_BYTES_MAX, Math.max(range.bytesMax, 0) + INDEX_INTERVAL_BYTES);
  return windowOf(file, position, wanted);
};

const windowOf = async (file: DiskFile, position: number, wanted: number): Promise<Window> => {
  // All of it is read, or it is not used.
  const bytes = Buffer.allocUnsafeSlow(wanted);
  if ((await file.read(bytes, position)) < wanted) throw new DamageError(position, "the file is shorter than it was");
  return { bytes, position };
};

/** Adds the batches of the range that are whole in the window; the first one is read whole if need be. */
const collect = async (walk: Walk, window: Window, expected: Expected): Promise<void> => {
  const { segment, range, found, file } = walk;
  const from = view(window.bytes);
  let { nextOffset } = expected;
  let bytes = 0;
  for (let at = 0; window.position + at < segment.size; ) {
    const position = window.position + at;
    const left = window.bytes.length - at;
    const size = left < RECORDS_AT ? 0 : sizeAt(from, at, position);
    if (size === 0 || size > left) {
      if (found.length > 0) return;
      const whole = Math.max(size, RECORDS_AT);
      if (whole > segment.size - position)
        throw new DamageError(position, `a batch of ${whole} bytes, ${segment.size - position} are left`);
      const wanted = Math.max(whole, Math.min(segment.size - position, INDEX_INTERVAL_BYTES));
      return collect(walk, await windowOf(file, position, wanted), { ...expected, nextOffset });
    }
    const baseOffset = baseOffsetAt(from, at);
    const lastOffset = lastOffsetAt(from, at);
    checkOrder({ baseOffset, nextOffset, order: expected.order }, position);
    checkPlace(walk, baseOffset, position);
    if (baseOffset >= range.limit) return;
    if (lastOffset >= range.offset) {
      if (found.length > 0 && bytes + size > range.bytesMax) return;
      const batch = window.bytes.subarray(at, at + size);
      if (!isSealed(batch)) throw new DamageError(position, "the checksum is wrong");
      found.push(batch);
      bytes += size;
    }
    nextOffset = lastOffset + 1;
    at += size;
  }
};

const sizeAt = (from: DataView, at: number, position: number): number => {
  const fault = headFault(from, at);
  if (fault !== undefined) throw new DamageError(position, fault);
  const size = bytesAt(from, at);
  if (size > BATCH_BYTES_MAX + RECORDS_AT) throw new DamageError(position, `a batch of ${size} bytes`);
  return size;
};

/** Where the index knows the batch, it must be that one: offsets are not covered by the checksum. */
const checkPlace = ({ index, segment }: Walk, baseOffset: number, position: number): void => {
  const known = segment.cleaned ? index.offsetAt(position) : undefined;
  if (known !== undefined && known !== baseOffset) throw new DamageError(position, `offset ${baseOffset} where ${known} is known to be`);
};
