// How a command that runs hears that it is to end.
import { once } from "node:events";
import type { Log } from "../core/log.ts";

/** The status of a process that is told twice. */
const FAILED = 1;

/** Settles at the first SIGTERM or SIGINT; the second one ends the process at once, after `last` has been called. */
export const toldToEnd = async (log: Log, last: () => void = () => {}): Promise<void> => {
  const signals = ["SIGTERM", "SIGINT"] as const;
  const [signal] = await Promise.race(signals.map(async (name) => [name, ...(await once(process, name))]));
  const end = (): void => {
    last();
    process.exit(FAILED);
  };
  for (const name of signals) process.once(name, end); // Before it is said: it may come at once.
  log.info(`${String(signal)}: draining; once more ends at once`);
};
