// `sluice start`: runs a configuration in the foreground until it is told to end, and then drains. One process does it by itself; several are
// workers under this one.
import { randomInt } from "node:crypto";
import { metricRows, serveMetrics } from "../admin/metrics-socket.ts";
import type { Engine } from "../engine/engine.ts";
import { SHARES, shareOf } from "../engine/workers/share.ts";
import { StartFailed } from "../engine/workers/supervisor.ts";
import { type Command, type Flag, flagOf, type Given, type Io } from "./command.ts";
import { announceReady, announceStart, announceStop, metricsSocket } from "./engine-directory.ts";
import { drainMsWanted, logOf, prepare, sayFailed, sourceOf, toldBy } from "./prepared.ts";
import { unknownProperties } from "./properties.ts";
import { PROPERTY_FLAGS } from "./property-flags.ts";
import { supervise } from "./supervise.ts";
import { toldToEnd } from "./told-to-end.ts";
import { workerCount, workersOfMachine } from "./worker-count.ts";
import type { WorkerTask } from "./worker-task.ts";

/** What could not be had ends the start with this. */
const FAILED = 1;

const runUntilTold = async (engine: Engine, { told, drainMs }: Pick<WorkerTask, "told" | "drainMs">): Promise<void> => {
  const log = logOf(told);
  const end = toldToEnd(log);
  await engine.start();
  const socket = await serveMetrics(() => metricRows(engine.counters), metricsSocket(told.directory));
  announceReady(told.directory);
  log.info("started", { pid: process.pid });
  await end;
  await engine.stop(drainMs);
  await socket.close();
  log.info("stopped");
};

/** Runs the configuration until told to end; the exit status. `workers`: how many processes, where nothing says it. */
export const runStart = async (given: Given, io: Io, workers: number): Promise<number> => {
  const told = toldBy(given, io);
  const { properties, directory } = told;
  const log = logOf(told);
  for (const sentence of unknownProperties(properties)) log.warn(sentence);
  const count = workerCount({ flag: flagOf(given, "workers"), properties, otherwise: workers });
  try {
    const source = sourceOf(given, told, io.directory);
    const turn = randomInt(SHARES);
    const prepared = prepare({ source, told, log, share: shareOf({ number: 1, of: 1 }, turn) }, io);
    if (!prepared) return FAILED;
    announceStart(directory, { pid: process.pid, startMs: Date.now(), workers: count });
    try {
      const task = { source, told, turn, drainMs: drainMsWanted(told, prepared.graph, log) };
      if (count > 1) return await supervise({ graph: prepared.graph, workers: count, task }, io);
      await runUntilTold(prepared.engine, task);
    } finally {
      announceStop(directory);
    }
    return 0;
  } catch (reason) {
    if (!(reason instanceof StartFailed)) sayFailed(reason, told, io); // A worker has said it.
    return FAILED;
  }
};

export const START_FLAGS: readonly Flag[] = [
  { long: "config", short: "c", value: "FILE", help: "the configuration (default zilla.yaml)" },
  { long: "verbose", short: "v", help: "say more on standard error" },
  { long: "exception-traces", short: "e", help: "print stack traces of what fails the start" },
  { long: "logs", short: "l", help: "print events without a stdout exporter" },
  { long: "workers", short: "w", value: "N", help: "processes that serve (start: one a core, dev: 1)" },
  { long: "diagnostics-directory", value: "DIR", help: "accepted, no effect" },
  ...PROPERTY_FLAGS,
];

export const start: Command = {
  name: "start",
  summary: "run a configuration in the foreground",
  flags: START_FLAGS,
  run: (given, io) => runStart(given, io, workersOfMachine()),
};
