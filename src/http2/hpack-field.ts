// A header field, and what its name and value say of it. Found once when a field is decoded for the first time, and kept with it in the
// table, so that a field that comes again as an index is looked at no more.

/** Name in lower case and value, one character a byte. */
export type Field = readonly [name: string, value: string];

/** What the reader of a header list must know of a field (RFC 9113 §8.2, §8.3). */
export const FieldKind = {
  REGULAR: 0,
  METHOD: 1,
  SCHEME: 2,
  AUTHORITY: 3,
  PATH: 4,
  STATUS: 5,
  CONTENT_LENGTH: 6,
  HOST: 7,
  EXPECT: 8,
  /** Its name or value has characters that are not allowed, it is no pseudo header that is known, or it speaks of the connection. */
  MALFORMED: 9,
} as const;
export type FieldKind = (typeof FieldKind)[keyof typeof FieldKind];

/** What RFC 7541 §4.1 and RFC 9113 §6.5.2 add to each field. */
export const FIELD_BYTES = 32;
/** The size of a field, in a table and in a header list. */
export const fieldBytes = ([name, value]: Field): number => name.length + value.length + FIELD_BYTES;

const PSEUDO: ReadonlyMap<string, FieldKind> = new Map([
  [":method", FieldKind.METHOD],
  [":scheme", FieldKind.SCHEME],
  [":authority", FieldKind.AUTHORITY],
  [":path", FieldKind.PATH],
  [":status", FieldKind.STATUS],
]);
const SPECIAL: ReadonlyMap<string, FieldKind> = new Map([
  ["content-length", FieldKind.CONTENT_LENGTH],
  ["host", FieldKind.HOST],
  ["expect", FieldKind.EXPECT],
]);
/** What belongs to one connection of HTTP/1.1 (RFC 9113 §8.2.2). */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);

const COLON = 0x3a;

/** The kind of a field that came. */
export const kindOf = ([name, value]: Field): FieldKind => {
  if (!isValue(value)) return FieldKind.MALFORMED;
  if (name.charCodeAt(0) === COLON) return PSEUDO.get(name) ?? FieldKind.MALFORMED;
  if (!isName(name) || OF_CONNECTIONS.has(name) || (name === "te" && value !== "trailers")) return FieldKind.MALFORMED;
  return SPECIAL.get(name) ?? FieldKind.REGULAR;
};

/** Whether HTTP/2 can carry a name of ours: a token in lower case that is none of HTTP/1.1's connection. */
export const isSendable = (name: string): boolean => PSEUDO.has(name) || (isName(name) && !OF_CONNECTIONS.has(name));

/** By character: 1 where a name in lower case may have it (RFC 9110 §5.6.2, "token", without upper case). */
const NAME_UNITS = ((): Uint8Array => {
  const units = new Uint8Array(256);
  for (const unit of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") units[unit.charCodeAt(0)] = 1;
  return units;
})();

const isName = (name: string): boolean => {
  for (let i = 0; i < name.length; i++) if (NAME_UNITS[name.charCodeAt(i)] !== 1) return false;
  return name.length > 0;
};

const TAB = 0x09;
const SPACE = 0x20;
const DELETE = 0x7f;

/** One character a byte, no control characters, and no white space at either end (RFC 9113 §8.2.1). */
export const isValue = (value: string): boolean => {
  const { length } = value;
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    if ((unit < SPACE && unit !== TAB) || unit === DELETE || unit > 0xff) return false;
  }
  return length === 0 || (!isSpace(value.charCodeAt(0)) && !isSpace(value.charCodeAt(length - 1)));
};
const isSpace = (unit: number): boolean => unit === SPACE || unit === TAB;
