// Puts a cleaned segment in the place of those it was made of, so that a power cut at any point leaves the old ones or the new one. The
// name of the file tells which ones it replaces: `<its offset>-<the offset after>.swap`.
import { type Disk, unlinkIfThere } from "./disk.ts";
import { offsetName } from "./segment.ts";

export interface Swap {
  readonly folder: string;
  readonly baseOffset: number;
  /** The base offset of the segment after those that are replaced. */
  readonly endOffset: number;
}

const SWAP_FILE = /^(\d{20})-(\d{20})\.swap$/;
const SEGMENT_FILE = /^(\d{20})\.(log|index)$/;

/** Where the new segment is written. */
export const draftPath = ({ folder, baseOffset }: Swap): string => `${folder}/${offsetName(baseOffset)}.cleaned`;
const swapPath = ({ folder, baseOffset, endOffset }: Swap): string => `${folder}/${offsetName(baseOffset)}-${offsetName(endOffset)}.swap`;

/** The draft is written and synced. From here on it is what counts: a start goes on with the second step. */
export const decide = async (disk: Disk, swap: Swap): Promise<void> => {
  await disk.rename(draftPath(swap), swapPath(swap));
  await disk.syncFolder(swap.folder);
};

/** Takes the old files away and gives the new one its name. */
export const complete = async (disk: Disk, swap: Swap): Promise<void> => {
  const { folder, baseOffset, endOffset } = swap;
  for (const name of await disk.list(folder)) {
    const match = SEGMENT_FILE.exec(name);
    const offset = Number(match?.[1]);
    // The first log file is replaced by the rename.
    const isReplaced = offset === baseOffset && match?.[2] === "log";
    if (match && offset >= baseOffset && offset < endOffset && !isReplaced) await unlinkIfThere(disk, `${folder}/${name}`);
  }
  // The old index must be gone before the new log can be there.
  await disk.syncFolder(folder);
  await disk.rename(swapPath(swap), `${folder}/${offsetName(baseOffset)}.log`);
  await disk.syncFolder(folder);
};

/** After a stop in between: drafts are dropped, decided swaps completed. */
export const finishSwaps = async (disk: Disk, folder: string): Promise<void> => {
  for (const name of await disk.list(folder)) {
    if (name.endsWith(".cleaned")) await unlinkIfThere(disk, `${folder}/${name}`);
    const match = SWAP_FILE.exec(name);
    if (match) await complete(disk, { folder, baseOffset: Number(match[1]), endOffset: Number(match[2]) });
  }
};
