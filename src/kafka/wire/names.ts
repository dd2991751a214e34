// Header names as bytes: few, and asked for again and again.
import { utf8 } from "../../core/bytes.ts";

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
