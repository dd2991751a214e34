// The files that scripts look at: `ready` appears when the start has completed and goes when the process stops, `info` names the process.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { endianness } from "node:os";
import { join, resolve } from "node:path";

export const ENGINE_DIRECTORY = ".zilla/engine";
const INFO_BYTES = 20;
const LITTLE = endianness() === "LE";

export const engineDirectory = (properties: ReadonlyMap<string, string>, directory: string): string =>
  resolve(directory, properties.get("zilla.engine.directory") ?? ENGINE_DIRECTORY);

/** Where the running process answers for its metrics. */
export const metricsSocket = (engine: string): string => join(engine, "metrics.sock");

/** Who runs in an engine directory: the process to be told to end, since when, with how many workers. */
export interface Running {
  readonly pid: number;
  readonly startMs: number;
  readonly workers: number;
}

/** The original's layout, in native byte order: process id (8 bytes), start time in Unix milliseconds (8), number of workers (4). */
const infoBytes = ({ pid, startMs, workers }: Running): Uint8Array => {
  const bytes = new Uint8Array(INFO_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(pid), LITTLE);
  view.setBigInt64(8, BigInt(startMs), LITTLE);
  view.setInt32(16, workers, LITTLE);
  return bytes;
};

/** Makes the folder, removes a `ready` of an earlier process, writes `info`. */
export const announceStart = (engine: string, running: Running): void => {
  mkdirSync(engine, { recursive: true });
  rmSync(join(engine, "ready"), { force: true });
  writeFileSync(join(engine, "info"), infoBytes(running));
};

export const announceReady = (engine: string): void => writeFileSync(join(engine, "ready"), "");

/** Nobody serves at present. */
export const announceNotReady = (engine: string): void => rmSync(join(engine, "ready"), { force: true });

export const announceStop = (engine: string): void => {
  announceNotReady(engine);
  rmSync(join(engine, "info"), { force: true });
};

/** The process id in `info`; undefined when there is none. */
export const runningPid = (engine: string): number | undefined => {
  try {
    const bytes = readFileSync(join(engine, "info"));
    if (bytes.length < INFO_BYTES) return undefined;
    return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, LITTLE));
  } catch {
    return undefined; // No folder or no file: nothing runs there.
  }
};
