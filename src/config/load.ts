// From a file to its graph, or to everything that is wrong with it: read, check the frame, check each entity by the schema of its
// own type, resolve the references, and let each type say what a schema cannot.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { frameSchema } from "./base.ts";
import { type Choice, choose } from "./choose.ts";
import { readDocuments, type Source } from "./document.ts";
import { type Environment, holdsUnset } from "./expression.ts";
import { type Draft, type Graph, graphOf, type NamespaceDraft, SECTIONS, type Section } from "./graph.ts";
import type { BindingNode } from "./node.ts";
import type { OlderKey, Parts } from "./part.ts";
import { byPlace, ConfigError, type Place, type Warning } from "./place.ts";
import { type Entry, type MapTree, type Tree, treeAt } from "./tree.ts";
import { type Validated, validate } from "./validate.ts";
import type { Report } from "./value.ts";

/** What came of a file. `graph` is there if and only if there are no mistakes. */
export interface Loaded {
  readonly graph?: Graph;
  readonly mistakes: readonly ConfigError[];
  readonly warnings: readonly Warning[];
}

/** The text of a file; undefined where there is none. */
const textOf = (file: string, path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch (reason) {
    if (reason instanceof Error && "code" in reason && reason.code === "ENOENT") return undefined;
    throw new ConfigError({ file, line: 1, column: 1 }, `cannot be read: ${reason instanceof Error ? reason.message : String(reason)}`);
  }
};

/**
 * The text of a file, named from a folder. Without it the older name is tried, `.json` for `.yaml` (JSON is YAML too); a file that is not
 * there counts as empty, as with the original.
 */
export const readSource = (file: string, from = "."): Source => {
  if (/^https?:/.test(file))
    throw new ConfigError({ file, line: 1, column: 1 }, "cannot be read: only files are, nothing over the network");
  const path = resolve(from, file);
  const directory = dirname(path);
  const text = textOf(file, path);
  if (text !== undefined) return { file, directory, text };
  const older = file.endsWith(".yaml") ? textOf(file, path.replace(/yaml$/, "json")) : undefined;
  if (older === undefined) return { file, directory, text: "", note: "there is no such file, so nothing is configured" };
  return { file: file.replace(/yaml$/, "json"), directory, text: older, note: `this is an older name; call the file '${file}'` };
};

/** The same, of a file that somebody asked for by name: then it has to be there. */
export const readNamedSource = (file: string, from = "."): Source => {
  const source = readSource(file, from);
  if (source.text === "" && textOf(file, resolve(from, file)) === undefined)
    throw new ConfigError({ file, line: 1, column: 1 }, "cannot be read: there is no such file");
  return source;
};

/** The namespace of an empty file. */
const DEFAULT_NAMESPACE = "default";

export const load = (source: Source, parts: Parts, environment?: Environment): Loaded => {
  const loading = new Loading(parts);
  const read = readDocuments(source, environment);
  loading.mistakes.push(...read.mistakes);
  loading.warnings.push(...read.warnings);
  const namespaces = read.documents.flatMap((tree) => loading.namespace(tree, read.start));
  loading.namesOnce(namespaces);
  if (read.documents.length === 0 && read.mistakes.length === 0) namespaces.push(emptyNamespace(read.start));
  const { nodes, ...graph } = graphOf(namespaces, {
    file: source.file,
    directory: source.directory,
    report: (draft) => loading.report(draft),
    refuse: (draft, place, message) => loading.report(draft).mistake(new ConfigError(place, message)),
  });
  loading.parse(nodes);
  const mistakes = loading.mistakes.toSorted(byPlace);
  const warnings = loading.warnings.toSorted(byPlace);
  return mistakes.length > 0 ? { mistakes, warnings } : { graph, mistakes, warnings };
};

const emptyNamespace = (place: Place): NamespaceDraft => ({
  name: DEFAULT_NAMESPACE,
  place,
  tree: { kind: "map", place, entries: new Map() },
  drafts: [],
  whole: true,
});

