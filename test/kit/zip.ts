// Reads a zip file (a jar) that is whole and small enough for memory: the names in it, and the bytes of those that are asked for.
import { inflateRawSync } from "node:zlib";

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;

const endOf = (zip: Buffer): number => {
  for (let at = zip.length - END_BYTES; at >= 0 && at >= zip.length - END_BYTES - COMMENT_BYTES_MAX; at--)
    if (zip.readUInt32LE(at) === END_SIGNATURE) return at;
  throw new Error("no zip file: its directory was not found");
};

const contentOf = (zip: Buffer, entry: number): Buffer => {
  const local = zip.readUInt32LE(entry + 42);
  const from = local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(from, from + zip.readUInt32LE(entry + 20));
  return zip.readUInt16LE(entry + 10) === STORED ? packed : inflateRawSync(packed);
};

/** What is in a zip file by its names; bytes are unpacked when they are asked for. */
export const zipEntries = (zip: Buffer): ReadonlyMap<string, () => Buffer> => {
  const end = endOf(zip);
  const entries = new Map<string, () => Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error("the zip file's directory is damaged");
    const entry = at;
    const nameBytes = zip.readUInt16LE(at + 28);
    entries.set(zip.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes), () => contentOf(zip, entry));
    at += ENTRY_BYTES + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
};
