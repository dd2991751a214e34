// Where the fields of a record are, in bytes that were found to be well-formed. Nothing is allocated here: a record and a field are the places
// where their lengths stand.
import { isAt, nameAt } from "./names.ts";

/** Where what was read last ends: taken at once, since everything here sets it. */
let after = 0;

/** The zigzag number at a place. */
const varint = (bytes: Uint8Array, at: number): number => {
  let byte = bytes[at]!;
  let value = byte & 0x7f;
  let next = at + 1;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = bytes[next++]!;
    value |= (byte & 0x7f) << shift;
  }
  after = next;
  return (value >>> 1) ^ -(value & 1);
};

/** Where a number of any size at a place ends. */
const afterNumber = (bytes: Uint8Array, at: number): number => {
  let next = at;
  while (bytes[next++]! >= 0x80);
  return next;
};

/** Where a field ends. */
export const afterField = (bytes: Uint8Array, at: number): number => {
  const length = varint(bytes, at);
  return length > 0 ? after + length : after;
};

/** Bytes of a record, without its length. */
export const recordLength = (bytes: Uint8Array, record: number): number => varint(bytes, record);

/** After the attributes, whose byte says nothing. */
const timestampOf = (bytes: Uint8Array, record: number): number => afterNumber(bytes, record) + 1;

/** Beyond the batch's first timestamp, in milliseconds; exact below 2^53. */
export const timestampDelta = (bytes: Uint8Array, record: number): number => {
  let value = 0;
  let factor = 1;
  let byte: number;
  let at = timestampOf(bytes, record);
  do {
    byte = bytes[at++]!;
    value += (byte & 0x7f) * factor;
    factor *= 0x80;
  } while (byte >= 0x80);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
};

const deltaOf = (bytes: Uint8Array, record: number): number => afterNumber(bytes, timestampOf(bytes, record));

/** Beyond the batch's first offset. */
export const offsetDelta = (bytes: Uint8Array, record: number): number => varint(bytes, deltaOf(bytes, record));

export const keyFieldOf = (bytes: Uint8Array, record: number): number => afterNumber(bytes, deltaOf(bytes, record));

export const valueFieldOf = (bytes: Uint8Array, record: number): number => afterField(bytes, keyFieldOf(bytes, record));

/** The first header's name, unless the record ends there; after it its value, and so on. */
export const headersOf = (bytes: Uint8Array, record: number): number => afterNumber(bytes, afterField(bytes, valueFieldOf(bytes, record)));

export const recordEnd = (bytes: Uint8Array, record: number): number => {
  const length = varint(bytes, record);
  return after + length;
};

/** As text: names are few, and not decoded again each time. */
export const nameOf = (bytes: Buffer, field: number): string => {
  const length = varint(bytes, field);
  return nameAt(bytes, after, length);
};

/** The field's bytes as they lie there. */
export const view = (bytes: Buffer, field: number): Uint8Array | null => {
  const length = varint(bytes, field);
  return length < 0 ? null : bytes.subarray(after, after + length);
};

/** One character a byte; undefined for null. */
export const latin1Of = (bytes: Buffer, field: number): string | undefined => {
  const length = varint(bytes, field);
  return length < 0 ? undefined : bytes.toString("latin1", after, after + length);
};

export const isField = (bytes: Uint8Array, field: number, wanted: Uint8Array): boolean =>
  varint(bytes, field) === wanted.length && isAt(bytes, after, wanted);

export const fieldBegins = (bytes: Uint8Array, field: number, wanted: Uint8Array): boolean =>
  varint(bytes, field) >= wanted.length && isAt(bytes, after, wanted);
