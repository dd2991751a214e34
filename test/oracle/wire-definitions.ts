// Apache Kafka's own definitions of its messages, as they lie in its client's jar, and how a table of ours differs from one of them.
import type { Field, Fields, Type } from "../../src/kafka/wire/type.ts";
import { zipEntries } from "../kit/zip.ts";

export interface FieldDefinition {
  name: string;
  type: string;
  versions: string;
  nullableVersions?: string;
  tag?: number;
  taggedVersions?: string;
  default?: unknown;
  fields?: FieldDefinition[];
}
export interface StructDefinition {
  readonly name: string;
  readonly versions: string;
  readonly fields: FieldDefinition[];
}
export interface Definition {
  readonly apiKey?: number;
  readonly type: string;
  readonly name: string;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly fields: FieldDefinition[];
  readonly commonStructs?: readonly StructDefinition[];
}

/** Comments run from `//` to the end of the line, outside of texts. */
const withoutComments = (json: string): string =>
  json.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*/g, (found) => (found[0] === '"' ? found : ""));

/** By name: `FetchRequest`. */
export const definitionsIn = (jar: Buffer): ReadonlyMap<string, Definition> => {
  const definitions = new Map<string, Definition>();
  for (const [path, content] of zipEntries(jar)) {
    if (!/^common\/message\/\w+\.json$/.test(path)) continue;
    const definition: Definition = JSON.parse(withoutComments(content().toString("utf8")));
    definitions.set(definition.name, definition);
  }
  return definitions;
};

/** From and to, both included. */
export type Range = readonly [from: number, to: number];
export const NEVER: Range = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

export const rangeOf = (text: string): Range => {
  if (text === "none") return NEVER;
  const [from = "", to = from] = text.split("-");
  return from.endsWith("+") ? [Number(from.slice(0, -1)), Number.POSITIVE_INFINITY] : [Number(from), Number(to)];
};

/** What is in both; NEVER when nothing is. */
export const both = ([a, b]: Range, [c, d]: Range): Range => {
  const [from, to] = [Math.max(a, c), Math.min(b, d)];
  return from > to ? NEVER : [from, to];
};
const same = (a: Range, b: Range): boolean => a[0] === b[0] && a[1] === b[1];

interface Place {
  readonly path: string;
  /** The versions at which this struct is met at all. */
  readonly range: Range;
  readonly common: readonly StructDefinition[];
  /** Whether the struct is left out where all is default: then each default can be seen. */
  readonly inTag: boolean;
}

const camel = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;

const asField = (of: Type<unknown> | Field<unknown>): Field<unknown> =>
  "type" in of ? of : { type: of, from: 0, to: Number.POSITIVE_INFINITY, fallback: of.empty };

/** What differs between a struct's fields and its definition; empty when nothing does. */
export const differences = (wanted: readonly FieldDefinition[], found: Fields | undefined, place: Place): readonly string[] => {
  const here = wanted.filter(({ versions }) => !same(both(rangeOf(versions), place.range), NEVER));
  const [names, ours] = [here.map(({ name }) => camel(name)), Object.keys(found ?? {})];
  if (names.join() !== ours.join()) return [`${place.path}: the fields are ${names.join()}, the table has ${ours.join()}`];
  return here.flatMap((definition) => {
    const field = found?.[camel(definition.name)];
    return field === undefined ? [] : fieldDifferences(definition, asField(field), place);
  });
};

const fieldDifferences = (wanted: FieldDefinition, field: Field<unknown>, place: Place): readonly string[] => {
  const { type, from, to, tag } = field;
  const path = `${place.path}.${camel(wanted.name)}`;
  const range = both(rangeOf(wanted.versions), place.range);
  const told: string[] = [];
  const check = (what: string, { theirs, ours }: { readonly theirs: unknown; readonly ours: unknown }): void => {
    if (theirs !== ours) told.push(`${path}: ${what} is ${theirs}, the table has ${ours}`);
  };
  check("its type", { theirs: wanted.type, ours: type.name });
  check("its versions", { theirs: range.join(), ours: both([from, to], place.range).join() });
  check("it may be null", { theirs: nullsOf(wanted, range).join(), ours: both([type.nullableFrom ?? Infinity, Infinity], range).join() });
  check("its tag", { theirs: wanted.tag, ours: tag });
  if (wanted.tag !== undefined)
    check("it is tagged", { theirs: both(rangeOf(wanted.taggedVersions ?? "none"), range).join(), ours: range.join() });
  const fields = wanted.fields ?? place.common.find(({ name }) => name === wanted.type.replace("[]", ""))?.fields;
  const isStruct = fields !== undefined && !wanted.type.startsWith("[]");
  if (place.inTag || wanted.tag !== undefined || !same(range, place.range))
    if (!isStruct || defaultOf(wanted) === null) check("its default", { theirs: shown(defaultOf(wanted)), ours: shown(field.fallback) });
  if (fields === undefined) return type.fields === undefined ? told : [...told, `${path}: it is no struct`];
  const inTag = isStruct && (place.inTag || wanted.tag !== undefined);
  return [...told, ...differences(fields, type.fields, { ...place, path, range, inTag })];
};

const nullsOf = ({ nullableVersions = "none" }: FieldDefinition, range: Range): Range => both(rangeOf(nullableVersions), range);

/** Whether the definition's default can be told from the bytes or from what is read. */
export const defaultOf = ({ type, default: stated }: FieldDefinition): unknown => {
  if (stated === "null" || stated === null) return null;
  if (type.startsWith("[]")) return [];
  if (type === "string") return stated ?? "";
  if (type === "bool") return String(stated) === "true";
  if (type === "uuid") return "00000000-0000-0000-0000-000000000000";
  if (type === "bytes" || type === "records") return [];
  return /^[A-Z]/.test(type) ? "a struct" : Number(stated ?? 0);
};
const shown = (value: unknown): string => (value instanceof Uint8Array ? "[]" : JSON.stringify(value));
