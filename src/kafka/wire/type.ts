// The protocol's types as values: each reads and writes one shape at any version, so that an API is described once, in a table, for
// whoever asks and whoever answers. What is sent for every record has codecs of its own (Produce, Fetch); everything else is these.
import { EMPTY } from "../../core/bytes.ts";
import { type Reader, WireError } from "./reader.ts";
import { Writer } from "./writer.ts";

/** One shape on the wire. */
export interface Type<T> {
  /** In the words of the protocol's own definitions: `int32`, `string`, `[]TopicData`; the fields of a struct follow. */
  readonly name: string;
  /** The version from which it may be null; absent: it never is. */
  readonly nullableFrom?: number;
  readonly fields?: Fields;
  /** What it is where nobody says anything: 0, "", none of them; null where it may be null. */
  readonly empty: T;
  /** Throws a WireError. Byte arrays are views. */
  read(from: Reader, version: number): T;
  /** Throws a RangeError where the version has no null and the value is null: that is a bug of the caller. */
  write(to: Writer, value: T, version: number): void;
}

/** A field that only some versions have, or that has a default of its own. */
export interface Field<T> {
  readonly type: Type<T>;
  readonly from: number;
  readonly to: number;
  /** What it is where a version does not have it, or a tagged one is not sent. */
  readonly fallback: T;
  readonly tag?: number;
}

export interface Fields {
  readonly [name: string]: Type<unknown> | Field<unknown>;
}
export type FieldValue<Of> = Of extends Field<infer T> ? T : Of extends Type<infer T> ? T : never;
export type StructValue<Of extends Fields> = { readonly [Name in keyof Of]: FieldValue<Of[Name]> };
/** The value that a type reads and writes. */
export type ValueOf<Of> = Of extends Type<infer T> ? T : never;

const primitive = <T>(name: string, empty: T, codec: Pick<Type<T>, "read" | "write">): Type<T> => ({ name, empty, ...codec });

export const int8 = primitive("int8", 0, { read: (from) => from.int8(), write: (to, value) => void to.int8(value) });
export const int16 = primitive("int16", 0, { read: (from) => from.int16(), write: (to, value) => void to.int16(value) });
export const int32 = primitive("int32", 0, { read: (from) => from.int32(), write: (to, value) => void to.int32(value) });
/** Exact to 2^53. */
export const int64 = primitive("int64", 0, { read: (from) => from.int64(), write: (to, value) => void to.int64(value) });
export const float64 = primitive("float64", 0, { read: (from) => from.float64(), write: (to, value) => void to.float64(value) });
export const bool = primitive<boolean>("bool", false, { read: (from) => from.boolean(), write: (to, value) => void to.boolean(value) });
/** Of topics that have no id, and of nothing else. */
export const UUID_ZERO = "00000000-0000-0000-0000-000000000000";
/** With hyphens, in lower case. */
export const uuid = primitive<string>("uuid", UUID_ZERO, { read: (from) => from.uuid(), write: (to, value) => void to.uuid(value) });
export const string = primitive("string", "", { read: (from) => from.string(), write: (to, value) => void to.string(value) });
export const bytes: Type<Uint8Array> = {
  name: "bytes",
  empty: EMPTY,
  read: (from) => from.nullableBytes() ?? absent("bytes"),
  write: (to, value) => void to.bytesLength(value.length).raw(value),
};

export const nullableString: Type<string | null> = {
  name: "string",
  nullableFrom: 0,
  empty: null,
  read: (from) => from.nullableString(),
  write: (to, value) => void to.nullableString(value),
};
export const nullableBytes: Type<Uint8Array | null> = {
  name: "bytes",
  nullableFrom: 0,
  empty: null,
  read: (from) => from.nullableBytes(),
  write: (to, value) => void (value === null ? to.bytesLength(-1) : to.bytesLength(value.length).raw(value)),
};
/** Record batches as they are. */
export const records: Type<Uint8Array | null> = { ...nullableBytes, name: "records" };
/** Record batches as pieces that are written without copying them; read as one piece, or as none. */
export const recordPieces: Type<readonly Uint8Array[]> = {
  name: "records",
  empty: [],
  read: (from) => asPieces(from.nullableBytes() ?? absent("records")),
  write: (to, pieces) => {
    to.bytesLength(pieces.reduce((sum, { length }) => sum + length, 0));
    for (const piece of pieces) to.raw(piece);
  },
};
/** Null is read as none; none is written as no bytes, as brokers do it. */
export const nullableRecordPieces: Type<readonly Uint8Array[]> = {
  ...recordPieces,
  nullableFrom: 0,
  read: (from) => asPieces(from.nullableBytes() ?? EMPTY),
};
const asPieces = (whole: Uint8Array): readonly Uint8Array[] => (whole.length === 0 ? [] : [whole]);

const absent = (name: string): never => {
  throw new WireError(`null, where there must be ${name}`);
};

export const array = <T>(item: Type<T>): Type<readonly T[]> => {
  const { nullableFrom: _, ...whole } = nullableArray(item);
  return { ...whole, empty: [], read: (from, version) => whole.read(from, version) ?? absent(whole.name) };
};

export const nullableArray = <T>(item: Type<T>): Type<readonly T[] | null> => ({
  name: `[]${item.name}`,
  nullableFrom: 0,
  empty: null,
  ...(item.fields ? { fields: item.fields } : {}),
  read(from, version) {
    const count = from.arrayLength();
    if (count < 0) return null;
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item.read(from, version));
    return items;
  },
  write(to, value, version) {
    to.bytesLength(value === null ? -1 : value.length);
    if (value !== null) for (const one of value) item.write(to, one, version);
  },
});

