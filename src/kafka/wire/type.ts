// The protocol's types as values: each reads and writes one shape at any version, so that an API is described once, in a table, for
// whoever asks and whoever answers. What is sent for every record has codecs of its own (Produce, Fetch); everything else is these.
import type { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** One shape on the wire. */
export interface Type<T> {
  /** In the words of the protocol's own definitions: `int32`, `string`, `[]TopicData`; the fields of a struct follow. */
  readonly name: string;
  readonly nullable?: true;
  readonly fields?: Fields;
  /** Throws a WireError. */
  read(from: Reader, version: number): T;
  write(to: Writer, value: T, version: number): void;
}

/** A field that only some versions have. */
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

export const int8: Type<number> = { name: "int8", read: (from) => from.int8(), write: (to, value) => void to.int8(value) };
export const int16: Type<number> = { name: "int16", read: (from) => from.int16(), write: (to, value) => void to.int16(value) };
export const uint16: Type<number> = { name: "uint16", read: (from) => from.int16() & 0xffff, write: (to, value) => void to.int16(value) };
export const int32: Type<number> = { name: "int32", read: (from) => from.int32(), write: (to, value) => void to.int32(value) };
/** Exact to 2^53. */
export const int64: Type<number> = { name: "int64", read: (from) => from.int64(), write: (to, value) => void to.int64(value) };
export const float64: Type<number> = { name: "float64", read: (from) => from.float64(), write: (to, value) => void to.float64(value) };
export const bool: Type<boolean> = { name: "bool", read: (from) => from.boolean(), write: (to, value) => void to.boolean(value) };
/** With hyphens, in lower case. */
export const uuid: Type<string> = { name: "uuid", read: (from) => from.uuid(), write: (to, value) => void to.uuid(value) };
export const string: Type<string> = { name: "string", read: (from) => from.string(), write: (to, value) => void to.string(value) };
export const nullableString: Type<string | null> = {
  name: "string",
  nullable: true,
  read: (from) => from.nullableString(),
  write: (to, value) => void to.nullableString(value),
};
export const nullableBytes: Type<Uint8Array | null> = {
  name: "bytes",
  nullable: true,
  read: (from) => from.nullableBytes(),
  write: (to, value) => void (value === null ? to.bytesLength(-1) : to.bytesLength(value.length).raw(value)),
};
export const bytes: Type<Uint8Array> = {
  name: "bytes",
  read: (from) => from.nullableBytes() ?? new Uint8Array(0),
  write: (to, value) => void to.bytesLength(value.length).raw(value),
};
/** Record batches as they are; a view when read. */
export const records: Type<Uint8Array | null> = { ...nullableBytes, name: "records" };
/** Large ones are written as pieces of their own, without copying them. */
export const recordPieces: Type<readonly Uint8Array[]> = {
  name: "records",
  nullable: true,
  read: (from) => {
    const read = from.nullableBytes();
    return read === null ? [] : [read];
  },
  write: (to, pieces) => {
    to.bytesLength(pieces.reduce((sum, { length }) => sum + length, 0));
    for (const piece of pieces) to.raw(piece);
  },
};

/** A null array reads as an empty one. */
export const array = <T>(item: Type<T>): Type<readonly T[]> => ({
  name: `[]${item.name}`,
  ...(item.fields ? { fields: item.fields } : {}),
  read: (from, version) => from.array(() => item.read(from, version)),
  write: (to, value, version) => void to.array(value, (one) => item.write(to, one, version)),
});

export const nullableArray = <T>(item: Type<T>): Type<readonly T[] | null> => ({
  ...array(item),
  nullable: true,
  read: (from, version) => from.nullableArray(() => item.read(from, version)),
  write: (to, value, version) => {
    if (value === null) to.bytesLength(-1);
    else to.array(value, (one) => item.write(to, one, version));
  },
});

const LAST = Number.POSITIVE_INFINITY;
/** From a version on. */
export const since = <T>(from: number, type: Type<T>, fallback: T): Field<T> => ({ type, from, to: LAST, fallback });
/** Up to and with a version. */
export const upTo = <T>(to: number, type: Type<T>, fallback: T): Field<T> => ({ type, from: 0, to, fallback });
export const between = <T>([from, to]: readonly [number, number], type: Type<T>, fallback: T): Field<T> => ({ type, from, to, fallback });
/** A tagged field: sent only where it is not the fallback. */
export const tagged = <T>([tag, from]: readonly [tag: number, since: number], type: Type<T>, fallback: T): Field<T> => ({
  type,
  from,
  to: LAST,
  fallback,
  tag,
});

const asField = (of: Type<unknown> | Field<unknown>): Field<unknown> =>
  "type" in of ? of : { type: of, from: 0, to: LAST, fallback: undefined };
const has = ({ from, to }: Field<unknown>, version: number): boolean => version >= from && version <= to;
const isFallback = ({ fallback }: Field<unknown>, value: unknown): boolean =>
  value === fallback || (Array.isArray(value) && value.length === 0 && Array.isArray(fallback));

type Named = readonly (readonly [name: string, field: Field<unknown>])[];

const readTags = (from: Reader, known: Named, into: Record<string, unknown>, version: number): void =>
  from.tags((tag, field) => {
    const found = known.find(([, { tag: its }]) => its === tag);
    if (found && has(found[1], version)) into[found[0]] = found[1].type.read(field, version);
  });

const writeTags = (to: Writer, known: Named, value: Readonly<Record<string, unknown>>, version: number): void => {
  if (to.encoding === "classic") return;
  const sent = known.filter(([name, field]) => has(field, version) && !isFallback(field, value[name]));
  to.uvarint(sent.length);
  for (const [name, { tag = 0, type }] of [...sent].sort(([, a], [, b]) => (a.tag ?? 0) - (b.tag ?? 0))) {
    const field = new Writer(to.encoding);
    type.write(field, value[name], version);
    to.uvarint(tag).uvarint(field.length);
    for (const piece of field.pieces()) to.raw(piece);
  }
};

/** Named fields in the order of the wire, then the tagged ones. */
export const struct = <Of extends Fields>(name: string, fields: Of): Type<StructValue<Of>> => {
  const all: Named = Object.entries(fields).map(([field, of]) => [field, asField(of)]);
  const plain = all.filter(([, { tag }]) => tag === undefined);
  const withTag = all.filter(([, { tag }]) => tag !== undefined);
  return {
    name,
    fields,
    read(from, version) {
      const value: Record<string, unknown> = {};
      for (const [field, of] of plain) value[field] = has(of, version) ? of.type.read(from, version) : of.fallback;
      for (const [field, { fallback }] of withTag) value[field] = fallback;
      readTags(from, withTag, value, version);
      return value as StructValue<Of>; // Every field was set, each by its own type.
    },
    write(to, value, version) {
      for (const [field, of] of plain) if (has(of, version)) of.type.write(to, value[field], version);
      writeTags(to, withTag, value, version);
    },
  };
};

/** A struct that may be missing; one byte says so. */
export const nullableStruct = <T>(of: Type<T>): Type<T | null> => ({
  ...of,
  nullable: true,
  read: (from, version) => (from.int8() < 0 ? null : of.read(from, version)),
  write: (to, value, version) => {
    to.int8(value === null ? -1 : 1);
    if (value !== null) of.write(to, value, version);
  },
});
