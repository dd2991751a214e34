// Values of any type of the wire, made from its table: what a version does not have is the fallback, what it may have as null sometimes is.
import fc from "fast-check";
import type { Field, Type } from "../../../../src/kafka/wire/type.ts";

const bytes = fc.uint8Array({ maxLength: 8 });

const PRIMITIVES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int8: fc.integer({ min: -(2 ** 7), max: 2 ** 7 - 1 }),
  int16: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int64: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true }),
  bool: fc.boolean(),
  uuid: fc.uuid(),
  string: fc.string({ unit: "grapheme", maxLength: 8 }),
  bytes,
  records: bytes,
};

const ITEMS_MAX = 2;

/** Pieces of records are an array of them, read as none or as one. */
const ofRecords = ({ empty }: Type<unknown>): fc.Arbitrary<unknown> =>
  Array.isArray(empty) ? bytes.map((one) => (one.length === 0 ? [] : [one])) : bytes;

const ofField = (of: Type<unknown> | Field<unknown>, version: number): fc.Arbitrary<unknown> => {
  if (!("type" in of)) return arbitraryOf(of, version);
  return version >= of.from && version <= of.to ? arbitraryOf(of.type, version) : fc.constant(of.fallback);
};

const ofItem = ({ name, fields }: Type<unknown>, version: number): fc.Arbitrary<unknown> => {
  if (fields !== undefined)
    return fc.record(Object.fromEntries(Object.entries(fields).map(([field, of]) => [field, ofField(of, version)])), {
      noNullPrototype: true,
    });
  const found = PRIMITIVES[name.replace("[]", "")];
  if (found === undefined) throw new Error(`there is no way to make ${name}`);
  return found;
};

export const arbitraryOf = (type: Type<unknown>, version: number): fc.Arbitrary<unknown> => {
  const item = type.name === "records" ? ofRecords(type) : ofItem(type, version);
  const value = type.name.startsWith("[]") ? fc.array(item, { maxLength: ITEMS_MAX }) : item;
  const mayBeNull = version >= (type.nullableFrom ?? Number.POSITIVE_INFINITY) && type.empty === null;
  return mayBeNull ? fc.option(value, { freq: 3 }) : value;
};
