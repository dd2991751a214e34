// What a command of the command line is: a name, its flags, and a function from what was given to an exit status.

/** Everything a command may touch of the process, so that a test can be the process. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

export interface Flag {
  /** Without dashes: `config`. */
  readonly long: string;
  readonly short?: string;
  /** What its value is called in the help; absent: it takes none. */
  readonly value?: string;
  readonly repeated?: boolean;
  readonly help: string;
}

/** Values by long name; a flag without a value is "true". */
export interface Given {
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** What its operands are called in the help; absent: it takes none. */
  readonly operands?: string;
  /** The exit status. */
  run(given: Given, io: Io): Promise<number>;
}

/** The last value of a flag. */
export const flagOf = ({ flags }: Given, long: string): string | undefined => flags.get(long)?.at(-1);
export const flagsOf = ({ flags }: Given, long: string): readonly string[] => flags.get(long) ?? [];

/** The command line cannot be understood: exit status 2. */
export class UsageError extends Error {}
