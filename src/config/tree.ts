// The content of a document as plain values with places: no aliases, no merges, no YAML left. What is refused here is refused for its
// size, not its meaning.
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import { ConfigError, type Place } from "./place.ts";

export type Plain = string | number | boolean | null;

export interface ScalarTree {
  readonly kind: "scalar";
  readonly place: Place;
  readonly value: Plain;
  /** As it was written (`0123` of the number 123), for a plain scalar that came out of an expression. */
  readonly source?: string;
}
export interface MapTree {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}
export interface Entry {
  readonly keyPlace: Place;
  readonly tree: Tree;
}
export interface ListTree {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly Tree[];
}
export type Tree = ScalarTree | MapTree | ListTree;

/** Deeper nesting is refused: nothing in a configuration needs a tenth of it. */
export const DEPTH_MAX = 64;
/** More values are refused, those that aliases repeat counted each time. */
export const VALUES_MAX = 100_000;

/** Thrown out of the walk: it goes no further. */
class TooMuch extends ConfigError {}

/** What is known of offsets: their places in the file, and whether a stretch came out of an expression. */
export interface Origin {
  place(offset: number): Place;
  computed(start: number, end: number): boolean;
}

class Walk {
  readonly #document: Document;
  readonly #origin: Origin;
  /** Finding an anchor costs the library a walk over the document. */
  readonly #anchors = new Map<Alias, Node>();
  #values = 0;

  constructor(document: Document, origin: Origin) {
    this.#document = document;
    this.#origin = origin;
  }

  /** `at` is where a value that is not written at all is looked for: at its key. */
  tree(node: unknown, at: Place, depth: number): Tree {
    const place = isNode(node) && node.range && !isEmpty(node) ? this.#origin.place(node.range[0]) : at;
    this.#values += 1;
    if (depth > DEPTH_MAX) throw new TooMuch(place, `nested too deeply: more than ${DEPTH_MAX} levels`);
    if (this.#values > VALUES_MAX)
      throw new TooMuch(place, `too many values: more than ${VALUES_MAX}, those that aliases repeat counted each time`);
    if (isAlias(node)) return { ...this.tree(this.#resolved(node, place), place, depth + 1), place };
    if (isMap(node)) return { kind: "map", place, entries: this.#entries(node, place, depth) };
    if (isSeq(node)) return { kind: "list", place, items: node.items.map((item) => this.tree(item, place, depth + 1)) };
    return isScalar(node) ? scalar(node, place, this.#origin) : { kind: "scalar", place, value: null };
  }

  #resolved(alias: Alias, place: Place): Node {
    const target = this.#anchors.get(alias) ?? alias.resolve(this.#document);
    if (target) this.#anchors.set(alias, target);
    else throw new TooMuch(place, `found the alias '*${alias.source}', but nothing above has the anchor '&${alias.source}'`);
    return target;
  }

  #entries(map: YAMLMap, place: Place, depth: number): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    const merged: Entry[] = [];
    for (const pair of map.items) {
      const keyPlace = isNode(pair.key) && pair.key.range ? this.#origin.place(pair.key.range[0]) : place;
      const tree = this.tree(pair.value, keyPlace, depth + 1);
      if (isMerge(pair)) merged.push({ keyPlace, tree });
      else entries.set(keyText(pair.key), { keyPlace, tree });
    }
    for (const { tree } of merged) for (const from of tree.kind === "list" ? tree.items : [tree]) merge(entries, from);
    return entries;
  }
}

const isNode = (value: unknown): value is Node => isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);

const isEmpty = (node: Node): boolean => isScalar(node) && node.type === "PLAIN" && node.source === "";

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value ?? "") : String(key));

/** `<<: *other`: the keys of another map, except those that stand here. */
const isMerge = ({ key, value }: Pair): boolean => isScalar(key) && key.type === "PLAIN" && key.value === "<<" && !isScalar(value);

const merge = (into: Map<string, Entry>, from: Tree): void => {
  if (from.kind !== "map") return;
  for (const [name, entry] of from.entries) if (!into.has(name)) into.set(name, entry);
};

const plainOf = (value: unknown): Plain => {
  if (value === null || value === undefined) return null;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : String(value);
};

const scalar = ({ value, type, source, range }: Scalar, place: Place, origin: Origin): ScalarTree => {
  const computed = type === "PLAIN" && source !== undefined && range && origin.computed(range[0], range[1]);
  return computed ? { kind: "scalar", place, value: plainOf(value), source } : { kind: "scalar", place, value: plainOf(value) };
};

/** The content of a document, or the ConfigError that says why it is too much. */
export const treeOf = (document: Document, origin: Origin): Tree | ConfigError => {
  try {
    return new Walk(document, origin).tree(document.contents, origin.place(document.range?.[0] ?? 0), 0);
  } catch (reason) {
    if (reason instanceof TooMuch) return reason;
    throw reason;
  }
};

/** The value at a path; undefined where there is none. */
export const treeAt = (tree: Tree | undefined, path: readonly (string | number)[]): Tree | undefined => {
  let here = tree;
  for (const step of path) {
    if (here?.kind === "map") here = here.entries.get(String(step))?.tree;
    else if (here?.kind === "list") here = here.items[Number(step)];
    else return undefined;
  }
  return here;
};

/** The same with another plain value at a path that is there. */
export const withPlain = (tree: Tree, path: readonly (string | number)[], value: Plain): Tree => {
  const [step, ...rest] = path;
  if (step === undefined) return { kind: "scalar", place: tree.place, value };
  if (tree.kind === "list")
    return { ...tree, items: tree.items.map((item, index) => (index === Number(step) ? withPlain(item, rest, value) : item)) };
  const entry = tree.kind === "map" ? tree.entries.get(String(step)) : undefined;
  if (tree.kind !== "map" || !entry) return tree;
  return { ...tree, entries: new Map(tree.entries).set(String(step), { ...entry, tree: withPlain(entry.tree, rest, value) }) };
};

/** As JSON: maps as objects without a prototype, so that no key of the file means anything to the language. */
export const jsonOf = (tree: Tree): unknown => {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(jsonOf);
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, entry] of tree.entries) object[name] = jsonOf(entry.tree);
  return object;
};
