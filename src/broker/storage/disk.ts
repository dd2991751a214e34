// What the storage asks of a disk: files of bytes, folders of names, and the calls that make both last. It is apart so that tests can put
// a disk below that loses what was not synced, and `--memory` one that keeps nothing.

/** What went wrong, in the system's own word: `ENOENT`, `EEXIST`, `ENOSPC`, `EIO`. */
export class DiskError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "DiskError";
    this.code = code;
  }
}

/** `existing`: read and write, ENOENT when it is not there. `new`: made, EEXIST when it is there. `empty`: made, or cut to nothing. */
export type OpenMode = "existing" | "new" | "empty";

/** An open file. What is written is read back at once; it lasts once `sync` has been answered. */
export interface DiskFile {
  /** Fills `into` from `position` on; answers how many bytes there were, fewer only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** All pieces one after the other; whole or a rejection, after which any of the bytes may be there. */
  write(pieces: readonly Uint8Array[], position: number): Promise<void>;
  /** `write`, and these bytes last when it is answered; what was written before may not. */
  writeThrough(pieces: readonly Uint8Array[], position: number): Promise<void>;
  /** Everything written and the size last: fdatasync. After a rejection nothing is known of what was written since the last one. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** Paths are joined with `/`. Every call rejects with an error that has a `code`. Names last once their folder is synced. */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** The names in a folder, in no order. */
  list(folder: string): Promise<readonly string[]>;
  /** With those above it, and lasting; nothing when it is there. */
  makeFolder(path: string): Promise<void>;
  /** An empty one. */
  removeFolder(path: string): Promise<void>;
  /** A file or a folder; a file that has the new name is replaced in one step. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

/** `ENOENT` and the like; "" when it has none. */
export const codeOf = (reason: unknown): string =>
  typeof reason === "object" && reason !== null && "code" in reason && typeof reason.code === "string" ? reason.code : "";

/** What the disk said, for a log line. */
export const reasonText = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));

/** Nothing when the file is not there. */
export const unlinkIfThere = async (disk: Disk, path: string): Promise<void> => {
  try {
    await disk.unlink(path);
  } catch (reason) {
    if (codeOf(reason) !== "ENOENT") throw reason;
  }
};

/** The whole file; undefined when it is not there. */
export const readFile = async (disk: Disk, path: string): Promise<Buffer | undefined> => {
  const file = await disk.open(path, "existing").catch((reason: unknown) => {
    if (codeOf(reason) === "ENOENT") return undefined;
    throw reason;
  });
  if (!file) return undefined;
  try {
    const bytes = Buffer.alloc(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
};

/** Replaces a file in one step: whoever reads it, also after a power cut, finds the old bytes or the new ones. */
export const writeFileWhole = async (disk: Disk, path: string, bytes: Uint8Array): Promise<void> => {
  const draft = `${path}.tmp`;
  const file = await disk.open(draft, "empty");
  try {
    await file.write([bytes], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, path);
  await disk.syncFolder(folderOf(path));
};

/** What stands before the last `/`; `.` for a bare name. */
export const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".");
