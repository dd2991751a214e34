// What the steps of one log share: its name and folder, the disk, the files and memory of all logs, and how to speak of trouble.
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Disk } from "./disk.ts";
import { TROUBLE_SAID_EVERY_MS } from "./limits.ts";
import type { OpenFiles } from "./open-files.ts";
import type { TailMemory } from "./tail.ts";

/** Of all logs of a broker. */
export interface StorageParts {
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly tail: TailMemory;
  readonly clock: Clock;
  readonly log: Log;
  /** UNSYNCED_BYTES_MAX, but for tests. */
  readonly unsyncedBytesMax: number;
}

/** Of one log. */
export interface LogParts extends StorageParts {
  /** `orders-0`, for log lines. */
  readonly name: string;
  readonly folder: string;
}

/** Says the same trouble once in a while, however often it is met. */
export class Trouble {
  readonly #parts: LogParts;
  readonly #said = new Map<string, number>();

  constructor(parts: LogParts) {
    this.#parts = parts;
  }

  say(what: string, facts: Readonly<Record<string, string | number>>): void {
    const { clock, log, name } = this.#parts;
    const key = `${what} ${facts["file"] ?? ""} ${facts["position"] ?? ""}`;
    const now = clock.monotonicMs();
    const last = this.#said.get(key);
    if (last !== undefined && now - last < TROUBLE_SAID_EVERY_MS) return;
    if (this.#said.size > 100) this.#said.clear();
    this.#said.set(key, now);
    log.error(what, { partition: name, ...facts });
  }
}
