// ASN.1 as key stores are written in it: DER, and as much of BER as their older writers use (X.690).

/** A value: its tag and what is inside. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length, as it stood. */
  readonly whole: Uint8Array;
}

export const Tag = {
  INTEGER: 0x02,
  OCTET_STRING: 0x04,
  OBJECT_IDENTIFIER: 0x06,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
  /** `[0]`, holding others. */
  CONTEXT_0: 0xa0,
  /** `[0]` in place of an OCTET STRING's own tag. */
  IMPLICIT_0: 0x80,
} as const;

const CONSTRUCTED = 0x20;
const INDEFINITE = 0x80;
/** Deeper nesting is no key store. */
const DEPTH_MAX = 64;

/** What is read is not ASN.1, or not what it should be. */
export class DerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DerError";
  }
}

/** The one value that the bytes are. */
export const decodeDer = (bytes: Uint8Array): DerValue => valueAt(bytes, 0, 0).value;

/** The values inside. */
export const inside = (value: DerValue): readonly DerValue[] => {
  const values: DerValue[] = [];
  for (let at = 0; at < value.content.length; ) {
    const { value: next, end } = valueAt(value.content, at, 0);
    values.push(next);
    at = end;
  }
  return values;
};

/** The value, if it has that tag. */
export const expect = (value: DerValue | undefined, tag: number): DerValue => {
  if (value === undefined) throw new DerError("a value is missing");
  if (value.tag !== tag) throw new DerError(`found tag ${value.tag}, but ${tag} is needed`);
  return value;
};

/** An OCTET STRING's bytes, also where it is written in pieces. */
export const octets = (value: DerValue | undefined): Uint8Array => {
  if (value === undefined) throw new DerError("a value is missing");
  if ((value.tag & CONSTRUCTED) === 0) return value.content;
  return Buffer.concat(inside(value).map(octets));
};

/** A small whole number. */
export const integer = (value: DerValue | undefined): number => {
  const { content } = expect(value, Tag.INTEGER);
  if (content.length > 6) throw new DerError("a number is too large");
  let number = 0;
  for (const byte of content) number = number * 256 + byte;
  return number;
};

/** `1.2.840.113549.1.7.1` */
export const objectIdentifier = (value: DerValue | undefined): string => {
  const { content } = expect(value, Tag.OBJECT_IDENTIFIER);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join(".");
};

/** Text of two bytes a character. */
export const bmpString = (value: DerValue | undefined): string => new TextDecoder("utf-16be").decode(expect(value, Tag.BMP_STRING).content);

const valueAt = (bytes: Uint8Array, at: number, depth: number): { readonly value: DerValue; readonly end: number } => {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || depth > DEPTH_MAX) throw new DerError("the bytes end too early");
  if (first === INDEFINITE) return indefiniteAt(bytes, at, depth);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) throw new DerError("a length is too large");
  let length = first < 0x80 ? first : 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  const from = at + 2 + lengthBytes;
  const end = from + length;
  if (end > bytes.length) throw new DerError("the bytes end too early");
  return { value: { tag, content: bytes.subarray(from, end), whole: bytes.subarray(at, end) }, end };
};

/** BER: values until two zero bytes. */
const indefiniteAt = (bytes: Uint8Array, at: number, depth: number): { readonly value: DerValue; readonly end: number } => {
  let next = at + 2;
  while (bytes[next] !== 0 || bytes[next + 1] !== 0) next = valueAt(bytes, next, depth + 1).end;
  return { value: { tag: bytes[at]!, content: bytes.subarray(at + 2, next), whole: bytes.subarray(at, next + 2) }, end: next + 2 };
};
