// A disk for tests that knows what was synced and what was not: when its power is cut, names and sectors that were not synced are dropped,
// torn or kept as chance will have it, the same for the same seed. It can also be full, refuse, or have flipped bits.
import { type Disk, DiskError, type DiskFile, folderOf, type OpenMode } from "../../../src/broker/storage/disk.ts";
import { type Random, seeded } from "./random.ts";
import { SimulatedFile } from "./simulated-file.ts";

type Entry = SimulatedFile | Folder;
type NameChange = { readonly link?: readonly [string, Entry]; readonly unlink?: string };

interface Pieces {
  readonly pieces: readonly Uint8Array[];
  readonly position: number;
}

class Folder {
  now = new Map<string, Entry>();
  lasting = new Map<string, Entry>();
  changes: NameChange[] = [];

  change(change: NameChange): void {
    applyName(this.now, change);
    this.changes.push(change);
  }
}

const applyName = (names: Map<string, Entry>, { link, unlink }: NameChange): void => {
  if (unlink !== undefined) names.delete(unlink);
  if (link) names.set(...link);
};

export type Operation =
  | "open"
  | "list"
  | "makeFolder"
  | "removeFolder"
  | "rename"
  | "unlink"
  | "syncFolder"
  | "read"
  | "write"
  | "sync"
  | "truncate";

export class SimulatedDisk implements Disk {
  readonly #random: Random;
  readonly #root: Folder;
  #isOff = false;
  #left = Number.POSITIVE_INFINITY;
  /** How many calls there were. */
  operations = 0;
  /** ENOSPC or EIO for a call; undefined lets it through. */
  fault: (operation: Operation, path: string) => string | undefined = () => undefined;
  /** Bytes of all files together; writes beyond write what fits and fail. */
  capacityBytes = Number.POSITIVE_INFINITY;

  constructor(seed: number, root = new Folder()) {
    this.#random = seeded(seed);
    this.#root = root;
  }

  get isOff(): boolean {
    return this.#isOff;
  }

  /** The power goes after so many more calls. */
  cutAfter(operations: number): void {
    this.#left = operations;
  }

