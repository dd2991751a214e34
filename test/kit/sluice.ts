// The program itself as a user starts it: a process of its own, given a configuration, waited for by its ready file.
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { start, stop } from "./processes.ts";

export const SLUICE = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
const READY_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 20;

export interface SluiceOptions {
  /** The zilla.yaml. */
  readonly config: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The engine directory; a new one without it. */
  readonly engine?: string;
  /** Default `start`. */
  readonly command?: "start" | "dev";
  /** How many processes serve; `default`: nothing is said. Without it one, or SLUICE_WORKERS. */
  readonly workers?: number | "default";
  /** More arguments of the command. */
  readonly args?: readonly string[];
  /** Flags of Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** A running one. */
export interface Sluice {
  readonly pid: number;
  /** What it wrote to standard error so far. */
  log(): string;
  /** What it wrote to standard output so far. */
  output(): string;
  /** SIGTERM; resolves with the exit status when it has drained. */
  stop(graceMs?: number): Promise<number | null>;
  /** SIGKILL, to the processes that serve for it too. */
  kill(): Promise<void>;
  /** Microseconds of processor time it has taken so far, in user and system mode. */
  cpuMicros(): number;
}

/** Linux counts processor time in ticks of a hundredth of a second (USER_HZ). */
const TICK_MICROS = 10_000;
/** Fields of proc(5) `stat`, counted after the name in brackets, which may hold blanks. */
const UTIME = 11;
const STIME = 12;
export const cpuMicrosOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[UTIME]) + Number(fields[STIME])) * TICK_MICROS;
};

const collect = (child: ChildProcess, name: "stdout" | "stderr"): (() => string) => {
  let text = "";
  child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
};

const becomeReady = (child: ChildProcess, ready: string, log: () => string): Promise<void> =>
  new Promise((resolve, reject) => {
    const until = performance.now() + READY_TIMEOUT_MS;
    const look = setInterval(() => {
      const ended = child.exitCode !== null || child.signalCode !== null;
      const isReady = existsSync(ready);
      if (!isReady && !ended && performance.now() < until) return;
      clearInterval(look);
      if (isReady && !ended) resolve();
      else reject(new Error(`sluice ${ended ? `ended with ${child.exitCode ?? child.signalCode}` : "was not ready in time"}\n${log()}`));
    }, LOOK_EVERY_MS);
  });

const workersOf = (workers: number | "default"): readonly string[] => (workers === "default" ? [] : ["-w", String(workers)]);

/** The processes that serve for it, as its log tells them: the last of each number. */
const workersIn = (log: string): Iterable<number> =>
  new Map([...log.matchAll(/worker started pid=(\d+) worker=(\d+)/g)].map(([, pid, worker]) => [worker, Number(pid)] as const)).values();
const killed = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
};

/** Starts it; resolves when it is ready, rejects with what it said when it does not get there. */
export const startSluice = async ({
  config,
  command = "start",
  environment = {},
  args = [],
  nodeArgs = [],
  workers = Number(process.env["SLUICE_WORKERS"] ?? 1),
  ...options
}: SluiceOptions): Promise<Sluice> => {
  const engine = options.engine ?? mkdtempSync(join(tmpdir(), "sluice-engine-"));
  const remove = (): void => rmSync(engine, { recursive: true, force: true });
  const argv = [...nodeArgs, SLUICE, command, "-c", config, "-P", `zilla.engine.directory=${engine}`, ...workersOf(workers), ...args];
  const env = { ...process.env, ...environment };
  const child = start(process.execPath, argv, { cwd: dirname(config), env, stdio: ["ignore", "pipe", "pipe"] });
  const [log, output] = [collect(child, "stderr"), collect(child, "stdout")];
  try {
    await becomeReady(child, join(engine, "ready"), log);
  } catch (reason) {
    child.kill("SIGKILL");
    remove();
    throw reason;
  }
  const pid = child.pid ?? 0;
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    for (const worker of workersIn(log())) killed(worker);
    await stop(child);
    remove();
  };
  return { pid, log, output, stop: (graceMs = 45_000) => stop(child, graceMs).finally(remove), kill, cpuMicros: () => cpuMicrosOf(pid) };
};
