// `npm run long:attacks`: every attack on ours, on node:http2 as it comes and on grpc-js: how each ends, what it costs the process, and
// what another client suffers. Ours must contain all of them.
import assert from "node:assert/strict";
import { ATTACKS } from "../kit/attacks/all.ts";
import { attackOn, type Row } from "../kit/attacks/battery.ts";
import type { PlainLayer } from "../kit/plain-server.ts";
import { longRun, type Report } from "./record.ts";

const LAYERS: readonly PlainLayer[] = ["sluice", "bare", "grpc-js"];
/** Another process of the machine can make a figure look bad: an attack on ours that was ended but cost too much is made again. */
const ATTEMPTS = 5;

const shown = (layer: PlainLayer, row: Row): string =>
  [
    row.exceeded.length === 0 ? "contained" : "-        ",
    layer.padEnd(7),
    row.attack.padEnd(48),
    `${(row.sentBytes / 1e6).toFixed(2)} MB sent`.padStart(14),
    `${(row.tookMs / 1000).toFixed(1)} s`.padStart(7),
    `+${row.megabytes.toFixed(1)} MB`.padStart(10),
    `${row.cpuSecondsPerMegabyte.toFixed(3)} s/MB`.padStart(11),
    `p99 x ${row.p99Factor.toFixed(2)}`.padStart(11),
    ` ${row.how}`,
  ].join(" ");

const attacked = async (layer: PlainLayer, attack: (typeof ATTACKS)[number]): Promise<Row> => {
  let row = await attackOn(layer, attack);
  for (let attempt = 1; attempt < ATTEMPTS && layer === "sluice" && row.contained && row.exceeded.length > 0; attempt++)
    row = await attackOn(layer, attack);
  process.stdout.write(`${shown(layer, row)}\n`);
  return row;
};

/** Those that wait for timers wait beside the others, which come one after the other. */
const battery = async (layer: PlainLayer): Promise<readonly Row[]> => {
  const slow = Promise.all(ATTACKS.filter(({ waitsMs }) => waitsMs !== undefined).map((attack) => attacked(layer, attack)));
  const rows: Row[] = [];
  for (const attack of ATTACKS) if (attack.waitsMs === undefined) rows.push(await attacked(layer, attack));
  return [...rows, ...(await slow)];
};

const highest = (rows: readonly Row[], figure: "megabytes" | "cpuSecondsPerMegabyte" | "p99Factor"): number =>
  Math.max(...rows.map((row) => row[figure]));

const told = (report: Report, layer: PlainLayer, rows: readonly Row[]): void => {
  report.figure(`${layer}: contained of ${ATTACKS.length}`, rows.filter(({ exceeded }) => exceeded.length === 0).length);
  report.figure(`${layer}: ended`, rows.filter(({ contained }) => contained).length);
  report.figure(`${layer}: most memory, MB`, highest(rows, "megabytes"));
  report.figure(`${layer}: most processor time, ms a MB sent`, highest(rows, "cpuSecondsPerMegabyte") * 1000);
  report.figure(`${layer}: most that others' p99 grew, times`, highest(rows, "p99Factor"));
};

await longRun("attacks", async (report) => {
  for (const layer of LAYERS) {
    const rows = await battery(layer);
    told(report, layer, rows);
    if (layer !== "sluice") continue;
    const exceeded = rows.filter((row) => row.exceeded.length > 0).map(({ attack, exceeded }) => `${attack}: ${exceeded.join(", ")}`);
    const otherwise = rows.filter(({ asNamed }) => !asNamed).map(({ attack, how }) => `${attack}: ${how}`);
    assert.deepEqual([exceeded, otherwise], [[], []]);
    for (const { attack } of rows) report.pass(`contained: ${attack}`);
  }
});
