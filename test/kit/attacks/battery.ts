// All attacks: one server process each, so that what one leaves behind is not counted against the next.
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { type PlainLayer, type PlainServer, startPlainServer } from "../plain-server.ts";
import type { Attack } from "./attack.ts";
import type { AttackOrder } from "./attacker.ts";
import { type Ending, endingOf } from "./outcome.ts";
import { Victim } from "./victim.ts";

const MEGABYTE = 1_048_576;
/** What one connection may make the process grow by, at most, while it is attacked. */
export const MEGABYTES_MAX = 16;
/** Processor time for a megabyte of the attacker's. What sends less is counted as one. */
export const CPU_SECONDS_PER_MEGABYTE_MAX = 0.1;
export const P99_FACTOR_MAX = 2;

export interface Row extends Ending {
  readonly attack: string;
  readonly megabytes: number;
  readonly cpuSeconds: number;
  readonly cpuSecondsPerMegabyte: number;
  /** How much slower than before others are answered while it goes on, at their 99th percentile. */
  readonly p99Factor: number;
  /** What is beyond what is allowed; empty: contained. */
  readonly exceeded: readonly string[];
}

/** The young generation kept small, so that memory tells of what is held and not of when it was last swept. */
const NODE_ARGS = ["--max-semi-space-size=1"];
const WARM_UP_REQUESTS = 1_500;

const cpuSecondsOf = (pid: number): number => {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`))
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
  return nanoseconds / 1e9;
};

/** Resident memory, now or at its highest since `forget`. */
const residentOf = (pid: number, field: "VmRSS" | "VmHWM"): number =>
  Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
const forget = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, "5");

const measured = async (attack: Attack, { port, pid }: PlainServer): Promise<Omit<Row, "attack" | "p99Factor" | "exceeded">> => {
  forget(pid);
  const [memory, cpu] = [residentOf(pid, "VmRSS"), cpuSecondsOf(pid)];
  const ending = await endingOf(attack, port);
  const cpuSeconds = cpuSecondsOf(pid) - cpu;
  const cpuSecondsPerMegabyte = cpuSeconds / Math.max(1, ending.sentBytes / MEGABYTE);
  return { ...ending, megabytes: residentOf(pid, "VmHWM") - memory, cpuSeconds, cpuSecondsPerMegabyte };
};

const exceededBy = (row: Omit<Row, "exceeded">): string[] => [
  ...(row.contained ? [] : [row.how]),
  ...(row.megabytes > MEGABYTES_MAX ? [`${row.megabytes.toFixed(1)} MB`] : []),
  ...(row.cpuSecondsPerMegabyte > CPU_SECONDS_PER_MEGABYTE_MAX ? [`${row.cpuSecondsPerMegabyte.toFixed(2)} s of processor a MB`] : []),
  ...(row.p99Factor > P99_FACTOR_MAX ? [`others' p99 x ${row.p99Factor.toFixed(1)}`] : []),
];

let last: Promise<unknown> = Promise.resolve();
/** Attacks that wait for timers are made many at once; who waits for answers is watched one after the other. */
const alone = <T>(watch: () => Promise<T>): Promise<T> => {
  const watched = last.then(watch);
  last = watched.catch(() => {});
  return watched;
};

/** On a thread that has started; what begins it, and settles when it is over. */
const attackApart = async (order: AttackOrder): Promise<() => Promise<unknown>> => {
  const worker = new Worker(new URL("attacker.ts", import.meta.url), { workerData: order });
  await once(worker, "message");
  return () => {
    worker.postMessage("begin");
    return once(worker, "exit");
  };
};

/** The attack alone, for what it costs; then beside another client, for what that suffers. */
export const attackOn = async (layer: PlainLayer, attack: Attack): Promise<Row> => {
  const server = await startPlainServer(layer, NODE_ARGS);
  const victim = await Victim.connected(server.port);
  try {
    await victim.requests(WARM_UP_REQUESTS);
    const cost = await measured(attack, server);
    const begin = await attackApart({ name: attack.name, port: server.port });
    const [before, during] = await alone(async () => [await victim.p99Ms(), await victim.p99Ms(begin())] as const);
    const row = { ...cost, attack: attack.name, p99Factor: during / before };
    return { ...row, exceeded: exceededBy(row) };
  } finally {
    victim.close();
    await server.stop();
  }
};
