// The way in from the command line: finds the command, hands it what was given, and ends the process with its status.
import { parseArguments } from "./arguments.ts";
import { type Command, type Io, UsageError } from "./command.ts";
import { commandHelp, commandOf, generalHelp, helpFor } from "./help.ts";
import { endProcess, processIo } from "./process-io.ts";
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

/** For bin/sluice.js: runs and ends the process. */
export const main = async (words: readonly string[]): Promise<void> => endProcess(await run(words, processIo()));
