// `sluice start`: runs a configuration in the foreground until it is told to end, and then drains.
import { serveMetrics } from "../admin/metrics-socket.ts";
import { BINDINGS } from "../bindings/kinds.ts";
import type { Source } from "../config/document.ts";
import { drainMsOf } from "../config/drain.ts";
import type { Graph } from "../config/graph.ts";
import { load, readNamedSource, readSource } from "../config/load.ts";
import { ConfigError, warningText } from "../config/place.ts";
import { unbuilt } from "../config/unbuilt.ts";
import { type Log, processLog } from "../core/log.ts";
import { DRAIN_MS_DEFAULT, Engine } from "../engine/engine.ts";
import { parts } from "../engine/parts.ts";
import { type Command, type Flag, flagOf, flagsOf, type Given, type Io } from "./command.ts";
import { announceReady, announceStart, announceStop, engineDirectory, metricsSocket } from "./engine-directory.ts";
import { readProperties, unknownProperties } from "./properties.ts";
import { PROPERTY_FLAGS } from "./property-flags.ts";
import { toldToEnd } from "./told-to-end.ts";

/** What could not be had ends the start with this. */
const FAILED = 1;

/** A file that was named has to be there; without the default one there is nothing to do, which is said. */
const sourceOf = (given: Given, properties: ReadonlyMap<string, string>, directory: string): Source => {
  const named = flagOf(given, "config") ?? properties.get("zilla.engine.config.url") ?? properties.get("zilla.engine.config.uri");
  return named === undefined ? readSource("zilla.yaml", directory) : readNamedSource(named.replace(/^file:(\/\/)?/, ""), directory);
};

/** The graph of a file; undefined when there are mistakes, which are printed with the warnings. */
const checkedGraph = (source: Source, io: Io): Graph | undefined => {
  const { graph, mistakes, warnings } = load(source, parts, io.env);
  const later = graph ? unbuilt(graph) : { refusals: [], warnings: [] };
  for (const warning of [...warnings, ...later.warnings]) io.err(`${warningText(warning)}\n`);
  const all = [...mistakes, ...later.refusals];
  for (const mistake of all) io.err(`${mistake}\n`);
  if (all.length > 0) io.err(`${all.length} ${all.length === 1 ? "mistake" : "mistakes"}, nothing was started\n`);
  return all.length > 0 ? undefined : graph;
};

const linkedEngine = (engine: Engine, io: Io): boolean => {
  for (const warning of engine.warnings) io.err(`${warningText(warning)}\n`);
  for (const mistake of engine.mistakes) io.err(`${mistake}\n`);
  return engine.mistakes.length === 0;
};

/** What the command line says goes before what the file says. */
const drainMs = (properties: ReadonlyMap<string, string>, graph: Graph, log: Log): number => {
  const fromFile = drainMsOf(graph) ?? DRAIN_MS_DEFAULT;
  const written = properties.get("zilla.engine.drain.seconds");
  if (written === undefined) return fromFile;
  const seconds = Number(written);
  if (written !== "" && Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  log.warn("zilla.engine.drain.seconds is no number of seconds; it has no effect", { found: written });
  return fromFile;
};

const runUntilTold = async (
  engine: Engine,
  { log, directory, drain }: { readonly log: Log; readonly directory: string; readonly drain: number },
): Promise<void> => {
  const told = toldToEnd(log);
  await engine.start();
  const socket = await serveMetrics(engine.counters, metricsSocket(directory));
  announceReady(directory);
  log.info("started", { pid: process.pid });
  await told;
  await engine.stop(drain);
  await socket.close();
  log.info("stopped");
};

/** Runs the configuration until told to end; the exit status. */
export const runStart = async (given: Given, io: Io): Promise<number> => {
  const log = processLog(flagOf(given, "verbose") ? "debug" : "info");
  const properties = readProperties(flagOf(given, "properties"), flagsOf(given, "property"), io.directory);
  for (const sentence of unknownProperties(properties)) log.warn(sentence);
  if (flagOf(given, "workers") !== undefined) log.warn("--workers has no effect yet: one process serves all");
  try {
    const graph = checkedGraph(sourceOf(given, properties, io.directory), io);
    if (!graph) return FAILED;
    const engine = new Engine({
      graph,
      bindings: BINDINGS,
      properties,
      log,
      printEvents: flagOf(given, "logs") !== undefined,
      out: io.out,
    });
    if (!linkedEngine(engine, io)) return FAILED;
    const directory = engineDirectory(properties, io.directory);
    announceStart(directory, process.pid, Date.now());
    try {
      await runUntilTold(engine, { log, directory, drain: drainMs(properties, graph, log) });
    } finally {
      announceStop(directory);
    }
    return 0;
  } catch (reason) {
    return failed(reason, given, io);
  }
};

const failed = (reason: unknown, given: Given, io: Io): number => {
  if (reason instanceof ConfigError) io.err(`${reason}\n`);
  else io.err(`${reason instanceof Error ? reason.message : String(reason)}\n`);
  if (flagOf(given, "exception-traces") && reason instanceof Error) io.err(`${reason.stack}\n`);
  return FAILED;
};

export const START_FLAGS: readonly Flag[] = [
  { long: "config", short: "c", value: "FILE", help: "the configuration (default zilla.yaml)" },
  { long: "verbose", short: "v", help: "say more on standard error" },
  { long: "exception-traces", short: "e", help: "print stack traces of what fails the start" },
  { long: "logs", short: "l", help: "print events without a stdout exporter" },
  { long: "workers", short: "w", value: "N", help: "processes (no effect yet)" },
  { long: "diagnostics-directory", value: "DIR", help: "accepted, no effect" },
  ...PROPERTY_FLAGS,
];

export const start: Command = {
  name: "start",
  summary: "run a configuration in the foreground",
  flags: START_FLAGS,
  run: runStart,
};
