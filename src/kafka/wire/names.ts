// Header names as bytes, and bytes as header names: few, and asked for again and again.
import { copy, utf8 } from "../../core/bytes.ts";

const NAMES_MAX = 1_000;
/** A longer one is not worth keeping. */
const NAME_CHARACTERS_MAX = 64;
const names = new Map<string, Uint8Array>();

/** The same bytes each time, as long as there are not too many names. */
export const nameBytes = (name: string): Uint8Array => {
  const known = names.get(name);
  if (known) return known;
  const made = utf8(name);
  if (names.size < NAMES_MAX && name.length <= NAME_CHARACTERS_MAX) names.set(name, made);
  return made;
};

/** A power of two. */
const SLOTS = 1_024;
/** A name that was read, in the slot of its bytes; the next one with that slot takes its place. */
const slots = new Array<{ readonly bytes: Uint8Array; readonly name: string } | undefined>(SLOTS).fill(undefined);

/** The name of so many bytes at a place; the same string for the same bytes, as long as no other takes its slot. */
export const nameAt = (bytes: Buffer, at: number, length: number): string => {
  if (length > NAME_CHARACTERS_MAX) return bytes.toString("utf8", at, at + length);
  const end = at + length;
  let hash = length;
  for (let next = at; next < end; next++) hash = (hash * 31 + bytes[next]!) | 0;
  const slot = hash & (SLOTS - 1);
  const known = slots[slot];
  if (known !== undefined && known.bytes.length === length && isAt(bytes, at, known.bytes)) return known.name;
  const name = bytes.toString("utf8", at, end);
  slots[slot] = { bytes: copy(bytes.subarray(at, end)), name };
  return name;
};

/** Whether these bytes are there. */
export const isAt = (bytes: Uint8Array, at: number, wanted: Uint8Array): boolean => {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
};
