// CRC-32C (Castagnoli), the checksum of record batches. Sixteen tables in one array: sixteen bytes are folded a step, which in our
// language is about as fast as a call into native code for the sizes that batches have.

const POLYNOMIAL = 0x82f63b78; // Reflected; RFC 3720 appendix B.4.
const STEP = 16;

/** Table `k` starts at `k * 256`: the checksum of a byte that is followed by `k` zero bytes. */
const tables = ((): Int32Array => {
  const made = new Int32Array(STEP * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    made[byte] = crc;
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]!;
    made[at] = (before >>> 8) ^ made[before & 0xff]!;
  }
  return made;
})();

/** The checksum of these bytes; with `before`, of what `before` is the checksum of followed by these bytes. */
export const crc32c = (bytes: Uint8Array, before = 0): number => {
  const t = tables;
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - STEP; at <= end; at += STEP) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t[3840 + (crc & 0xff)]! ^
      t[3584 + ((crc >>> 8) & 0xff)]! ^
      t[3328 + ((crc >>> 16) & 0xff)]! ^
      t[3072 + (crc >>> 24)]! ^
      t[2816 + bytes[at + 4]!]! ^
      t[2560 + bytes[at + 5]!]! ^
      t[2304 + bytes[at + 6]!]! ^
      t[2048 + bytes[at + 7]!]! ^
      t[1792 + bytes[at + 8]!]! ^
      t[1536 + bytes[at + 9]!]! ^
      t[1280 + bytes[at + 10]!]! ^
      t[1024 + bytes[at + 11]!]! ^
      t[768 + bytes[at + 12]!]! ^
      t[512 + bytes[at + 13]!]! ^
      t[256 + bytes[at + 14]!]! ^
      t[bytes[at + 15]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
};
