// "did you mean …": the known name that is nearest to what was written.

/** Edits (insert, delete, replace, swap of neighbours) that turn one text into the other; counting stops past `most`. */
export const distance = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(above[column]! + 1, line[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, before[column - 2]! + 1);
      line.push(edits);
    }
    before = above;
    above = line;
    if (Math.min(...line) > most) return most + 1;
  }
  return above[b.length]!;
};

/** How names are compared: `replyTo`, `reply_to` and `Reply-To` are all meant to be `reply-to`. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_.\s]/g, "");

/** Longer texts are nobody's misspelling of a name. */
const NAME_LENGTH_MAX = 100;

/** `leader` is the beginning of `leader_only`, and nothing shorter than this is anybody's beginning. */
const BEGINNING_LENGTH_MIN = 3;
const begins = (name: string, beginning: string): boolean => beginning.length >= BEGINNING_LENGTH_MIN && name.startsWith(beginning);

/** A third of the letters may be wrong, one at least but never all; the first of equals wins, and a beginning where nothing is nearer. */
export const nearest = (found: string, known: readonly string[]): string | undefined => {
  const sought = plain(found);
  if (sought === "" || found.length > NAME_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let least = Math.min(Math.max(1, Math.floor(sought.length / 3)), sought.length - 1) + 1;
  for (const name of known) {
    const edits = distance(sought, plain(name), least - 1);
    if (edits < least) {
      best = name;
      least = edits;
    }
  }
  return best ?? known.find((name) => begins(plain(name), sought) || begins(sought, plain(name)));
};

const NAMES_SHOWN_MAX = 16;

const listOf = (names: readonly string[]): string => {
  const shown = names.slice(0, NAMES_SHOWN_MAX).join(", ");
  return names.length > NAMES_SHOWN_MAX ? `${shown}, … (${names.length} in all)` : shown;
};

/** `; did you mean 'exit'? allowed: exit, guarded, when`, or what of it is known. */
export const hint = (found: string, allowed: readonly string[]): string => {
  if (allowed.length === 0) return "";
  const near = nearest(found, allowed);
  return `${near ? `; did you mean '${near}'?` : ";"} allowed: ${listOf(allowed)}`;
};
