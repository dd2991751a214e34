// How many processes serve: `-w`, the property of the original, or what the command takes by itself.
import { availableParallelism } from "node:os";
import { UsageError } from "./command.ts";

/** More than any machine has use for. */
export const WORKERS_MAX = 512;
const PROPERTY = "zilla.engine.workers";
/** Where the system shares out the connections to a port among the processes that listen on it (SO_REUSEPORT with balancing). */
const SHARING: readonly NodeJS.Platform[] = ["linux", "freebsd", "aix", "sunos"];

/** Whether several processes can listen on one port here. */
export const sharesPorts = (platform: NodeJS.Platform = process.platform): boolean => SHARING.includes(platform);

/** One a core where that is possible. */
export const workersOfMachine = (platform?: NodeJS.Platform): number =>
  sharesPorts(platform) ? Math.min(availableParallelism(), WORKERS_MAX) : 1;

export interface Wanted {
  readonly flag: string | undefined;
  readonly properties: ReadonlyMap<string, string>;
  /** Where nothing is said. */
  readonly otherwise: number;
  readonly platform?: NodeJS.Platform;
}

/** Throws a UsageError that says what is wrong with what was asked for. */
export const workerCount = ({ flag, properties, otherwise, platform }: Wanted): number => {
  const text = flag ?? properties.get(PROPERTY);
  if (text === undefined) return otherwise;
  const name = flag === undefined ? PROPERTY : "--workers";
  const count = Number(text);
  if (!/^\d{1,4}$/.test(text) || count < 1 || count > WORKERS_MAX)
    throw new UsageError(`found ${name} ${text}, a number of processes from 1 to ${WORKERS_MAX} is wanted`);
  if (count > 1 && !sharesPorts(platform))
    throw new UsageError(`found ${name} ${text}, but ${platform ?? process.platform} cannot share a port among processes; 1 is possible`);
  return count;
};
