// Encodes snappy in the framing that Java's clients write around it (xerial): a header, then length and block in turns.
import { Repeats } from "./repeats.ts";

/** Magic, version, and the oldest version that reads it. */
const HEAD = Buffer.from("82534e4150505900" + "00000001" + "00000001", "hex");
const BLOCK_BYTES = 32_768;
const LENGTH_BYTES = 4;
/** A copy tells no more; longer ones are several. */
const COPY_BYTES_MAX = 64;

export const compressSnappy = (bytes: Uint8Array): Uint8Array => {
  const pieces: Uint8Array[] = [HEAD];
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = compressBlock(bytes.subarray(from, from + BLOCK_BYTES));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(block.length);
    pieces.push(length, block);
  }
  return Buffer.concat(pieces);
};

/** Of a block without copies: its length, and literals of 64 KiB at most with three bytes before. */
const blockBytesMax = (plain: number): number => plain + Math.ceil(plain / 6) + 32;

const compressBlock = (plain: Uint8Array): Uint8Array => {
  const output = new Uint8Array(blockBytesMax(plain.length));
  let at = putLength(output, plain.length);
  const repeats = new Repeats(plain, { from: 0, to: plain.length, noneBegins: 0, noneEnds: 0 });
  let written = 0;
  while (repeats.find()) {
    const { at: begin, distance, length } = repeats;
    at = putLiteral(output, at, plain.subarray(written, begin));
    for (let left = length; left > 0; left -= COPY_BYTES_MAX) {
      output[at++] = ((Math.min(left, COPY_BYTES_MAX) - 1) << 2) | 2;
      output[at++] = distance & 0xff;
      output[at++] = distance >>> 8;
    }
    written = begin + length;
  }
  return output.subarray(0, putLiteral(output, at, plain.subarray(written)));
};

/** A variable-length number; returns where it ends. */
const putLength = (output: Uint8Array, length: number): number => {
  let at = 0;
  let left = length;
  for (; left >= 0x80; left >>>= 7) output[at++] = (left & 0x7f) | 0x80;
  output[at++] = left;
  return at;
};

/** Up to 60 bytes are told by the tag, more by one or two bytes after it. */
const putLiteral = (output: Uint8Array, at: number, literal: Uint8Array): number => {
  if (literal.length === 0) return at;
  const last = literal.length - 1;
  if (last < 60) output[at++] = last << 2;
  else {
    output[at++] = (last < 0x100 ? 60 : 61) << 2;
    output[at++] = last & 0xff;
    if (last >= 0x100) output[at++] = last >>> 8;
  }
  output.set(literal, at);
  return at + literal.length;
};
