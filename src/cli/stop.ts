// `sluice stop`: asks the process of the engine directory to end, and waits until it has.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Command, flagOf, flagsOf, type Given, type Io } from "./command.ts";
import { engineDirectory, runningPid } from "./engine-directory.ts";
import { readProperties } from "./properties.ts";
import { PROPERTY_FLAGS } from "./property-flags.ts";

const POLL_MS = 50;
/** A little more than the process takes to drain by default. */
const WAIT_MS_DEFAULT = 45_000;

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false; // ESRCH: it has ended.
  }
};

/** It has ended, and who started it has not asked how: signals find it all the same (proc(5), state Z). */
const isZombie = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return /^ [ZX] /.test(stat.slice(stat.lastIndexOf(")") + 1));
  } catch {
    return false; // It ended just now, or this is no Linux.
  }
};

const run = async (given: Given, io: Io): Promise<number> => {
  const properties = readProperties(flagOf(given, "properties"), flagsOf(given, "property"), io.directory);
  const engine = engineDirectory(properties, io.directory);
  const pid = runningPid(engine);
  if (pid === undefined || !alive(pid)) {
    io.err(`nothing runs in ${engine}\n`);
    return 0;
  }
  process.kill(pid, "SIGTERM");
  const untilMs = Date.now() + WAIT_MS_DEFAULT;
  while (alive(pid)) {
    if (Date.now() > untilMs) {
      io.err(`process ${pid} has not ended within ${WAIT_MS_DEFAULT / 1000} s\n`);
      return 1;
    }
    await delay(POLL_MS);
  }
  return 0;
};

export const stop: Command = { name: "stop", summary: "end the running process, after it has drained", flags: PROPERTY_FLAGS, run };
