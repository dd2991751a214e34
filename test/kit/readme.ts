// READMEs that are run: a block marked `console` holds commands after `$ ` and below each what it prints. A README that is run cannot
// go stale.
import { run } from "./processes.ts";

/** A command of a README. */
export interface Documented {
  /** Of the command, from 1. */
  readonly line: number;
  readonly command: string;
  /** What its standard output is said to be. */
  readonly expected: string;
}

/** All commands of a README, in order. */
export const parseReadme = (text: string): Documented[] => {
  const found: { line: number; command: string; expected: string[] }[] = [];
  let inside = false;
  for (const [at, line] of text.split("\n").entries()) {
    if (line.startsWith("```")) inside = line === "```console";
    else if (inside && line.startsWith("$ ")) found.push({ line: at + 1, command: line.slice(2), expected: [] });
    else if (inside) found.at(-1)?.expected.push(line);
  }
  return found.map(({ line, command, expected }) => ({ line, command, expected: expected.join("\n") }));
};

/** Where and how to run them. */
export interface Place {
  readonly directory: string;
  /** Put before PATH. */
  readonly tools: string;
  /** Text in commands → what stands for it in this run. */
  readonly replace: ReadonlyMap<string, string>;
}

/** Blanks at line ends cannot be seen in a README, so they do not count. */
const shown = (text: string): string => text.trimEnd().replace(/[ \t]+$/gm, "");

/** Replaces every key of the map by its value. */
export const replaceAll = (text: string, replace: ReadonlyMap<string, string>): string => {
  let result = text;
  for (const [from, to] of replace) result = result.replaceAll(from, to);
  return result;
};

/** Runs a command; undefined when it printed what the README says, else both. */
export const runDocumented = async ({ line, command, expected }: Documented, place: Place): Promise<string | undefined> => {
  const environment = { PATH: `${place.tools}:${process.env["PATH"] ?? ""}` };
  const script = replaceAll(command, place.replace);
  const { stdout, stderr } = await run("bash", { args: ["-c", script], directory: place.directory, environment });
  const printed = shown(stdout.toString());
  if (printed === shown(expected)) return undefined;
  return `line ${line}: ${script}\nprinted\n${printed}\nthe README says\n${shown(expected)}\nand on standard error\n${stderr}`;
};
