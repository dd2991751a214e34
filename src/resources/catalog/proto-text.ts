// Where something stands in the text of a proto. The parser knows the line at best, and that only roughly; this finds the word again.

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A mistake in a proto's text. */
export class ProtoFault extends Error {
  readonly position: Position;
  constructor(position: Position, message: string) {
    super(message);
    this.position = position;
  }
}

export interface Word extends Position {
  readonly text: string;
}

const WORD = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[^\s{}=;:[\],'"()<>]+|\S/g;

/** The words of a proto in their order, without comments; a string is one word, quotes included. */
export function* words(text: string): Generator<Word> {
  let line = 1;
  let lineStart = 0;
  let counted = 0;
  for (const match of text.matchAll(WORD)) {
    for (let at = text.indexOf("\n", counted); at >= 0 && at < match.index; at = text.indexOf("\n", at + 1)) {
      line += 1;
      lineStart = at + 1;
      counted = at + 1;
    }
    const [word] = match;
    if (!word.startsWith("//") && !word.startsWith("/*")) yield { text: word, line, column: match.index - lineStart + 1 };
  }
}

/** The last place of a word up to a line: what a parser has just read stands there. */
export const lastPlace = (text: string, word: string, lineMax: number): Position | undefined => {
  let found: Position | undefined;
  for (const each of words(text)) {
    if (each.line > lineMax) break;
    if (each.text === word) found = { line: each.line, column: each.column };
  }
  return found;
};

export const endPlace = (text: string): Position => {
  const lines = text.trimEnd().split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
};
