// Where something stands in the user's file, and the mistakes and warnings that point there. Apart from the rest of config because
// everything above may throw or catch a ConfigError.

/** A place in a file as the user wrote it. Lines and columns count from 1; columns are UTF-16 units, as editors count. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `zilla.yaml:12:7`. */
export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;

/** The order of the file. */
export const byPlace = (a: { readonly place: Place }, b: { readonly place: Place }): number =>
  a.place.line - b.place.line || a.place.column - b.place.column;

/** A mistake in a configuration: what was found at a place and what is allowed there, lower case, without a full stop. */
export class ConfigError extends Error {
  readonly place: Place;

  constructor(place: Place, message: string) {
    super(message);
    this.name = "ConfigError";
    this.place = place;
  }

  /** `zilla.yaml:12:7: found 'exti', no such key here`. */
  override toString(): string {
    return `${placeText(this.place)}: ${this.message}`;
  }
}

/** All mistakes of a configuration, in the order of the file. */
export class ConfigErrors extends Error {
  readonly mistakes: readonly ConfigError[];

  constructor(mistakes: readonly ConfigError[]) {
    super(mistakes.map(String).join("\n"));
    this.name = "ConfigErrors";
    this.mistakes = mistakes;
  }
}

/** Something that works, but that the user should know: an older key, a key without effect, a feature that is not built. */
export interface Warning {
  readonly place: Place;
  readonly message: string;
}

/** `zilla.yaml:12:7: warning: …`. */
export const warningText = ({ place, message }: Warning): string => `${placeText(place)}: warning: ${message}`;
