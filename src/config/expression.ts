// `${{env.X}}`: replaced in the text of the file before it is read as YAML, so that a port from the environment is a number. Apart
// because this is the only place of the configuration that reads the process's environment.

export type Environment = Readonly<Record<string, string | undefined>>;

/** One expression, where it stands in the file and where its value stands in the expanded text. Offsets are in UTF-16 units. */
export interface Expression {
  /** The name of the variable. */
  readonly name: string;
  readonly from: { readonly start: number; readonly end: number };
  readonly to: { readonly start: number; readonly end: number };
  /** False: the variable is not set, and a mark stands in its place. */
  readonly set: boolean;
}

export interface Expanded {
  readonly text: string;
  readonly expressions: readonly Expression[];
  /** An offset of the expanded text in the file; anything inside a value is where its expression begins. */
  original(offset: number): number;
}

const EXPRESSION = /\$\{\{\s*env\.([^\s{}]+)\s*\}\}/g;

/** Stands for an unset variable: private characters, which no configuration holds, around the index of the expression. */
const mark = (index: number): string => `\uF8F0${index}\uF8F1`;
const MARK = /\uF8F0(\d+)\uF8F1/g;

/** The indexes of the expressions with an unset variable that a text holds. */
export const unsetIn = (text: string): readonly number[] => [...text.matchAll(MARK)].map((match) => Number(match[1]));

/** Whether a value cannot be judged, since a variable in it is not set. */
export const holdsUnset = (text: string): boolean => text.includes("\uF8F0");

const originalOf = (expressions: readonly Expression[], offset: number): number => {
  let low = 0;
  let high = expressions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (expressions[middle]!.to.start <= offset) low = middle + 1;
    else high = middle;
  }
  const last = expressions[low - 1];
  if (!last) return offset;
  if (offset < last.to.end || offset === last.to.start) return last.from.start;
  return last.from.end + (offset - last.to.end);
};

/** Other contexts than `env` are left as they stand, as the original does; a value is not looked into again. */
export const expand = (text: string, environment: Environment = process.env): Expanded => {
  const expressions: Expression[] = [];
  let expanded = "";
  let copied = 0;
  for (const match of text.matchAll(EXPRESSION)) {
    expanded += text.slice(copied, match.index);
    copied = match.index + match[0].length;
    const name = match[1]!;
    const value = environment[name];
    const start = expanded.length;
    expanded += value ?? mark(expressions.length);
    expressions.push({ name, from: { start: match.index, end: copied }, to: { start, end: expanded.length }, set: value !== undefined });
  }
  return { text: expanded + text.slice(copied), expressions, original: (offset) => originalOf(expressions, offset) };
};
