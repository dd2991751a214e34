// The way in from the command line: finds the command, hands it what was given, and ends the process with its status.
import { parseArguments } from "./arguments.ts";
import { type Command, type Io, UsageError } from "./command.ts";
import { commandHelp, commandOf, generalHelp, helpFor } from "./help.ts";
import { version } from "./version.ts";

/** Each is loaded when it is wanted: a broker needs nothing of the proxy, and starts sooner and smaller without. */
const LOADED: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./start.ts")).start,
  dev: async () => (await import("./dev.ts")).dev,
  broker: async () => (await import("./broker.ts")).broker,
  stop: async () => (await import("./stop.ts")).stop,
  metrics: async () => (await import("./metrics.ts")).metrics,
  check: async () => (await import("./check.ts")).check,
  schema: async () => (await import("./schema.ts")).schema,
  version: async () => version,
};

/** All of them, in that order. */
const allCommands = async (): Promise<readonly Command[]> => {
  const commands = await Promise.all(Object.values(LOADED).map((load) => load()));
  return [...commands, helpFor(commands)];
};

/** Throws a UsageError with the nearest one. */
const commandFor = async (name: string): Promise<Command> => {
  const load = Object.hasOwn(LOADED, name) ? LOADED[name] : undefined;
  return load ? load() : commandOf(await allCommands(), name);
};

const ASKS_HELP: readonly string[] = ["-h", "--help"];
const ASKS_VERSION: readonly string[] = ["-V", "--version"];

/** The exit status of a command line: 2 when it cannot be understood. */
export const run = async (words: readonly string[], io: Io): Promise<number> => {
  const [name, ...rest] = words;
  try {
    if (name === undefined || ASKS_HELP.includes(name)) {
      io.out(generalHelp(await allCommands()));
      return 0;
    }
    if (ASKS_VERSION.includes(name)) return await version.run({ flags: new Map(), positionals: [] }, io);
    const command = await commandFor(name);
    if (rest.some((word) => ASKS_HELP.includes(word))) {
      io.out(commandHelp(command));
      return 0;
    }
    return await command.run(parseArguments(command, rest), io);
  } catch (reason) {
    if (!(reason instanceof UsageError)) throw reason;
    io.err(`${reason.message}\n`);
    return 2;
  }
};

/** How long what is written may take to get out once the command is done; then the process ends, whatever is still open. */
const FLUSH_MS = 1_000;

/** Whoever reads what is written may leave (`sluice schema | head`): the rest is for nobody, and nothing that runs ends by it. */
const outliveReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
};

/** For bin/sluice.js: runs and ends the process. */
export const main = async (words: readonly string[]): Promise<void> => {
  outliveReaders();
  const io: Io = {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    directory: process.cwd(),
  };
  process.exitCode = await run(words, io);
  setTimeout(() => process.exit(), FLUSH_MS).unref();
};
