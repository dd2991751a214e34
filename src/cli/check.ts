// `sluice check`: everything that is wrong with a configuration, and everything that a start would warn of or refuse. Nothing is opened.
import type { Graph } from "../config/graph.ts";
import { load, readSource } from "../config/load.ts";
import { byPlace, ConfigError, type Warning, warningText } from "../config/place.ts";
import { unbuilt } from "../config/unbuilt.ts";
import { parts } from "../engine/parts.ts";
import { type Command, flagOf, type Given, type Io } from "./command.ts";

const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? "" : "s"}`;

const summary = ({ namespaces, bindings }: Graph): string =>
  `ok: ${count(namespaces.length, "namespace")}, ${count(bindings.length, "binding")}`;

/** What a start would do with a checked file beside running it. */
const outlook = (graph: Graph): readonly Warning[] => {
  const { refusals, warnings } = unbuilt(graph);
  return [...refusals.map(({ place, message }) => ({ place, message: `${message}; a start is refused` })), ...warnings];
};

const run = async (given: Given, io: Io): Promise<number> => {
  const named = (flagOf(given, "config") ?? "zilla.yaml").replace(/^file:(\/\/)?/, "");
  try {
    const { graph, mistakes, warnings } = load(readSource(named, io.directory), parts, io.env);
    const all = [...warnings, ...(graph ? outlook(graph) : [])].toSorted(byPlace);
    for (const mistake of mistakes) io.err(`${mistake}\n`);
    for (const warning of all) io.err(`${warningText(warning)}\n`);
    if (graph) io.out(`${summary(graph)}${all.length > 0 ? `, ${count(all.length, "warning")}` : ""}\n`);
    else io.err(`${count(mistakes.length, "mistake")}\n`);
    return graph ? 0 : 1;
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
