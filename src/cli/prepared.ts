// What a start does before anything runs: the file is found, read and checked, the graph is linked, and all that is wrong is said.
import { BINDINGS } from "../bindings/kinds.ts";
import type { Source } from "../config/document.ts";
import { drainMsOf } from "../config/drain.ts";
import type { Graph } from "../config/graph.ts";
import { load, readNamedSource, readSource } from "../config/load.ts";
import { ConfigError, warningText } from "../config/place.ts";
import { unbuilt } from "../config/unbuilt.ts";
import { type Level, type Log, processLog } from "../core/log.ts";
import { DRAIN_MS_DEFAULT, Engine, type EngineOptions } from "../engine/engine.ts";
import { parts } from "../engine/parts.ts";
import { flagOf, flagsOf, type Given, type Io } from "./command.ts";
import { engineDirectory } from "./engine-directory.ts";
import { readProperties } from "./properties.ts";

/** What the command line says, without a word about it. Plain data, so that another process can be told. */
export interface Told {
  readonly properties: ReadonlyMap<string, string>;
  readonly level: Level;
  readonly printEvents: boolean;
  /** What fails the start is printed with its stack. */
  readonly traces: boolean;
  /** Of the engine. */
  readonly directory: string;
}

export const toldBy = (given: Given, io: Io): Told => {
  const properties = readProperties(flagOf(given, "properties"), flagsOf(given, "property"), io.directory);
  return {
    properties,
    level: flagOf(given, "verbose") ? "debug" : "info",
    printEvents: flagOf(given, "logs") !== undefined,
    traces: flagOf(given, "exception-traces") !== undefined,
    directory: engineDirectory(properties, io.directory),
  };
};

export const logOf = ({ level }: Told): Log => processLog(level);

/** A file that was named has to be there; without the default one there is nothing to do, which is said. */
export const sourceOf = (given: Given, { properties }: Told, directory: string): Source => {
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

/** How long a drain may take: what the command line says goes before what the file says. */
export const drainMsWanted = ({ properties }: Told, graph: Graph, log: Log): number => {
  const fromFile = drainMsOf(graph) ?? DRAIN_MS_DEFAULT;
  const written = properties.get("zilla.engine.drain.seconds");
  if (written === undefined) return fromFile;
  const seconds = Number(written);
  if (written !== "" && Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  log.warn("zilla.engine.drain.seconds is no number of seconds; it has no effect", { found: written });
  return fromFile;
};

/** An engine that can be started. */
export interface Prepared {
  readonly graph: Graph;
  readonly engine: Engine;
}

export interface Preparing extends Pick<EngineOptions, "share" | "worker"> {
  readonly source: Source;
  readonly told: Told;
  readonly log: Log;
}

/** Undefined when there are mistakes; they are printed, and warnings too. Throws a ConfigError for what is found at binding. */
export const prepare = ({ source, told, log, ...place }: Preparing, io: Io): Prepared | undefined => {
  const graph = checkedGraph(source, io);
  if (!graph) return undefined;
  const { properties, printEvents } = told;
  const engine = new Engine({ graph, bindings: BINDINGS, properties, log, printEvents, out: io.out, ...place });
  for (const warning of engine.warnings) io.err(`${warningText(warning)}\n`);
  for (const mistake of engine.mistakes) io.err(`${mistake}\n`);
  return engine.mistakes.length > 0 ? undefined : { graph, engine };
};

/** Says what has failed a start. */
export const sayFailed = (reason: unknown, { traces }: Pick<Told, "traces">, io: Io): void => {
  if (reason instanceof ConfigError) io.err(`${reason}\n`);
  else io.err(`${reason instanceof Error ? reason.message : String(reason)}\n`);
  if (traces && reason instanceof Error) io.err(`${reason.stack}\n`);
};