  /** What is found when the power is back; this disk answers nothing more. */
  powerCut(): SimulatedDisk {
    this.#isOff = true;
    return new SimulatedDisk(this.#random.below(0xffffffff), this.#survived(this.#root));
  }

  /** The process is gone, the machine is not: all that was written is there, whether it lasts or not. */
  kill(): SimulatedDisk {
    this.#isOff = true;
    return new SimulatedDisk(this.#random.below(0xffffffff), this.#root);
  }

  /** Paths of all files. */
  files(): string[] {
    const found: string[] = [];
    const walk = (folder: Folder, path: string): void => {
      for (const [name, entry] of folder.now) {
        if (entry instanceof Folder) walk(entry, `${path}/${name}`);
        else found.push(`${path}/${name}`);
      }
    };
    walk(this.#root, "");
    return found;
  }

  contentOf(path: string): Uint8Array {
    return this.#file(path).bytes;
  }

  flip(path: string, bit: number): void {
    this.#file(path).flip(bit);
  }

  /** As if it had been so all along. */
  cutFile(path: string, size: number): void {
    const file = this.#file(path);
    file.cut(size);
    file.beginSync().end();
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    await this.#begin("open", path);
    const { folder, name } = this.#at(path);
    const known = folder.now.get(name);
    if (mode === "existing" && !known) throw absent(path);
    if (mode === "new" && known) throw new DiskError("EEXIST", `there is a ${path}`);
    if (known instanceof Folder) throw new DiskError("EISDIR", `${path} is a folder`);
    const file = known ?? new SimulatedFile();
    if (!known) folder.change({ link: [name, file] });
    else if (mode === "empty") file.cut(0);
    return this.#opened(file, path);
  }

  async list(path: string): Promise<readonly string[]> {
    await this.#begin("list", path);
    return [...this.#folder(path).now.keys()];
  }

  async makeFolder(path: string): Promise<void> {
    await this.#begin("makeFolder", path);
    let at = this.#root;
    for (const name of path.split("/").filter(Boolean)) {
      const known = at.now.get(name);
      const next = known instanceof Folder ? known : new Folder();
      if (next !== known) {
        at.now.set(name, next);
        at.lasting.set(name, next);
      }
      at = next;
    }
  }

  async removeFolder(path: string): Promise<void> {
    await this.#begin("removeFolder", path);
    if (this.#folder(path).now.size > 0) throw new DiskError("ENOTEMPTY", `${path} is not empty`);
    const { folder, name } = this.#at(path);
    folder.change({ unlink: name });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#begin("rename", from);
    const { folder, name } = this.#at(from);
    const target = this.#at(to);
    const entry = folder.now.get(name);
    if (!entry) throw absent(from);
    if (target.folder !== folder) throw new DiskError("EXDEV", "only within a folder");
    folder.change({ unlink: name, link: [target.name, entry] });
  }

  async unlink(path: string): Promise<void> {
    await this.#begin("unlink", path);
    const { folder, name } = this.#at(path);
    if (!folder.now.has(name)) throw absent(path);
    folder.change({ unlink: name });
  }

  async syncFolder(path: string): Promise<void> {
    await this.#begin("syncFolder", path);
    const folder = this.#folder(path);
    const covered = folder.changes.length;
    await this.#pause();
    for (const change of folder.changes.splice(0, covered)) applyName(folder.lasting, change);
  }

  #opened(file: SimulatedFile, path: string): DiskFile {
    const write = (pieces: readonly Uint8Array[], position: number): Promise<void> => this.#write(file, path, { pieces, position });
    const sync = async (): Promise<void> => {
      await this.#begin("sync", path);
      const begun = file.beginSync();
      await this.#pause();
      begun.end();
    };
    return {
      read: async (into, position) => {
        await this.#begin("read", path);
        const bytes = file.bytes.subarray(position, position + into.length);
        into.set(bytes);
        return bytes.length;
      },
      write,
      writeThrough: async (pieces, position) => {
        await write(pieces, position);
        await sync();
      },
      sync,
      truncate: async (bytes) => {
        await this.#begin("truncate", path);
        file.cut(bytes);
      },
      size: async () => file.size,
      close: async () => {},
    };
  }

  async #write(file: SimulatedFile, path: string, { pieces, position }: Pieces): Promise<void> {
    const bytes = Buffer.concat(pieces);
    // Chance may have part of it written before the call is refused.
    await this.#begin("write", path).catch((reason: unknown) => {
      if (!this.#isOff) file.write(bytes.subarray(0, this.#random.below(bytes.length + 1)), position);
      throw reason;
    });
    const room = this.capacityBytes - this.#used() + Math.max(0, file.size - position);
    file.write(bytes.subarray(0, Math.max(0, room)), position);
    await this.#pause();
    if (room < bytes.length) throw new DiskError("ENOSPC", "the disk is full");
  }

  /** A call comes in: the power may go now. */
  async #begin(operation: Operation, path: string): Promise<void> {
    this.operations++;
    if (--this.#left < 0) this.#isOff = true;
    await this.#pause();
    const code = this.fault(operation, path);
    if (code !== undefined) throw new DiskError(code, `${operation} ${path} is refused`);
  }

  /** Others may come in between. */
  async #pause(): Promise<void> {
    for (let turns = this.#random.below(3); turns > 0; turns--) await undefined;
    if (this.#isOff) throw new DiskError("EIO", "the power is off");
  }

  #used(): number {
    return this.files().reduce((sum, path) => sum + this.#file(path).size, 0);
  }

  #survived(folder: Folder): Folder {
    const names = new Map(folder.lasting);
    const way = this.#random.pick(["none", "all", "some"] as const);
    for (const change of folder.changes) if (way === "all" || (way === "some" && this.#random.chance(0.5))) applyName(names, change);
    const survived = new Folder();
    for (const [name, entry] of names) {
      const left = entry instanceof Folder ? this.#survived(entry) : entry.afterCut(this.#random);
      survived.now.set(name, left);
      survived.lasting.set(name, left);
    }
    return survived;
  }

  #folder(path: string): Folder {
    let at = this.#root;
    for (const name of path.split("/").filter(Boolean)) {
      const next = at.now.get(name);
      if (!(next instanceof Folder)) throw absent(path);
      at = next;
    }
    return at;
  }

  #at(path: string): { readonly folder: Folder; readonly name: string } {
    return { folder: this.#folder(folderOf(path)), name: path.slice(path.lastIndexOf("/") + 1) };
  }

  #file(path: string): SimulatedFile {
    const { folder, name } = this.#at(path);
    const entry = folder.now.get(name);
    if (!(entry instanceof SimulatedFile)) throw absent(path);
    return entry;
  }
}

const absent = (path: string): DiskError => new DiskError("ENOENT", `there is no ${path}`);
