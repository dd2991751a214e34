// The headers of records, encoded once a produce: its records share theirs. They lie in slabs, since a small array of bytes of its own costs
// more than what it holds.
import type { ProducedRecord, RecordHeaders } from "../../ports/kafka.ts";
import { nameBytes } from "./names.ts";
import { putVarint, varintSize } from "./varint.ts";

const SLAB_BYTES = 16_384;

/** Encoded headers, their number first, in a slab. */
export interface HeaderSection {
  readonly slab: Buffer;
  readonly from: number;
  readonly length: number;
}

const NONE: HeaderSection = { slab: Buffer.from([0]), from: 0, length: 1 };
let slab = Buffer.alloc(0);
let free = 0;

/** Of each record; neighbours with the same array have the same section. The array is not changed any more. */
export const headerSections = (records: readonly ProducedRecord[]): readonly HeaderSection[] => {
  let before: RecordHeaders = [];
  let section = NONE;
  return records.map(({ headers }) => {
    if (headers !== before) section = headers.length === 0 ? NONE : encode(headers);
    before = headers;
    return section;
  });
};

const encode = (headers: RecordHeaders): HeaderSection => {
  let length = varintSize(headers.length);
  for (const { name, value } of headers) length += fieldSize(nameBytes(name)) + fieldSize(value);
  if (length > slab.length - free) {
    slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, length));
    free = 0;
  }
  const from = free;
  let at = putVarint(slab, from, headers.length);
  for (const { name, value } of headers) at = putField(slab, putField(slab, at, nameBytes(name)), value);
  free = at;
  return { slab, from, length };
};

/** Of bytes with their length before them; null is a length of -1. */
export const fieldSize = (field: Uint8Array | null): number => (field === null ? 1 : varintSize(field.length) + field.length);

/** Returns where it ends. */
export const putField = (bytes: Uint8Array, at: number, field: Uint8Array | null): number => {
  if (field === null) return putVarint(bytes, at, -1);
  const from = putVarint(bytes, at, field.length);
  bytes.set(field, from);
  return from + field.length;
};
