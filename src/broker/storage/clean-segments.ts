// Writes what compaction keeps of some neighbouring segments into one new segment, and puts it in their place.
import { copy } from "../../core/bytes.ts";
import { factsOf } from "./batch-facts.ts";
import { type FilterOf, filtered } from "./clean-filter.ts";
import { type DiskFile, unlinkIfThere } from "./disk.ts";
import { readIndexFile, writeIndexFile } from "./index-file.ts";
import type { InnerLog } from "./inner-log.ts";
import { SCAN_BYTES } from "./limits.ts";
import { RetiredError } from "./open-files.ts";
import { scan } from "./scan.ts";
import { Segment } from "./segment.ts";
import { complete, decide, draftPath, type Swap } from "./swap.ts";

/** A swap that is decided: from here on it goes only forward. */
export interface Decided {
  readonly swap: Swap;
  readonly old: readonly Segment[];
  readonly made: Segment;
  readonly producers: Parameters<typeof writeIndexFile>[2];
}

/** Neighbours that fit into one segment. */
export const groupsOf = (segments: readonly Segment[], segmentBytes: number): Segment[][] => {
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const segment of segments) {
    const open = groups.at(-1);
    if (open && bytes + segment.size <= segmentBytes) {
      open.push(segment);
      bytes += segment.size;
      continue;
    }
    groups.push([segment]);
    bytes = segment.size;
  }
  return groups;
};

/** Outside of the log's turn: readers and commits go on. Throws a RetiredError when the old segments went away meanwhile. */
export const cleanGroup = async (log: InnerLog, old: readonly Segment[], filter: FilterOf): Promise<Decided> => {
  const { parts, state } = log;
  const [first] = old;
  const last = old.at(-1);
  const after = last && state.segmentAfter(last);
  if (!first || !last || !after) throw new RetiredError();
  const swap: Swap = { folder: parts.folder, baseOffset: first.baseOffset, endOffset: after.baseOffset };
  const known = await readIndexFile(parts.disk, last.indexPath);
  if (last.retired) throw new RetiredError();
  if (!known) throw new Error(`the index file ${last.indexPath} is missing or damaged: it is made anew at the next start`);
  try {
    const made = await writeDraft(log, { swap, old, filter });
    await log.turns.take(async () => {
      if (old.some((segment) => segment.retired)) throw new RetiredError();
      await decide(parts.disk, swap);
      for (const segment of old) segment.retired = true;
    });
    return { swap, old, made, producers: known.producers };
  } catch (reason) {
    // A full disk needs the room.
    await unlinkIfThere(parts.disk, draftPath(swap)).catch(() => {});
    throw reason;
  }
};

/** In the log's turn; again if it fails. Until it has succeeded, the old segments cannot be read. */
export const finish = async ({ parts, state, tail }: InnerLog, { swap, old, made, producers }: Decided): Promise<void> => {
  for (const segment of old) await parts.files.drop(segment);
  await complete(parts.disk, swap);
  await writeIndexFile(parts.disk, made, producers);
  made.sealed = true;
  state.replace(old, [made]);
  // What was aborted is no longer told of: so it must not be served from memory either.
  tail.dropBefore(swap.endOffset);
};

interface Draft {
  readonly swap: Swap;
  readonly old: readonly Segment[];
  readonly filter: FilterOf;
}

const writeDraft = async ({ parts, state }: InnerLog, { swap, old, filter }: Draft): Promise<Segment> => {
  const { folder, baseOffset } = swap;
  const made = new Segment({ folder, baseOffset, createdMs: old[0]!.createdMs, cleaned: true });
  const file = await parts.disk.open(draftPath(swap), "empty");
  try {
    const output = new Output(file);
    for (const segment of old) {
      const range = { from: 0, to: segment.size, nextOffset: Math.max(made.nextOffset, segment.baseOffset), order: "later" } as const;
      await parts.files.use(segment, async (source) => {
        for await (const batch of scan(source, range)) {
          const result = filtered(filter, batch);
          if (!result) continue;
          await output.add(result.bytes);
          made.add(factsOf(result.bytes));
          if (result.range) made.aborted.push(result.range);
        }
      });
      made.nextOffset = segment.nextOffset;
    }
    await output.flush();
    await file.sync();
  } finally {
    await file.close();
  }
  made.nextOffset = state.segmentAfter(old.at(-1)!)?.baseOffset ?? made.nextOffset;
  return made;
};

/** Writes in large pieces. */
class Output {
  readonly #file: DiskFile;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #position = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  async add(bytes: Uint8Array): Promise<void> {
    // The scan overwrites its bytes.
    this.#pieces.push(copy(bytes));
    this.#bytes += bytes.length;
    if (this.#bytes >= SCAN_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    await this.#file.write(this.#pieces, this.#position);
    this.#position += this.#bytes;
    this.#pieces = [];
    this.#bytes = 0;
  }
}
