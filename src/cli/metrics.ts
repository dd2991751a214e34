// `sluice metrics [binding]`: the current values of the running process, as a table.
import { type MetricRow, readMetrics } from "../admin/metrics-socket.ts";
import { type Command, flagOf, flagsOf, type Given, type Io } from "./command.ts";
import { engineDirectory, metricsSocket } from "./engine-directory.ts";
import { readProperties } from "./properties.ts";
import { PROPERTY_FLAGS } from "./property-flags.ts";

const valueText = (value: MetricRow["value"]): string =>
  typeof value === "number" ? String(value) : `[min: ${value.min} | max: ${value.max} | cnt: ${value.count} | avg: ${value.average}]`;

const labelsText = (labels: MetricRow["labels"]): string =>
  labels === undefined
    ? ""
    : `{${Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(",")}}`;

const GAP = "    ";

/** Columns left aligned, the value right aligned, and a blank line at the end. */
export const metricsTable = (rows: readonly MetricRow[]): string => {
  const cells = rows.map(({ namespace, binding, metric, labels, value, worker }) => [
    namespace,
    binding,
    metric + labelsText(worker === undefined ? labels : { ...labels, worker: String(worker) }),
    valueText(value),
  ]);
  const all = [["namespace", "binding", "metric", "value"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 3 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join(GAP);
  return `${all.map(line).join("\n")}\n\n`;
};

const run = async (given: Given, io: Io): Promise<number> => {
  const properties = readProperties(flagOf(given, "properties"), flagsOf(given, "property"), io.directory);
  const engine = engineDirectory(properties, io.directory);
  const [binding] = given.positionals;
  const namespace = flagOf(given, "namespace");
  let rows: readonly MetricRow[];
  try {
    rows = await readMetrics(metricsSocket(engine));
  } catch (reason) {
    io.err(`no process answers in ${engine}: ${(reason as Error).message}\n`); // Sockets and JSON throw Errors.
    return 1;
  }
  const each = flagOf(given, "workers") !== undefined;
  const wanted = rows.filter(
    (row) =>
      (row.worker === undefined || each) &&
      (binding === undefined || row.binding === binding) &&
      (namespace === undefined || row.namespace === namespace),
  );
  io.out(metricsTable(wanted));
  return 0;
};

export const metrics: Command = {
  name: "metrics",
  summary: "print the current metrics of the running process",
  operands: "[BINDING]",
  flags: [
    { long: "namespace", value: "NAME", help: "only this namespace" },
    { long: "workers", help: "those of each worker process too, not only their sums" },
    ...PROPERTY_FLAGS,
  ],
  run,
};
