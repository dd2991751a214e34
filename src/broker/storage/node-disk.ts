// The machine's own disk. The calls with callbacks are used for what happens with every commit: their promises cost more than the call.
import { constants, fdatasync, ftruncate, type NoParamCallback, read, write } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { concat } from "../../core/bytes.ts";
import { codeOf, type Disk, type DiskFile, type OpenMode } from "./disk.ts";

const FLAGS: Readonly<Record<OpenMode, number>> = {
  existing: constants.O_RDWR,
  new: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  empty: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
};
/** Not everywhere. */
const O_DSYNC: number | undefined = constants.O_DSYNC;
/** Pieces are joined up to this size: one call of many small pieces takes longer than copying them. */
const JOIN_BYTES_MAX = 65_536;
/** What a folder answers on systems where it cannot be synced; there, renames are in order anyway. */
const NO_FOLDER_SYNC = new Set(["EISDIR", "EPERM", "EINVAL", "EBADF", "EACCES"]);

/** A file open twice at most: the second time for writes that last, made when there is the first. */
class NodeFile implements DiskFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #through: Promise<FileHandle> | undefined;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return readAll(this.#handle.fd, into, position);
  }

  write(pieces: readonly Uint8Array[], position: number): Promise<void> {
    return writePieces(this.#handle.fd, pieces, position);
  }

  /** One call of the system instead of two, where the bytes are one piece: each call takes a turn of a thread and of the loop. */
  async writeThrough(pieces: readonly Uint8Array[], position: number): Promise<void> {
    const whole = joined(pieces);
    if (whole.length > 1 || O_DSYNC === undefined) {
      await writePieces(this.#handle.fd, whole, position);
      return this.sync();
    }
    this.#through ??= open(this.#path, constants.O_WRONLY | O_DSYNC);
    const through = await this.#through.catch((reason: unknown) => {
      this.#through = undefined;
      throw reason;
    });
    await writePieces(through.fd, whole, position);
  }

  sync(): Promise<void> {
    return settled((done) => fdatasync(this.#handle.fd, done));
  }

  truncate(bytes: number): Promise<void> {
    return settled((done) => ftruncate(this.#handle.fd, bytes, done));
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async close(): Promise<void> {
    const through = await this.#through?.catch(() => undefined);
    await Promise.all([this.#handle.close(), through?.close()]);
  }
}

export const nodeDisk: Disk = {
  open: async (path, mode) => new NodeFile(path, await open(path, FLAGS[mode])),
  list: (folder) => readdir(folder),
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    // Node tells the outermost folder that it made, as an absolute path.
    for (let at = resolve(path); at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
  },
  removeFolder: (path) => rmdir(path),
  rename: (from, to) => rename(from, to),
  unlink: (path) => unlink(path),
  syncFolder: (path) => syncFolder(path),
};

const syncFolder = async (path: string): Promise<void> => {
  try {
    const handle = await open(path, constants.O_RDONLY);
    await handle.sync().finally(() => handle.close());
  } catch (reason) {
    if (process.platform !== "win32" || !NO_FOLDER_SYNC.has(codeOf(reason))) throw reason;
  }
};

const settled = (call: (done: NoParamCallback) => void): Promise<void> =>
  new Promise((resolve, reject) => call((reason) => (reason ? reject(reason) : resolve())));

const readAll = async (fd: number, into: Uint8Array, position: number): Promise<number> => {
  let done = 0;
  while (done < into.length) {
    const got = await readOnce({ fd, bytes: into, from: done }, position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
};

/** The bytes of an array from `from` on. */
interface Span {
  readonly fd: number;
  readonly bytes: Uint8Array;
  readonly from: number;
}

const readOnce = ({ fd, bytes, from }: Span, position: number): Promise<number> =>
  new Promise((resolve, reject) =>
    read(fd, bytes, from, bytes.length - from, position, (reason, got) => (reason ? reject(reason) : resolve(got))),
  );

const writePieces = async (fd: number, pieces: readonly Uint8Array[], position: number): Promise<void> => {
  let at = position;
  for (const bytes of joined(pieces)) {
    for (let from = 0; from < bytes.length; ) from += await writeOnce({ fd, bytes, from }, at + from);
    at += bytes.length;
  }
};

const writeOnce = ({ fd, bytes, from }: Span, position: number): Promise<number> =>
  new Promise((resolve, reject) =>
    write(fd, bytes, from, bytes.length - from, position, (reason, wrote) => (reason ? reject(reason) : resolve(wrote))),
  );

/** The same bytes in fewer pieces. */
const joined = (pieces: readonly Uint8Array[]): Uint8Array[] => {
  const whole: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  let bytes = 0;
  const close = (): void => {
    if (open.length > 0) whole.push(concat(open));
    open = [];
    bytes = 0;
  };
  for (const piece of pieces) {
    if (bytes + piece.length > JOIN_BYTES_MAX) close();
    open.push(piece);
    bytes += piece.length;
  }
  close();
  return whole;
};
