// `sluice help [command]`: what there is, from the same tables that parse it.

import { nearest } from "../config/nearest.ts";
import { type Command, type Flag, UsageError } from "./command.ts";

const flagName = ({ long, short, value }: Flag): string =>
  `${short === undefined ? "    " : `-${short}, `}--${long}${value === undefined ? "" : ` ${value}`}`;

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join("");
};

export const commandHelp = (command: Command): string => {
  const operands = command.operands === undefined ? "" : ` ${command.operands}`;
  const flags = command.flags.length === 0 ? "" : `\n${table(command.flags.map((flag) => [flagName(flag), flag.help]))}`;
  return `sluice ${command.name}${command.flags.length > 0 ? " [FLAG …]" : ""}${operands}: ${command.summary}\n${flags}`;
};

export const generalHelp = (commands: readonly Command[]): string =>
  `sluice: gRPC calls through Kafka and back\n\n${table(commands.map(({ name, summary }) => [name, summary]))}\nsluice help COMMAND tells its flags.\n`;

/** The command of that name; throws a UsageError with the nearest one. */
export const commandOf = (commands: readonly Command[], name: string): Command => {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  const near = nearest(name, names);
  throw new UsageError(
    `found '${name}', no such command${near === undefined ? "" : `; did you mean '${near}'?`} allowed: ${names.join(", ")}`,
  );
};

export const helpFor = (commands: readonly Command[]): Command => ({
  name: "help",
  summary: "tell the commands, or the flags of one",
  operands: "[COMMAND]",
  flags: [],
  run: async ({ positionals: [name] }, io) => {
    io.out(name === undefined ? generalHelp(commands) : commandHelp(commandOf(commands, name)));
    return 0;
  },
});