/** Something that may be null from a version on, and may not be before. */
export const nullSince = <T>(nullableFrom: number, of: Type<T | null>): Type<T | null> => ({
  ...of,
  nullableFrom,
  read(from, version) {
    const value = of.read(from, version);
    return value === null && version < nullableFrom ? absent(of.name) : value;
  },
  write(to, value, version) {
    if (value === null && version < nullableFrom) throw new RangeError(`version ${version} has no null ${of.name}`);
    of.write(to, value, version);
  },
});

const LAST = Number.POSITIVE_INFINITY;
/** In every version, with a default that is not the empty value. */
export const always = <T>(type: Type<T>, fallback: T): Field<T> => ({ type, from: 0, to: LAST, fallback });
/** From a version on. */
export const since = <T>(from: number, type: Type<T>, fallback = type.empty): Field<T> => ({ type, from, to: LAST, fallback });
/** Up to and with a version. */
export const upTo = <T>(to: number, type: Type<T>, fallback = type.empty): Field<T> => ({ type, from: 0, to, fallback });
export const between = <T>([from, to]: readonly [number, number], type: Type<T>, fallback = type.empty): Field<T> => ({
  type,
  from,
  to,
  fallback,
});
/** A tagged field: sent only where it is not the fallback. */
export const tagged = <T>([tag, from]: readonly [tag: number, since: number], type: Type<T>, fallback = type.empty): Field<T> => ({
  ...since(from, type, fallback),
  tag,
});

const asField = (of: Type<unknown> | Field<unknown>): Field<unknown> => ("type" in of ? of : always(of, of.empty));

const isFallback = (value: unknown, fallback: unknown): boolean => {
  if (value === fallback) return true;
  if (!isObject(value) || !isObject(fallback)) return false;
  if (Array.isArray(value)) return value.length === 0 && Array.isArray(fallback);
  for (const name of Object.keys(fallback)) if (!isFallback(value[name], fallback[name])) return false;
  return true;
};
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

interface Entry {
  readonly name: string;
  /** Undefined where the version does not have it, or has it as a tagged one. */
  readonly type: Type<unknown> | undefined;
  readonly fallback: unknown;
}
interface TaggedEntry extends Entry {
  readonly type: Type<unknown>;
  readonly tag: number;
}
/** A struct at one version: all its fields in the order of the wire, then those that are tagged there, by their tags. */
interface Plan {
  readonly entries: readonly Entry[];
  readonly tagged: readonly TaggedEntry[];
}

const planOf = (fields: readonly (readonly [name: string, field: Field<unknown>])[], version: number): Plan => {
  const entries: Entry[] = [];
  const tagged: TaggedEntry[] = [];
  for (const [name, { type, from, to, tag, fallback }] of fields) {
    const here = version >= from && version <= to;
    entries.push({ name, fallback, type: here && tag === undefined ? type : undefined });
    if (here && tag !== undefined) tagged.push({ name, fallback, type, tag });
  }
  return { entries, tagged: tagged.sort((a, b) => a.tag - b.tag) };
};

type Values = Readonly<Record<string, unknown>>;

const writeTags = (to: Writer, value: Values, { tagged, version }: Pick<Plan, "tagged"> & { readonly version: number }): void => {
  let count = 0;
  for (const { name, fallback } of tagged) if (!isFallback(value[name], fallback)) count++;
  to.uvarint(count);
  if (count === 0) return;
  for (const { name, type, tag, fallback } of tagged) {
    if (isFallback(value[name], fallback)) continue;
    const field = new Writer(to.encoding);
    type.write(field, value[name], version);
    to.uvarint(tag).uvarint(field.length);
    for (const piece of field.pieces()) to.raw(piece);
  }
};

/** Named fields in the order of the wire, then the tagged ones. */
export const struct = <Of extends Fields>(name: string, fields: Of): Type<StructValue<Of>> => {
  const all = Object.entries(fields).map(([field, of]) => [field, asField(of)] as const);
  const empty = Object.fromEntries(all.map(([field, { fallback }]) => [field, fallback]));
  const plans: Plan[] = [];
  const plan = (version: number): Plan => {
    plans[version] ??= planOf(all, version);
    return plans[version];
  };
  return {
    name,
    fields,
    empty: empty as StructValue<Of>, // Of every field its own fallback.
    read(from, version) {
      const { entries, tagged } = plan(version);
      const value: Record<string, unknown> = {};
      for (const { name, type, fallback } of entries) value[name] = type === undefined ? fallback : type.read(from, version);
      if (tagged.length === 0) from.tags();
      else
        from.tags((tag, field) => {
          const known = tagged.find((one) => one.tag === tag);
          if (known !== undefined) value[known.name] = known.type.read(field, version);
        });
      return value as StructValue<Of>; // Every field was set, each by its own type.
    },
    write(to, value, version) {
      const { entries, tagged } = plan(version);
      for (const { name, type } of entries) type?.write(to, value[name], version);
      if (to.encoding === "flexible") writeTags(to, value, { tagged, version });
    },
  };
};

/** A struct that may be missing; one byte says so. */
export const nullableStruct = <T>(of: Type<T>): Type<T | null> => ({
  ...of,
  nullableFrom: 0,
  empty: null,
  read: (from, version) => (from.int8() < 0 ? null : of.read(from, version)),
  write: (to, value, version) => {
    to.int8(value === null ? -1 : 1);
    if (value !== null) of.write(to, value, version);
  },
});
