// `sluice check`: everything that is wrong with a configuration, and everything that a start would warn of or refuse. Nothing is opened.
import { BINDINGS } from "../bindings/kinds.ts";
import type { Graph } from "../config/graph.ts";
import { load, readNamedSource, readSource } from "../config/load.ts";
import { byPlace, ConfigError, type Warning, warningText } from "../config/place.ts";
import { unbuilt } from "../config/unbuilt.ts";
import { silentLog } from "../core/log.ts";
import { Engine } from "../engine/engine.ts";
import { parts } from "../engine/parts.ts";
import { type Command, flagOf, type Given, type Io } from "./command.ts";

const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? "" : "s"}`;

interface Outlook {
  readonly mistakes: readonly ConfigError[];
  readonly warnings: readonly Warning[];
}

/** Links without opening anything: wrong exits, loops, protos that cannot be read. What is refused by type anyway is not linked. */
const linked = async (graph: Graph): Promise<Outlook> => {
  if (graph.unserved.length > 0) return { mistakes: [], warnings: [] };
  const engine = new Engine({ graph, bindings: BINDINGS, properties: new Map(), log: silentLog, out: () => {} });
  await engine.stop(0);
  return engine;
};

/** What a start would make of a file that is right in itself. */
const outlook = async (graph: Graph): Promise<Outlook> => {
  const { refusals, warnings } = unbuilt(graph);
  const refused = refusals.map(({ place, message }) => ({ place, message: `${message}; a start is refused` }));
  const link = await linked(graph);
  return { mistakes: link.mistakes, warnings: [...refused, ...warnings, ...link.warnings] };
};

/** Prints all there is to say; the exit status. */
const tell = (graph: Graph | undefined, { mistakes, warnings }: Outlook, io: Io): number => {
  for (const mistake of mistakes) io.err(`${mistake}\n`);
  for (const warning of warnings.toSorted(byPlace)) io.err(`${warningText(warning)}\n`);
  if (!graph || mistakes.length > 0) {
    io.err(`${count(mistakes.length, "mistake")}\n`);
    return 1;
  }
  const warned = warnings.length > 0 ? `, ${count(warnings.length, "warning")}` : "";
  io.out(`ok: ${count(graph.namespaces.length, "namespace")}, ${count(graph.bindings.length, "binding")}${warned}\n`);
  return 0;
};

const run = async (given: Given, io: Io): Promise<number> => {
  const asked = flagOf(given, "config");
  const named = (asked ?? "zilla.yaml").replace(/^file:(\/\/)?/, "");
  const read = asked === undefined ? readSource : readNamedSource;
  try {
    const { graph, mistakes, warnings } = load(read(named, io.directory), parts, io.env);
    const later = graph ? await outlook(graph) : { mistakes: [], warnings: [] };
    return tell(graph, { mistakes: [...mistakes, ...later.mistakes], warnings: [...warnings, ...later.warnings] }, io);
  } catch (reason) {
    if (!(reason instanceof ConfigError)) throw reason;
    io.err(`${reason}\n`);
    return 1;
  }
};

export const check: Command = {
  name: "check",
  summary: "say everything that is wrong with a configuration",
  flags: [{ long: "config", short: "c", value: "FILE", help: "the configuration (default zilla.yaml)" }],
  run,
};
