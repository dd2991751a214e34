// A disk in memory, for a broker that keeps nothing: what is written is there until the process ends.
import { type Disk, DiskError, type DiskFile, folderOf } from "./disk.ts";

const CHUNK_BYTES = 262_144;
/** Small files are many; the first chunk grows with what it holds. */
const FIRST_BYTES = 512;

/** Bytes in chunks, so that growing copies nothing. */
class Content {
  #chunks: Uint8Array[] = [];
  size = 0;

  read(into: Uint8Array, position: number): number {
    const bytes = Math.max(0, Math.min(into.length, this.size - position));
    for (let done = 0; done < bytes; ) {
      const at = position + done;
      const inChunk = at % CHUNK_BYTES;
      const run = Math.min(CHUNK_BYTES - inChunk, bytes - done);
      into.set(this.#chunks[Math.floor(at / CHUNK_BYTES)]!.subarray(inChunk, inChunk + run), done);
      done += run;
    }
    return bytes;
  }

  write(bytes: Uint8Array, position: number): void {
    this.#grow(position + bytes.length);
    for (let done = 0; done < bytes.length; ) {
      const at = position + done;
      const inChunk = at % CHUNK_BYTES;
      const run = Math.min(CHUNK_BYTES - inChunk, bytes.length - done);
      this.#chunks[Math.floor(at / CHUNK_BYTES)]!.set(bytes.subarray(done, done + run), inChunk);
      done += run;
    }
    this.size = Math.max(this.size, position + bytes.length);
  }

  truncate(bytes: number): void {
    this.#grow(bytes);
    this.#chunks.length = Math.ceil(bytes / CHUNK_BYTES);
    this.#chunks[Math.floor(bytes / CHUNK_BYTES)]?.fill(0, bytes % CHUNK_BYTES);
    this.size = bytes;
  }

  #grow(bytes: number): void {
    const first = this.#chunks[0];
    if (this.#chunks.length <= 1 && bytes <= CHUNK_BYTES) {
      if (first && first.length >= bytes) return;
      this.#chunks[0] = larger(first, Math.min(CHUNK_BYTES, Math.max(FIRST_BYTES, bytes * 2)));
      return;
    }
    if (first && first.length < CHUNK_BYTES) this.#chunks[0] = larger(first, CHUNK_BYTES);
    while (this.#chunks.length * CHUNK_BYTES < bytes) this.#chunks.push(new Uint8Array(CHUNK_BYTES));
  }
}

const larger = (bytes: Uint8Array | undefined, size: number): Uint8Array => {
  const grown = new Uint8Array(size);
  if (bytes) grown.set(bytes);
  return grown;
};

const fileOf = (content: Content): DiskFile => {
  const write = async (pieces: readonly Uint8Array[], position: number): Promise<void> => {
    let at = position;
    for (const piece of pieces) {
      content.write(piece, at);
      at += piece.length;
    }
  };
  return {
    read: async (into, position) => content.read(into, position),
    write,
    writeThrough: write,
    async sync() {},
    truncate: async (bytes) => content.truncate(bytes),
    size: async () => content.size,
    async close() {},
  };
};

export const memoryDisk = (): Disk => {
  const files = new Map<string, Content>();
  const folders = new Set<string>();
  const absent = (path: string): DiskError => new DiskError("ENOENT", `there is no ${path}`);
  return {
    async open(path, mode) {
      const known = files.get(path);
      if (mode === "existing" && !known) throw absent(path);
      if (mode === "new" && known) throw new DiskError("EEXIST", `there is a ${path}`);
      if (!folders.has(folderOf(path))) throw absent(folderOf(path));
      const content = known ?? new Content();
      if (mode === "empty") content.truncate(0);
      files.set(path, content);
      return fileOf(content);
    },
    async list(folder) {
      if (!folders.has(folder)) throw absent(folder);
      return [...files.keys(), ...folders].filter((path) => folderOf(path) === folder).map((path) => path.slice(folder.length + 1));
    },
    async makeFolder(path) {
      for (let at = path; at !== "" && !folders.has(at); at = folderOf(at)) folders.add(at);
    },
    async removeFolder(path) {
      if (!folders.delete(path)) throw absent(path);
    },
    rename: async (from, to) => renameIn({ files, folders }, from, to),
    async unlink(path) {
      if (!files.delete(path)) throw absent(path);
    },
    async syncFolder() {},
  };
};

interface Names {
  readonly files: Map<string, Content>;
  readonly folders: Set<string>;
}

const renameIn = ({ files, folders }: Names, from: string, to: string): void => {
  const content = files.get(from);
  if (content) {
    files.delete(from);
    files.set(to, content);
    return;
  }
  if (!folders.delete(from)) throw new DiskError("ENOENT", `there is no ${from}`);
  folders.add(to);
  const moved = (path: string): string => to + path.slice(from.length);
  for (const folder of [...folders].filter((path) => path.startsWith(`${from}/`))) {
    folders.delete(folder);
    folders.add(moved(folder));
  }
  for (const [path, inside] of [...files].filter(([path]) => path.startsWith(`${from}/`))) {
    files.delete(path);
    files.set(moved(path), inside);
  }
};