class Loading {
  readonly #parts: Parts;
  readonly #faulty = new Set<Draft>();
  readonly #readers = new Map<Draft, NonNullable<Choice["parse"]>>();
  readonly mistakes: ConfigError[] = [];
  readonly warnings: Warning[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  report(draft?: Draft): Report {
    return {
      mistake: (mistake) => {
        if (draft) this.#faulty.add(draft);
        if (!holdsUnset(mistake.message)) this.mistakes.push(mistake);
      },
      warning: (warning) => this.warnings.push(warning),
    };
  }

  /** A document as a namespace; none where it has no name to call it by. */
  namespace(document: Tree, start: Place): readonly NamespaceDraft[] {
    const { tree, mistakes } = this.#keep(validate(document, document.place ?? start, frameSchema(this.#parts)));
    const name = treeAt(tree, ["name"]);
    if (tree.kind !== "map" || name?.kind !== "scalar" || typeof name.value !== "string") return [];
    const namespace = name.value;
    const drafts = SECTIONS.flatMap((section) =>
      entriesOf(tree, section).map(([key, entry]) =>
        this.#draft({ section, namespace, name: key, tree: entry.tree, keyPlace: entry.keyPlace, leads: false, served: true }),
      ),
    );
    return [{ name: namespace, place: name.place, tree, drafts, whole: mistakes.length === 0 }];
  }

  namesOnce(namespaces: readonly NamespaceDraft[]): void {
    const seen = new Set<string>();
    for (const { name, place } of namespaces) {
      if (seen.has(name)) this.mistakes.push(new ConfigError(place, `the namespace '${name}' stands twice in this file; allowed: once`));
      seen.add(name);
    }
  }

  /** What no schema can say, asked only where everything else is right. */
  parse(nodes: ReadonlyMap<Draft, BindingNode>): void {
    for (const [draft, node] of nodes) if (!this.#faulty.has(draft)) this.#readers.get(draft)?.(node);
  }

  #keep(validated: Validated): Validated {
    this.mistakes.push(...validated.mistakes);
    this.warnings.push(...validated.warnings);
    return validated;
  }

  #draft(draft: Draft): Draft {
    const choice = choose(draft, this.#parts);
    if (choice instanceof ConfigError) {
      if (!holdsUnset(choice.message)) this.mistakes.push(choice);
      this.#faulty.add(draft);
      return draft;
    }
    const checked = validate(draft.tree, draft.keyPlace, choice.schema);
    const telemetry = this.#telemetry(draft, checked.tree);
    this.#keep(checked);
    for (const older of choice.older ?? []) this.warnings.push(...olderKeys(checked.tree, older));
    const made: Draft = {
      ...draft,
      tree: checked.tree,
      leads: choice.leads && checked.mistakes.length === 0,
      served: choice.served ?? true,
    };
    if (checked.mistakes.length > 0 || !telemetry) this.#faulty.add(made);
    if (choice.parse) this.#readers.set(made, choice.parse);
    return made;
  }

  /** False: `telemetry` of a binding is wrong. */
  #telemetry({ section, keyPlace }: Draft, tree: Tree): boolean {
    const entry = section === "bindings" && tree.kind === "map" ? tree.entries.get("telemetry") : undefined;
    return !entry || this.#keep(validate(entry.tree, entry.keyPlace ?? keyPlace, this.#parts.telemetry.binding)).mistakes.length === 0;
  }
}

const entriesOf = (tree: MapTree, section: Section): readonly (readonly [string, Entry])[] => {
  const of = treeAt(tree, section === "exporters" ? ["telemetry", section] : [section]);
  return of?.kind === "map" ? [...of.entries].filter(([, entry]) => entry.tree.kind === "map") : [];
};

const olderKeys = (tree: Tree, { path, instead }: OlderKey): readonly Warning[] => {
  const key = path.at(-1)!; // No older key has an empty path.
  return matching(tree, path.slice(0, -1)).flatMap((parent) => {
    const entry = parent.kind === "map" ? parent.entries.get(key) : undefined;
    return entry ? [{ place: entry.keyPlace, message: `'${key}' is an older spelling; ${instead}` }] : [];
  });
};

const matching = (tree: Tree, [step, ...rest]: readonly string[]): readonly Tree[] => {
  if (step === undefined) return [tree];
  if (tree.kind === "list") return step === "*" ? tree.items.flatMap((item) => matching(item, rest)) : [];
  if (tree.kind === "scalar") return [];
  if (step === "*") return [...tree.entries.values()].flatMap((entry) => matching(entry.tree, rest));
  const entry = tree.entries.get(step);
  return entry ? matching(entry.tree, rest) : [];
};
