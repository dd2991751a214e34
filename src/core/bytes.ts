// Bytes are Uint8Array everywhere; Buffer's methods are used through these few functions, without copying.

/** No bytes; there is only one. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/** Text to its UTF-8 bytes, in Node's pool of small buffers: a TextEncoder takes six times as long for texts as short as most are. */
export const utf8 = (text: string): Uint8Array => {
  const pooled = Buffer.from(text, "utf8");
  return new Uint8Array(pooled.buffer, pooled.byteOffset, pooled.length);
};

/** The same memory as a Buffer, for Node's methods. */
export const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** UTF-8 to text; malformed bytes become U+FFFD. */
export const text = (bytes: Uint8Array): string => buffer(bytes).toString("utf8");

/** One character a byte: the cheapest faithful key for a Map. */
export const latin1 = (bytes: Uint8Array): string => buffer(bytes).toString("latin1");

/** Whether both have the same bytes. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** A copy that pins nothing but itself. */
export const copy = (bytes: Uint8Array): Uint8Array => Uint8Array.prototype.slice.call(bytes);

/** All parts in one; a single part is returned as it is, uncopied. */
export const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  if (parts.length === 1) return parts[0]!;
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
/** Base64 of either alphabet, padded or not, to bytes; undefined when it is none. */
export const fromBase64 = (value: string): Uint8Array | undefined => {
  if (!BASE64.test(value)) return undefined;
  const digits = value.replace(/=+$/, "");
  if (digits.length % 4 === 1) return undefined;
  return Buffer.from(digits, "base64url");
};
