// Opens a log: what its index files tell is believed, what came after them is read and checked batch by batch. A torn end is cut; damage
// within is reported and passed over, so that what stands behind it can still be read.
import type { BatchFacts } from "./batch-facts.ts";
import { readChecked } from "./checked-file.ts";
import { type DiskFile, unlinkIfThere, writeFileWhole } from "./disk.ts";
import { type IndexFile, readIndexFile, writeIndexFile } from "./index-file.ts";
import type { LogParts } from "./log-parts.ts";
import { type LogMarks, LogState } from "./log-state.ts";
import { findBatch } from "./resync.ts";
import { DamageError, type Expected, orderIn, type ScannedBatch, scan } from "./scan.ts";
import { offsetName, Segment } from "./segment.ts";
import { finishSwaps } from "./swap.ts";

const LOG_FILE = /^(\d{20})\.log$/;
const INDEX_FILE = /^(\d{20})\.index$/;
export const MARKS_FILE = "offsets";

export interface RecoveryOptions {
  /** A log that was never compacted has no gaps: one would be damage. */
  readonly gaps: "none" | "possible";
}

/** Throws what the disk throws when a file cannot be read at all. The folder is there. */
export const recover = async (parts: LogParts, options: RecoveryOptions): Promise<LogState> => {
  const found = await segmentsOf(parts, options);
  const marks = await marksOf(parts, found[0]!.segment.baseOffset);
  const first = firstToRead(found);
  const known = found.slice(0, first).map(({ segment }) => segment);
  const state = new LogState(known.length > 0 ? known : [found[0]!.segment], marks);
  state.restore(found[first - 1]?.index?.producers ?? []);
  for (const [at, one] of found.slice(first).entries()) {
    if (state.active !== one.segment) state.roll(one.segment);
    if (one.index) state.restore(one.index.producers);
    state.endOffset = Math.max(state.endOffset, one.segment.nextOffset);
    const isLast = at === found.length - first - 1;
    await readRest({ parts, state, found: one, place: isLast ? "last" : "within" });
  }
  state.endOffset = Math.max(state.endOffset, state.startOffset);
  if (options.gaps === "none") tellGaps(parts, state);
  return state;
};

/** Segments that follow each other without a gap are how they were written. */
const tellGaps = ({ log, name }: LogParts, { segments, startOffset }: LogState): void => {
  for (const [at, { nextOffset, cleaned }] of segments.entries()) {
    const next = segments[at + 1]?.baseOffset ?? nextOffset;
    if (next > Math.max(nextOffset, startOffset) && !cleaned)
      log.error("a piece of a log is missing: its records are lost", { partition: name, offset: nextOffset, nextOffset: next });
  }
};

interface Found {
  readonly segment: Segment;
  readonly index: IndexFile | undefined;
  /** Of the file. */
  readonly bytes: number;
  /** How far the index tells. */
  readonly read: number;
}

const segmentsOf = async (parts: LogParts, { gaps }: RecoveryOptions): Promise<Found[]> => {
  const { disk, folder } = parts;
  // A process that was killed may have left names that do not last yet.
  await disk.syncFolder(folder);
  await finishSwaps(disk, folder);
  const names = await disk.list(folder);
  const offsets = names.flatMap((name) => LOG_FILE.exec(name)?.[1] ?? []).sort();
  for (const name of names)
    if (name.endsWith(".tmp") || (INDEX_FILE.test(name) && !offsets.includes(name.slice(0, 20))))
      await unlinkIfThere(disk, `${folder}/${name}`);
  if (offsets.length === 0) offsets.push(await firstSegment(parts));
  const found: Found[] = [];
  for (const offset of offsets) {
    // The last one is never compacted. Of the others, only the index tells; without it, gaps are believed.
    const cleaned = gaps === "possible" && offset !== offsets.at(-1);
    const { folder, clock } = parts;
    found.push(await foundAt(parts, new Segment({ folder, baseOffset: Number(offset), createdMs: clock.now(), cleaned })));
  }
  return found;
};

const firstSegment = async ({ disk, folder }: LogParts): Promise<string> => {
  // After everything was deleted up to an offset, the log goes on from there.
  const marks = await readChecked<LogMarks>(disk, `${folder}/${MARKS_FILE}`);
  const name = offsetName(marks.kind === "found" ? marks.facts.startOffset : 0);
  await (await disk.open(`${folder}/${name}.log`, "new")).close();
  await disk.syncFolder(folder);
  return name;
};

/** `blank` is the segment as if nothing were in it. */
const foundAt = async ({ disk, folder, log, name }: LogParts, blank: Segment): Promise<Found> => {
  const file = await disk.open(blank.path, "existing");
  const bytes = await file.size().finally(() => file.close());
  const index = await readIndexFile(disk, blank.indexPath);
  if (!index) return { segment: blank, index, bytes, read: 0 };
  const { size } = index.summary;
  if (size > bytes) {
    log.error("a log file is shorter than it was: it is read anew", { partition: name, file: blank.path, bytes, wanted: size });
    return { segment: blank, index: undefined, bytes, read: 0 };
  }
  const segment = Segment.of(folder, blank.baseOffset, index.summary);
  segment.index = index.index;
  return { segment, index, bytes, read: size };
};

