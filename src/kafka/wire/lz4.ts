// Decodes the LZ4 frame format. Its own checksums are passed over: the checksum of the record batch covers the same bytes.
import { WireError } from "./reader.ts";

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const FIRST_BYTES = 64 * 1_024;

/** Bytes that grow up to a limit. */
class Output {
  bytes: Uint8Array;
  length = 0;
  readonly #max: number;

  constructor(first: number, max: number) {
    this.bytes = new Uint8Array(Math.min(first, max));
    this.#max = max;
  }

  /** Makes room for so many more. */
  room(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    if (needed > this.#max) throw new WireError(`lz4: more than ${this.#max} bytes come out`);
    const larger = new Uint8Array(Math.min(Math.max(needed, this.bytes.length * 2), this.#max));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Throws a WireError when malformed, or when more than `bytesMax` bytes come out. */
export const decompressLz4 = (bytes: Uint8Array, bytesMax: number): Uint8Array => {
  const output = new Output(Math.max(FIRST_BYTES, bytes.length * 2), bytesMax);
  let at = 0;
  do {
    const magic = uint32(bytes, at);
    if (magic >>> 4 === SKIPPABLE >>> 4) at += 8 + uint32(bytes, at + 4);
    else if (magic === MAGIC) at = frame(bytes, at + 4, output);
    else throw new WireError("lz4: this is not a frame");
  } while (at < bytes.length);
  return output.bytes.subarray(0, output.length);
};

/** Little-endian, as everything in the format. */
const uint32 = (bytes: Uint8Array, at: number): number => {
  if (at + 4 > bytes.length) throw new WireError("lz4: the frame is cut off");
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
};

/** One frame from its descriptor on; returns where it ends. */
const frame = (bytes: Uint8Array, from: number, output: Output): number => {
  const flags = bytes[from];
  if (flags === undefined || flags >>> 6 !== 1) throw new WireError("lz4: the version of the frame is not known");
  const hasContentSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  if (hasDictionary) throw new WireError("lz4: the frame wants a dictionary");
  const checksumBytes = (flags & 0x10) !== 0 ? 4 : 0;
  // Flags, block size, header checksum.
  let at = from + 3 + (hasContentSize ? 8 : 0);
  const begin = output.length;
  for (let size = uint32(bytes, at); size !== 0; size = uint32(bytes, at)) {
    at += 4;
    const length = size & 0x7fffffff;
    if (length > bytes.length - at) throw new WireError(`lz4: a block of ${length} bytes is cut off`);
    const block = bytes.subarray(at, at + length);
    if (size >>> 31 === 1) append(output, block);
    else expand(block, output, begin);
    at += length + checksumBytes;
  }
  return at + 4 + ((flags & 0x04) !== 0 ? 4 : 0);
};

const append = (output: Output, bytes: Uint8Array): void => {
  output.room(bytes.length);
  output.bytes.set(bytes, output.length);
  output.length += bytes.length;
};

/** A compressed block: runs of literals and matches in turns; the last run has no match. Matches reach back to `begin` at most. */
const expand = (block: Uint8Array, output: Output, begin: number): void => {
  let at = 0;
  const more = (length: number): number => {
    if (length < 15) return length;
    for (;;) {
      const byte = block[at++];
      if (byte === undefined) throw new WireError("lz4: a length is cut off");
      length += byte;
      if (byte < 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = more(token >>> 4);
    if (literals > block.length - at) throw new WireError("lz4: a literal is cut off");
    append(output, block.subarray(at, at + literals));
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw new WireError("lz4: a match is cut off");
    const offset = block[at]! | (block[at + 1]! << 8);
    at += 2;
    if (offset === 0 || offset > output.length - begin) throw new WireError("lz4: a match points outside");
    repeat(output, offset, more(token & 15) + 4);
  }
};

/** Appends `length` bytes from `offset` bytes back; they may overlap what is being written. */
const repeat = (output: Output, offset: number, length: number): void => {
  output.room(length);
  const { bytes } = output;
  const to = output.length;
  if (offset >= length) bytes.copyWithin(to, to - offset, to - offset + length);
  else for (let index = 0; index < length; index++) bytes[to + index] = bytes[to + index - offset]!;
  output.length = to + length;
};
