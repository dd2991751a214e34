// The open files of all segments of a broker: opened when first used, the one used longest ago closed when there are too many. Where a
// segment's file has gone or changed meanwhile, whoever opens it hears so.
import type { Disk, DiskFile } from "./disk.ts";
import { OPEN_FILES_MAX } from "./limits.ts";
import type { Segment } from "./segment.ts";

/** A segment was replaced or deleted while somebody wanted to read it: look for its successor. */
export class RetiredError extends Error {}

interface Open {
  readonly file: Promise<DiskFile>;
  users: number;
  /** To be closed by its last user. */
  leaving: boolean;
}

export class OpenFiles {
  readonly disk: Disk;
  readonly #max: number;
  /** In order of their last use. */
  readonly #open = new Map<Segment, Open>();

  constructor(disk: Disk, max = OPEN_FILES_MAX) {
    this.disk = disk;
    this.#max = max;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Gives the file to `call`, which is done with it when it settles. Throws a RetiredError where the segment no longer has it. */
  async use<T>(segment: Segment, call: (file: DiskFile) => Promise<T>): Promise<T> {
    const open = this.#taken(segment);
    try {
      const file = await open.file;
      if (segment.retired) throw new RetiredError();
      return await call(file);
    } catch (reason) {
      if (segment.retired) throw new RetiredError();
      throw reason;
    } finally {
      open.users--;
      if (open.leaving) await this.#close(open);
    }
  }

  /** The file is closed as soon as nobody uses it. */
  async drop(segment: Segment): Promise<void> {
    const open = this.#open.get(segment);
    if (open) await this.#leave(segment, open);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open].map(([segment, open]) => this.#leave(segment, open)));
  }

  #taken(segment: Segment): Open {
    const known = this.#open.get(segment);
    const open = known ?? { file: this.disk.open(segment.path, "existing"), users: 0, leaving: false };
    open.users++;
    this.#open.delete(segment);
    this.#open.set(segment, open);
    if (!known) {
      // One that cannot be opened is not kept: the next user tries again.
      open.file.catch(() => this.#open.get(segment) === open && this.#open.delete(segment));
      this.#makeRoom();
    }
    return open;
  }

  #makeRoom(): void {
    for (const [segment, open] of this.#open) {
      if (this.#open.size <= this.#max) return;
      if (open.users > 0) continue;
      // What was read of the index can be read again, unless the segment is still growing.
      if (segment.sealed) segment.index = undefined;
      void this.#leave(segment, open).catch(() => {});
    }
  }

  async #leave(segment: Segment, open: Open): Promise<void> {
    this.#open.delete(segment);
    open.leaving = true;
    if (open.users === 0) await this.#close(open);
  }

  async #close(open: Open): Promise<void> {
    if (open.users > 0) return;
    const file = await open.file.catch(() => undefined);
    await file?.close();
  }
}
