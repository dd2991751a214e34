// Keeps a second broker out of a folder: a file says who is inside. One that was left behind by a process that is gone is taken over.
import { readFile as readSystemFile } from "node:fs/promises";
import { hostname } from "node:os";
import { text, utf8 } from "../../core/bytes.ts";
import { codeOf, type Disk, readFile, unlinkIfThere } from "./disk.ts";

/** Who holds a folder. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process was started, as its system counts, so that a number used again is not taken for it; "" where that is not told. */
  readonly started: string;
}

/** Who we are, and whether another process of this machine is still there. */
export interface Processes {
  readonly self: Holder;
  startOf(pid: number): Promise<string | undefined>;
}

/** The folder is in use. */
export class LockedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LockedError";
  }
}

const LOCK_FILE = "lock";
/** Folders held by this process: its own number in a file says nothing of an earlier run with the same one, as in containers. */
const held = new Set<string>();

/** Rejects with a LockedError when somebody is inside. The function that is answered gives the folder back. */
export const lock = async (disk: Disk, folder: string, processes: Processes): Promise<() => Promise<void>> => {
  const path = `${folder}/${LOCK_FILE}`;
  const key = `${processes.self.pid} ${path}`;
  if (held.has(key)) throw new LockedError(`${folder} is in use by this process`);
  held.add(key);
  try {
    await take(disk, path, processes);
  } catch (reason) {
    held.delete(key);
    throw reason;
  }
  return async () => {
    await unlinkIfThere(disk, path);
    held.delete(key);
  };
};

const take = async (disk: Disk, path: string, processes: Processes): Promise<void> => {
  const holder = holderIn(await readFile(disk, path));
  if (holder) await checkGone(holder, path, processes);
  await unlinkIfThere(disk, path);
  try {
    const file = await disk.open(path, "new");
    await file.write([utf8(`${JSON.stringify(processes.self)}\n`)], 0).finally(() => file.close());
  } catch (reason) {
    if (codeOf(reason) === "EEXIST") throw new LockedError(`${path} was taken by another process just now`);
    throw reason;
  }
};

/** Undefined for a file that is not whole: whoever wrote it was stopped while it did. */
const holderIn = (bytes: Uint8Array | undefined): Holder | undefined => {
  if (!bytes) return undefined;
  try {
    const read: unknown = JSON.parse(text(bytes));
    const { pid, host, started } = read as Partial<Holder>; // Whatever it is, its fields are looked at.
    return typeof pid === "number" && typeof host === "string" && typeof started === "string" ? { pid, host, started } : undefined;
  } catch {
    return undefined;
  }
};

const checkGone = async (holder: Holder, path: string, { self, startOf }: Processes): Promise<void> => {
  if (holder.host !== self.host)
    throw new LockedError(`${path} says that a broker on ${holder.host} is inside: delete the file if that is no longer so`);
  if (holder.pid === self.pid) return;
  const started = await startOf(holder.pid);
  if (started === undefined) return;
  if (started === holder.started || started === "" || holder.started === "")
    throw new LockedError(`${path} says that process ${holder.pid} is inside, and it is running`);
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (reason) {
    return codeOf(reason) === "EPERM";
  }
};

/** Of a process on Linux: the 22nd field, counted behind the name, which may have spaces. */
const startTime = async (pid: number): Promise<string> => {
  const stat = await readSystemFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
};

export const systemProcesses = async (): Promise<Processes> => ({
  self: { pid: process.pid, host: hostname(), started: await startTime(process.pid) },
  startOf: async (pid) => (isRunning(pid) ? startTime(pid) : undefined),
});
