// Variable-length numbers (protobuf's base 128, as KIP-98 took them over): sizes before writing, and writing into bytes that are large enough.
// Signed ones are zigzag: 0, -1, 1, -2 become 0, 1, 2, 3.

const HIGH = 0x100000000;

/** Bytes of an unsigned 32-bit number: 1 to 5. */
export const uvarintSize = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;

/** Bytes of a signed 32-bit number. */
export const varintSize = (value: number): number => uvarintSize(((value << 1) ^ (value >> 31)) >>> 0);

/** Bytes of a signed number that is below 2^52. */
export const varlongSize = (value: number): number => {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
};

/** Writes at `at`; returns where it ends. */
export const putUvarint = (bytes: Uint8Array, at: number, value: number): number => {
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
};

/** Writes at `at`; returns where it ends. */
export const putVarint = (bytes: Uint8Array, at: number, value: number): number => putUvarint(bytes, at, (value << 1) ^ (value >> 31));

/** Writes at `at`; returns where it ends. The number is below 2^52. */
export const putVarlong = (bytes: Uint8Array, at: number, value: number): number => {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  while (rest >= HIGH) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  return putUvarint(bytes, at, rest);
};
