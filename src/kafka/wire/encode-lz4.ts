// Encodes the LZ4 frame format as Kafka's clients do: independent blocks of 64 KiB, without checksums of its own.
import { Repeats } from "./repeats.ts";

/** Magic, flags (version 1, independent blocks), block size, and the checksum of these two, which never change. */
const HEAD: readonly number[] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
const BLOCK_BYTES = 65_536;
const LENGTH_BYTES = 4;
/** Of a block's length: its bytes are as they were. */
const STORED = 0x80000000;
/** What the format asks of the end of a block: the last match begins before, and the last literals are at least so many. */
const LAST_MATCH_BEGINS = 12;
const LAST_LITERALS = 5;
const MATCH_BYTES_MIN = 4;

export const compressLz4 = (bytes: Uint8Array): Uint8Array => {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const output = Buffer.allocUnsafe(HEAD.length + bytes.length + (blocks + 1) * LENGTH_BYTES);
  output.set(HEAD);
  let at = HEAD.length;
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const to = Math.min(from + BLOCK_BYTES, bytes.length);
    const plain = bytes.subarray(from, to);
    const block = compressBlock(plain);
    const isSmaller = block.length < plain.length; // Else it is stored.
    output.writeUInt32LE((isSmaller ? block.length : STORED + plain.length) >>> 0, at);
    output.set(isSmaller ? block : plain, at + LENGTH_BYTES);
    at += LENGTH_BYTES + (isSmaller ? block.length : plain.length);
  }
  output.writeUInt32LE(0, at);
  return output.subarray(0, at + LENGTH_BYTES);
};

/** Of a block that holds no repeats: lengths take a byte for 255 literals. */
const blockBytesMax = (plain: number): number => plain + Math.ceil(plain / 255) + 16;

const compressBlock = (plain: Uint8Array): Uint8Array => {
  const output = new Uint8Array(blockBytesMax(plain.length));
  const repeats = new Repeats(plain, { from: 0, to: plain.length, noneBegins: LAST_MATCH_BEGINS, noneEnds: LAST_LITERALS });
  let written = 0;
  let at = 0;
  while (repeats.find()) {
    const { at: begin, distance, length } = repeats;
    const token = at;
    at = putLiterals(output, at, plain.subarray(written, begin));
    output[at++] = distance & 0xff;
    output[at++] = distance >>> 8;
    const more = length - MATCH_BYTES_MIN;
    output[token]! |= Math.min(more, 15);
    at = putMore(output, at, more);
    written = begin + length;
  }
  return output.subarray(0, putLiterals(output, at, plain.subarray(written)));
};

/** A token with their number, and they themselves; returns where they end. */
const putLiterals = (output: Uint8Array, at: number, literals: Uint8Array): number => {
  output[at] = Math.min(literals.length, 15) << 4;
  const begin = putMore(output, at + 1, literals.length);
  output.set(literals, begin);
  return begin + literals.length;
};

/** What of a length the token has no room for. */
const putMore = (output: Uint8Array, at: number, length: number): number => {
  if (length < 15) return at;
  let left = length - 15;
  for (; left >= 255; left -= 255) output[at++] = 255;
  output[at++] = left;
  return at;
};