const marksOf = async ({ disk, folder, log, name }: LogParts, firstOffset: number): Promise<LogMarks> => {
  const read = await readChecked<LogMarks>(disk, `${folder}/${MARKS_FILE}`);
  if (read.kind === "broken")
    log.error("the file of the log's offsets is damaged: deleted records may be seen again", {
      partition: name,
      file: `${folder}/${MARKS_FILE}`,
    });
  const marks = read.kind === "found" ? read.facts : { startOffset: 0, cleanedOffset: 0 };
  return { ...marks, startOffset: Math.max(marks.startOffset, firstOffset) };
};

/** The first segment of which not everything is told by its index; the last one in any case, since it grows. */
const firstToRead = (found: readonly Found[]): number => {
  const open = found.findIndex(({ bytes, index, read }) => !index || read !== bytes);
  const first = open === -1 ? found.length - 1 : open;
  for (const { segment } of found.slice(0, first)) {
    segment.sealed = true;
    segment.index = undefined;
  }
  return first;
};

interface Rest {
  readonly parts: LogParts;
  readonly state: LogState;
  readonly found: Found;
  /** Only in the last segment something can be torn: the others were synced before the next one was begun. */
  readonly place: "last" | "within";
}

const readRest = async (rest: Rest): Promise<void> => {
  const { parts, state, found, place } = rest;
  const { segment, bytes, read } = found;
  if (read < bytes) await parts.files.use(segment, (file) => readFile(rest, file));
  if (place === "last" && read === segment.size) return;
  if (read !== bytes || !found.index) await writeIndexFile(parts.disk, segment, state.producers.values());
  if (place === "within") segment.sealed = true;
};

/** Adds all sound batches; at the end, what is left of the file is durable. */
const readFile = async (rest: Rest, file: DiskFile): Promise<void> => {
  const { state, found } = rest;
  const { segment } = found;
  for (let position = segment.size; position < found.bytes; position = segment.size) {
    try {
      for await (const batch of scan(file, { ...expected(rest), from: position, to: found.bytes })) add(state, segment, batch);
    } catch (reason) {
      if (!(reason instanceof DamageError)) throw reason;
      if (!(await passOver(rest, file, reason))) break;
    }
  }
  await file.sync();
};

const expected = ({ state, found: { segment } }: Rest): Expected => {
  const atBegin = segment.size === 0;
  return { nextOffset: atBegin ? segment.baseOffset : state.endOffset, order: orderIn(segment) };
};

const add = (state: LogState, segment: Segment, { facts, bytes }: { readonly facts: BatchFacts } & Pick<ScannedBatch, "bytes">): void =>
  state.add(segment, facts, bytes);

/** Whether there is something behind the damage. If not, the file ends before it. */
const passOver = async (rest: Rest, file: DiskFile, damage: DamageError): Promise<boolean> => {
  const { parts, state, found, place } = rest;
  const { segment, bytes } = found;
  const { position } = damage;
  // What was not synced is shorter than this; so what stands farther on was written after the damaged bytes were durable.
  const proof = place === "within" ? position + 1 : position + parts.unsyncedBytesMax;
  const range = { from: position + 1, to: bytes, nextOffset: expected(rest).nextOffset };
  const later = await findBatch(file, { ...range, from: proof });
  const next = later && (await findBatch(file, range));
  const facts = { partition: parts.name, file: segment.path, position, offset: state.endOffset, reason: damage.message };
  if (!next) {
    if (place === "last") await cut(rest, file, damage);
    else parts.log.error("the end of a log file is damaged: its records are lost", { ...facts, bytes: bytes - position });
    segment.size = place === "last" ? position : bytes;
    return false;
  }
  const lost = { bytes: next.position - position, nextOffset: next.facts.baseOffset };
  parts.log.error("a log file is damaged: these records are lost, what follows is kept", { ...facts, ...lost });
  segment.skipTo(next.position, next.facts.baseOffset);
  state.endOffset = next.facts.baseOffset;
  return true;
};

const cut = async ({ parts, state, found }: Rest, file: DiskFile, { position, message }: DamageError): Promise<void> => {
  const { path } = found.segment;
  const facts = { partition: parts.name, file: path, offset: state.endOffset, bytes: found.bytes - position, reason: message };
  const keptIn = await setAside({ parts, found, file }, position);
  parts.log.warn("the end of a log was not written completely, and is cut off", { ...facts, ...(keptIn ? { keptIn } : {}) });
  await file.truncate(position);
};

/**
 * Sound batches behind the damage were written in the same commit, or a batch before them was damaged since: nobody can tell. So they are
 * kept in a file of their own for people to look at.
 */
const setAside = async (
  { parts, found, file }: Pick<Rest, "parts" | "found"> & { readonly file: DiskFile },
  position: number,
): Promise<string | undefined> => {
  const range = { from: position + 1, to: found.bytes, nextOffset: found.segment.nextOffset };
  if (found.bytes - position > parts.unsyncedBytesMax || !(await findBatch(file, range))) return undefined;
  const bytes = new Uint8Array(found.bytes - position);
  await file.read(bytes, position);
  const path = `${found.segment.path}.${position}.cut`;
  await writeFileWhole(parts.disk, path, bytes);
  return path;
};
