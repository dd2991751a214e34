// Texts with wildcards, as routes compare them. Not regular expressions: a pattern of n pieces looks at a text once a piece, so no
// caller can make it slow.

/** A text to compare with. */
export interface Pattern {
  readonly text: string;
  matches(value: string): boolean;
  /** What the `{name}` pieces stand for; undefined when the value does not match. The shortest reading wins. */
  captures(value: string): Readonly<Record<string, string>> | undefined;
}

/** A gap before a literal: `*` takes any number of characters, `{name}` at least one. */
interface Piece {
  readonly least: number;
  readonly name?: string;
  readonly literal: string;
}

const WILDCARD = /\*|\{([A-Za-z_][\w-]*)\}/g;

const piecesOf = (text: string): { readonly head: string; readonly pieces: readonly Piece[] } => {
  const pieces: { least: number; name?: string; literal: string }[] = [];
  let head = "";
  let copied = 0;
  const append = (literal: string): void => {
    const last = pieces.at(-1);
    if (last) last.literal += literal;
    else head += literal;
  };
  for (const match of text.matchAll(WILDCARD)) {
    append(text.slice(copied, match.index));
    copied = match.index + match[0].length;
    pieces.push(match[1] === undefined ? { least: 0, literal: "" } : { least: 1, name: match[1], literal: "" });
  }
  append(text.slice(copied));
  return { head, pieces };
};

/** Leftmost is best: whatever a later piece needs is still to the right of the earliest place of this one. */
const walk = (value: string, head: string, pieces: readonly Piece[]): Readonly<Record<string, string>> | undefined => {
  if (!value.startsWith(head)) return undefined;
  const captured: Record<string, string> = {};
  let at = head.length;
  for (const [index, { least, name, literal }] of pieces.entries()) {
    const last = index === pieces.length - 1;
    const found = last ? value.length - literal.length : value.indexOf(literal, at + least);
    if (found < at + least || !value.startsWith(literal, found)) return undefined;
    if (name !== undefined) captured[name] = value.slice(at, found);
    at = found + literal.length;
  }
  return pieces.length > 0 || at === value.length ? captured : undefined;
};

/** `*` stands for any characters, `{name}` for one or more; everything else for itself. */
export const patternOf = (text: string): Pattern => {
  const { head, pieces } = piecesOf(text);
  return {
    text,
    matches: (value) => walk(value, head, pieces) !== undefined,
    captures: (value) => walk(value, head, pieces),
  };
};
