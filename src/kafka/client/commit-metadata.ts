// The offsets that are done beyond the committed one, as text in the commit's metadata: a new owner of the partition skips them, so that
// one long call does not make everything behind it run again. Any Kafka tool still reads the committed offset.
//
// `sluice:1:` and the base64url of run lengths, each a varint: how many offsets from the committed one on are not done, then how many
// are, then not, and so on. The first run is of the committed offset itself, which is not done.
import { putUvarint, uvarintSize } from "../wire/varint.ts";

/** What brokers take by default (`offset.metadata.max.bytes`). */
export const COMMIT_METADATA_BYTES_MAX = 4_096;
const PREFIX = "sluice:1:";
/** No run is longer than this; nobody reads that far ahead. */
const RUN_MAX = 0x7fffffff;

/** Offsets from `from` up to and without `to`. */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

export interface CommitMetadata {
  readonly text: string;
  /** How many of the ranges are in it; the last ones are left out when they do not fit. */
  readonly ranges: number;
  /** How much of the room they take, 0 to 1; 1 when they do not fit, 0 where there is no room at all and so nothing to keep to. */
  readonly share: number;
}

/** `done` in order, apart from each other, all beyond `committed`. "" for none. */
export const encodeDone = (committed: number, done: readonly OffsetRange[], bytesMax = COMMIT_METADATA_BYTES_MAX): CommitMetadata => {
  const room = Math.floor(((bytesMax - PREFIX.length) * 3) / 4);
  const runs: number[] = [];
  let size = 0;
  let at = committed;
  let ranges = 0;
  for (const { from, to } of done) {
    const pair = [from - at, to - from] as const;
    size += uvarintSize(pair[0]) + uvarintSize(pair[1]);
    if (size > room || pair[0] > RUN_MAX || pair[1] > RUN_MAX) break;
    runs.push(...pair);
    at = to;
    ranges += 1;
  }
  const share = room <= 0 ? 0 : ranges < done.length ? 1 : size / room;
  if (ranges === 0) return { text: "", ranges: 0, share };
  const bytes = Buffer.alloc(runs.reduce((sum, run) => sum + uvarintSize(run), 0));
  let end = 0;
  for (const run of runs) end = putUvarint(bytes, end, run);
  return { text: PREFIX + bytes.toString("base64url"), ranges, share };
};

/** The ranges that are done; none in metadata that is not ours, or not as we write it. */
export const decodeDone = (committed: number, metadata: string | null): readonly OffsetRange[] => {
  if (metadata === null || !metadata.startsWith(PREFIX)) return [];
  const runs = runsOf(Buffer.from(metadata.slice(PREFIX.length), "base64url"));
  if (runs === undefined || runs.length % 2 !== 0) return [];
  const ranges: OffsetRange[] = [];
  let at = committed;
  for (let index = 0; index < runs.length; index += 2) {
    const [not, done] = [runs[index]!, runs[index + 1]!];
    if (not === 0 || done === 0) return [];
    ranges.push({ from: at + not, to: at + not + done });
    at += not + done;
  }
  return ranges;
};

const runsOf = (bytes: Uint8Array): number[] | undefined => {
  const runs: number[] = [];
  let run = 0;
  let shift = 0;
  for (const byte of bytes) {
    run += (byte & 0x7f) * 2 ** shift;
    shift += 7;
    if (run > RUN_MAX) return undefined;
    if (byte >= 0x80) continue;
    runs.push(run);
    run = 0;
    shift = 0;
  }
  return shift === 0 ? runs : undefined;
};
