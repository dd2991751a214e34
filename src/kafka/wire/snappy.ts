// Decodes snappy, as it is and in the framing that Java's clients write around it (xerial: a header, then length and block in turns).
import { WireError } from "./reader.ts";

const XERIAL = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00] as const;
/** The magic and two version numbers. */
const XERIAL_BYTES = 16;
/** A copy of at most 64 bytes is three bytes long: nothing snappy says can be larger than this many times its own size. */
const RATIO_MAX = 64;

/** Throws a WireError when malformed, or when more than `bytesMax` bytes come out. */
export const decompressSnappy = (bytes: Uint8Array, bytesMax: number): Uint8Array => {
  if (!XERIAL.every((byte, at) => bytes[at] === byte)) return block(bytes, bytesMax);
  if (bytes.length < XERIAL_BYTES) throw new WireError("snappy: the header is cut off");
  const blocks: Uint8Array[] = [];
  let length = 0;
  for (let at = XERIAL_BYTES; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw new WireError("snappy: the length of a block is cut off");
    const size = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    at += 4;
    if (size > bytes.length - at) throw new WireError(`snappy: a block of ${size} bytes is cut off`);
    const plain = block(bytes.subarray(at, at + size), bytesMax - length);
    length += plain.length;
    blocks.push(plain);
    at += size;
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks, length);
};

const block = (bytes: Uint8Array, bytesMax: number): Uint8Array => {
  const { value: length, end } = preamble(bytes);
  if (length > bytesMax) throw new WireError(`snappy: ${length} bytes decompressed are more than ${bytesMax}`);
  if (length > bytes.length * RATIO_MAX) throw new WireError(`snappy: ${length} bytes cannot be in ${bytes.length}`);
  const plain = new Uint8Array(length);
  let from = end;
  let to = 0;
  while (from < bytes.length) {
    const tag = bytes[from++]!;
    if ((tag & 3) === 0) {
      const { size, at } = literal(bytes, from, tag >>> 2);
      if (size > bytes.length - at || size > length - to) throw new WireError("snappy: a literal is cut off");
      plain.set(bytes.subarray(at, at + size), to);
      from = at + size;
      to += size;
      continue;
    }
    const { size, offset, at } = copyOf(bytes, from, tag);
    if (at > bytes.length || offset === 0 || offset > to || size > length - to) throw new WireError("snappy: a copy points outside");
    from = at;
    if (offset >= size) plain.copyWithin(to, to - offset, to - offset + size);
    else for (let index = 0; index < size; index++) plain[to + index] = plain[to + index - offset]!;
    to += size;
  }
  if (to !== length) throw new WireError(`snappy: ${length} bytes are announced, ${to} came out`);
  return plain;
};

/** The decompressed length, a variable-length number of at most five bytes. */
const preamble = (bytes: Uint8Array): { value: number; end: number } => {
  let value = 0;
  for (let at = 0; at < 5; at++) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value |= (byte & 0x7f) << (at * 7);
    if (byte < 0x80) return { value: value >>> 0, end: at + 1 };
  }
  throw new WireError("snappy: the length is malformed");
};

/** Up to 60 bytes by the tag itself, more by one to four bytes after it. */
const literal = (bytes: Uint8Array, at: number, code: number): { size: number; at: number } => {
  if (code < 60) return { size: code + 1, at };
  const digits = code - 59;
  if (at + digits > bytes.length) throw new WireError("snappy: the length of a literal is cut off");
  let size = 0;
  for (let index = 0; index < digits; index++) size |= bytes[at + index]! << (index * 8);
  return { size: (size >>> 0) + 1, at: at + digits };
};

/** Where `at` is past the end, the copy is cut off. */
const copyOf = (bytes: Uint8Array, at: number, tag: number): { size: number; offset: number; at: number } => {
  const byte = (index: number): number => bytes[at + index] ?? 0;
  const kind = tag & 3;
  if (kind === 1) return { size: ((tag >>> 2) & 7) + 4, offset: ((tag >>> 5) << 8) | byte(0), at: at + 1 };
  const size = (tag >>> 2) + 1;
  if (kind === 2) return { size, offset: byte(0) | (byte(1) << 8), at: at + 2 };
  return { size, offset: (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)) >>> 0, at: at + 4 };
};
