// Values of the tree as the rest of the program reads them.
import type { Step, Value } from "./node.ts";
import { ConfigError, type Place, type Warning } from "./place.ts";
import { jsonOf, type Tree } from "./tree.ts";

/** Where mistakes and warnings go. */
export interface Report {
  mistake(mistake: ConfigError): void;
  warning(warning: Warning): void;
}

/** A value and where it stands, or where it would stand. */
interface Standing {
  readonly tree: Tree | undefined;
  readonly place: Place;
  readonly keyPlace: Place;
}

const step = (from: Standing, to: Step): Standing => {
  const { tree } = from;
  if (tree?.kind === "map") {
    const entry = tree.entries.get(String(to));
    if (entry) return { tree: entry.tree, place: entry.tree.place, keyPlace: entry.keyPlace };
  } else if (tree?.kind === "list") {
    const item = tree.items[Number(to)];
    if (item) return { tree: item, place: item.place, keyPlace: item.place };
  }
  // What is absent stands where the map that lacks it is named.
  return { tree: undefined, place: tree ? from.keyPlace : from.place, keyPlace: from.keyPlace };
};

const read = <Type extends string | number | boolean>(tree: Tree | undefined, is: (value: unknown) => value is Type): Type | undefined =>
  tree?.kind === "scalar" && is(tree.value) ? tree.value : undefined;

const isString = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

const valueAt = (standing: Standing, report: Report): Value => {
  const { tree, place, keyPlace } = standing;
  // A map is told of where it is named: its own place is that of its first key.
  const told = tree?.kind === "map" ? keyPlace : place;
  const below = (to: Step): Value => valueAt(step(standing, to), report);
  return {
    present: tree !== undefined,
    place,
    keyPlace,
    at: (...path) => valueAt(path.reduce(step, standing), report),
    string: () => read(tree, isString),
    number: () => read(tree, isNumber),
    boolean: () => read(tree, isBoolean),
    items: () => (tree?.kind === "list" ? tree.items.map((_, index) => below(index)) : []),
    strings: () => (tree?.kind === "list" ? tree.items.flatMap((item) => read(item, isString) ?? []) : []),
    entries: () => (tree?.kind === "map" ? [...tree.entries.keys()].map((name) => [name, below(name)] as const) : []),
    json: () => (tree ? jsonOf(tree) : undefined),
    refuse: (message) => report.mistake(new ConfigError(told, message)),
    warn: (message) => report.warning({ place: told, message }),
  };
};

/** A tree as a value; `keyPlace` is where its name stands. */
export const rootValue = (tree: Tree | undefined, keyPlace: Place, report: Report): Value =>
  valueAt({ tree, place: tree?.place ?? keyPlace, keyPlace }, report);
