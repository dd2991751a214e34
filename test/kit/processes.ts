// Programs that tests run beside themselves. Each is ended by its own process object, never by name, and none outlives the test
// process that started it.
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** What a program that has ended left. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** How to run a program. */
export interface RunOptions {
  readonly args: readonly string[];
  readonly input?: string | Uint8Array;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** After this it is killed, and the outcome has a signal. Default 60 s. */
  readonly timeoutMs?: number;
}

/** Whether a program of that name is on the path. */
export const isInstalled = (program: string): boolean =>
  spawnSync("sh", ["-c", 'command -v "$0"', program], { stdio: "ignore" }).status === 0;

const running = new Set<ChildProcess>();
let guarded = false;
const killAll = (): void => {
  for (const child of running) child.kill("SIGKILL");
};

/** Ends `child` with this process, however that ends, short of a SIGKILL. */
export const endWithUs = (child: ChildProcess): void => {
  running.add(child);
  child.once("exit", () => running.delete(child));
  if (guarded) return;
  guarded = true;
  process.once("exit", killAll);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.once(signal, () => {
      killAll();
      process.kill(process.pid, signal);
    });
  }
};

/** Starts a program that goes on; `endWithUs` is done already. */
export const start = (program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess => {
  const child = spawn(program, args, options);
  endWithUs(child);
  return child;
};

/** Runs a program to its end; rejects only when it cannot be started. */
export const run = async (program: string, options: RunOptions): Promise<Outcome> => {
  const { args, input, directory, environment, timeoutMs = 60_000 } = options;
  const env = { ...process.env, ...environment };
  const child = start(program, args, { cwd: directory, env, stdio: ["pipe", "pipe", "pipe"], timeout: timeoutMs, killSignal: "SIGKILL" });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin?.on("error", () => {}); // A program may end without reading its input.
  child.stdin?.end(input);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null]; // The event's documented arguments.
  return { code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
};

/** Runs a program that must end with 0; its output, or an error with all it said. */
export const runOrFail = async (program: string, options: RunOptions): Promise<Buffer> => {
  const { code, signal, stdout, stderr } = await run(program, options);
  if (code === 0) return stdout;
  throw new Error(`${program} ${options.args.join(" ")} ended with ${signal ?? code}\n${stderr}${stdout.toString()}`);
};

/** Asks a program to end, and kills it when it has not after `graceMs`. Resolves with its exit code, or null after a signal. */
export const stop = async (child: ChildProcess, graceMs = 15_000): Promise<number | null> => {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await ended;
  clearTimeout(timer);
  return child.exitCode;
};
