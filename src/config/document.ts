// Text to documents: expressions replaced, YAML read, places turned back into those of the file. Apart because only this file and
// tree.ts know that a configuration is YAML.
import { type Document, isScalar, parseAllDocuments, visit, type YAMLError } from "yaml";
import { type Environment, type Expanded, type Expression, expand, unsetIn } from "./expression.ts";
import { ConfigError, type Place, type Warning } from "./place.ts";
import { type Tree, treeOf } from "./tree.ts";

/** A larger file is refused before it is looked at. */
export const TEXT_LENGTH_MAX = 8 * 1024 * 1024;

/** What was read, and from where. `file` is as the user called it: it begins every message. */
export interface Source {
  readonly file: string;
  /** The folder that relative paths in it start from. */
  readonly directory: string;
  readonly text: string;
  /** What is to be said of the file itself. */
  readonly note?: string;
}

export interface Read {
  /** One a document that is not empty. */
  readonly documents: readonly Tree[];
  readonly mistakes: readonly ConfigError[];
  readonly warnings: readonly Warning[];
  /** The text that is there when nothing else has a place. */
  readonly start: Place;
}

/** Line and column of an offset, found by halving. */
const placesOf = (file: string, text: string): ((offset: number) => Place) => {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return { file, line: low, column: offset - starts[low - 1]! + 1 };
  };
};

/** What YAML's errors mean to a reader, where the library's own sentence does not say it. */
const SENTENCES: Partial<Record<YAMLError["code"], string>> = {
  DUPLICATE_KEY: "this key stands twice in one map; allowed: once",
  TAB_AS_INDENT: "found a tab, but indentation needs blanks",
  BAD_ALIAS: "found an alias without a name",
  MULTILINE_IMPLICIT_KEY: "found a key that goes over several lines; is there a ':' missing, or a quote?",
  BLOCK_AS_IMPLICIT_KEY: "found a map or list inside a line that is a value already; is the indentation right?",
  RESOURCE_EXHAUSTION: "nested too deeply",
};

const sentence = ({ code, message }: YAMLError): string => {
  const known = SENTENCES[code];
  if (known) return known;
  if (message.startsWith("Implicit map keys need")) return "found a key without ':' and value";
  const text = message.split("\n")[0]!.replace(/\.$/, "");
  return `not readable as YAML: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
};

const isNothing = (contents: unknown): boolean => contents === null || (isScalar(contents) && contents.value === null);

const tooDeep = (start: Place): Read => ({
  documents: [],
  mistakes: [new ConfigError(start, "nested too deeply")],
  warnings: [],
  start,
});

const parsed = (text: string): readonly Document[] | undefined => {
  try {
    return parseAllDocuments(text, { prettyErrors: false, logLevel: "silent", stringKeys: false });
  } catch (reason) {
    if (reason instanceof RangeError) return undefined; // The stack: the library walks nested values recursively.
    throw reason;
  }
};

/** Reads the documents of a text. Where the YAML itself is at fault no document of the file is returned. */
export const readDocuments = (source: Source, environment?: Environment): Read => {
  const text = source.text.startsWith("\uFEFF") ? source.text.slice(1) : source.text;
  const place = placesOf(source.file, text);
  const start = place(0);
  if (text.length > TEXT_LENGTH_MAX) {
    return { ...tooDeep(start), mistakes: [new ConfigError(start, `the file is larger than ${TEXT_LENGTH_MAX} characters`)] };
  }
  const expanded = expand(text, environment);
  const at = (offset: number): Place => place(expanded.original(offset));
  const documents = parsed(expanded.text);
  if (!documents) return tooDeep(start);
  const mistakes = documents.flatMap(({ errors }) =>
    worthTelling(errors).map((error) => new ConfigError(at(error.pos[0]), sentence(error))),
  );
  const broken = documents.some(({ errors }) => errors.some(({ code }) => code !== "DUPLICATE_KEY"));
  if (broken) return { documents: [], mistakes, warnings: [], start };
  const computed = (from: number, end: number): boolean => expanded.expressions.some(({ to }) => from <= to.start && to.end <= end);
  const trees = documents.filter(({ contents }) => !isNothing(contents)).map((document) => treeOf(document, { place: at, computed }));
  const found = foundIn(documents, expanded);
  mistakes.push(...trees.flatMap((tree) => (tree instanceof ConfigError ? [tree] : [])));
  mistakes.push(...found.unset.map(({ name, from }) => new ConfigError(place(from.start), unsetMessage(name))));
  const warnings = [
    ...(source.note === undefined ? [] : [{ place: start, message: source.note }]),
    ...documents.flatMap((document) => document.warnings.map((warning) => ({ place: at(warning.pos[0]), message: sentence(warning) }))),
    ...found.structure.map(({ name, from }) => ({ place: place(from.start), message: structureMessage(name) })),
  ];
  return { documents: trees.flatMap((tree) => (tree instanceof ConfigError ? [] : [tree])), mistakes, warnings, start };
};

/** After one slip YAML complains of much that follows; only a key that stands twice leaves the rest as it is. */
const worthTelling = (errors: readonly YAMLError[]): readonly YAMLError[] => {
  const slip = errors.find(({ code }) => code !== "DUPLICATE_KEY");
  return errors.filter((error) => error.code === "DUPLICATE_KEY" || error === slip);
};

const unsetMessage = (name: string): string => `the environment variable '${name}' is not set`;
const structureMessage = (name: string): string =>
  `the value of the environment variable '${name}' is more than one YAML value here and was cut or split; put the expression in quotes`;

interface Found {
  /** Expressions in values (not in comments) whose variable is not set. */
  readonly unset: readonly Expression[];
  /** Expressions whose value did not stay inside one scalar. */
  readonly structure: readonly Expression[];
}

/** What plain text needs no quotes for. */
const HARMLESS = /^[\w./:@+=-]*$/;

const foundIn = (documents: readonly Document[], { expressions, text }: Expanded): Found => {
  if (expressions.length === 0) return { unset: [], structure: [] };
  const unset = new Set<number>();
  const suspects = expressions.filter(({ set, to }) => set && !HARMLESS.test(text.slice(to.start, to.end)));
  const whole = new Set<Expression>();
  for (const document of documents) {
    visit(document, {
      Scalar(_, { value, range }) {
        if (typeof value === "string") for (const index of unsetIn(value)) unset.add(index);
        for (const suspect of suspects) if (range && range[0] <= suspect.to.start && suspect.to.end <= range[1]) whole.add(suspect);
      },
    });
  }
  const commented = ({ to }: Expression): boolean => /(^|\s)#/.test(text.slice(text.lastIndexOf("\n", to.start) + 1, to.start));
  return {
    unset: [...unset].sort((a, b) => a - b).flatMap((index) => expressions[index] ?? []),
    structure: suspects.filter((suspect) => !whole.has(suspect) && !commented(suspect)),
  };
};
