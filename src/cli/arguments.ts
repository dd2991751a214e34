// The words of the command line to what a command takes: `--long value`, `--long=value`, `-s value`, `-svalue`, joined short flags.
import { nearest } from "../config/nearest.ts";
import { type Command, type Flag, type Given, UsageError } from "./command.ts";

const known = (command: Command): string =>
  command.flags.map(({ long, short }) => (short === undefined ? `--${long}` : `-${short}, --${long}`)).join("; ") || "none";

class Arguments {
  readonly #command: Command;
  readonly #words: string[];
  readonly #flags = new Map<string, string[]>();
  readonly #positionals: string[] = [];

  constructor(command: Command, words: readonly string[]) {
    this.#command = command;
    this.#words = [...words];
  }

  parse(): Given {
    for (let word = this.#words.shift(); word !== undefined; word = this.#words.shift()) {
      if (word === "--") this.#positionals.push(...this.#words.splice(0));
      else if (word.startsWith("--")) this.#long(word.slice(2));
      else if (word.startsWith("-") && word.length > 1) this.#short(word.slice(1));
      else this.#positionals.push(word);
    }
    if (this.#positionals.length > 0 && this.#command.operands === undefined) {
      throw new UsageError(`${this.#command.name} takes no operands; found '${this.#positionals[0]}'`);
    }
    return { flags: this.#flags, positionals: this.#positionals };
  }

  #long(word: string): void {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const flag = this.#command.flags.find(({ long }) => long === name);
    if (flag === undefined) this.#unknown(`--${name}`);
    this.#take(flag, equals < 0 ? undefined : word.slice(equals + 1));
  }

  #short(word: string): void {
    const name = word.slice(0, 1);
    const flag = this.#command.flags.find(({ short }) => short === name);
    if (flag === undefined) this.#unknown(`-${name}`);
    const rest = word.slice(1);
    const takesValue = flag.value !== undefined;
    this.#take(flag, takesValue && rest !== "" ? rest.replace(/^=/, "") : undefined);
    if (!takesValue && rest !== "") this.#short(rest);
  }

  #take(flag: Flag, attached: string | undefined): void {
    if (flag.value === undefined && attached !== undefined) throw new UsageError(`--${flag.long} takes no value; found '${attached}'`);
    const value = flag.value === undefined ? "true" : (attached ?? this.#words.shift());
    if (value === undefined) throw new UsageError(`--${flag.long} wants ${flag.value}; found nothing behind it`);
    const values = this.#flags.get(flag.long);
    if (values && flag.repeated) values.push(value);
    else this.#flags.set(flag.long, [value]);
  }

  #unknown(found: string): never {
    const names = this.#command.flags.flatMap(({ long, short }) => (short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`]));
    const near = nearest(found, names);
    const hint = near === undefined ? "" : `; did you mean '${near}'?`;
    throw new UsageError(`found '${found}', ${this.#command.name} has no such flag${hint}; allowed: ${known(this.#command)}`);
  }
}

/** What was given to a command. Throws a UsageError that says what was found and what is allowed. */
export const parseArguments = (command: Command, words: readonly string[]): Given => new Arguments(command, words).parse();
