// Sets of characters as regular expressions name them, within ASCII: that is all that names of topics are made of, so whatever lies above is
// read and checked, but matches nothing.

/** One byte for each ASCII character: 1 where it is in. */
export type CharSet = Uint8Array;

export const ASCII = 128;
/** Signs above ASCII that are the same as an ASCII letter when case does not matter: the long s and the sign of Kelvin. */
const FOLDED_INTO_ASCII: readonly (readonly [codePoint: number, letter: string])[] = [
  [0x17f, "s"],
  [0x212a, "k"],
];

const CASE_BIT = 0x20;
const isLetter = (code: number): boolean => (code | CASE_BIT) >= 0x61 && (code | CASE_BIT) <= 0x7a;

/** Whether letters are only themselves, or in their other case too. */
export type Case = "own" | "either";

/** The characters from `low` to `high`, both included. */
export const range = (low: number, high: number, letters: Case = "own"): CharSet => {
  const set = new Uint8Array(ASCII);
  set.fill(1, Math.min(low, ASCII), Math.min(high + 1, ASCII));
  if (letters === "own") return set;
  for (const [codePoint, letter] of FOLDED_INTO_ASCII) if (low <= codePoint && codePoint <= high) set[letter.charCodeAt(0)] = 1;
  return folded(set);
};

export const union = (...sets: readonly CharSet[]): CharSet => {
  const all = new Uint8Array(ASCII);
  for (const set of sets) for (const [code, isIn] of set.entries()) if (isIn) all[code] = 1;
  return all;
};

export const negated = (set: CharSet): CharSet => set.map((isIn) => 1 - isIn);

const folded = (set: CharSet): CharSet => set.map((isIn, code) => (isIn || (isLetter(code) && set[code ^ CASE_BIT]) ? 1 : 0));

export const ofCase = (set: CharSet, letters: Case): CharSet => (letters === "own" ? set : folded(set));

const ofRanges = (...ranges: readonly string[]): CharSet => union(...ranges.map((pair) => range(pair.charCodeAt(0), pair.charCodeAt(1))));

/** `\d` and its kind; the capital is everything else. */
export const PERL: Readonly<Record<string, CharSet>> = {
  d: ofRanges("09"),
  s: ofRanges("\t\n", "\f\r", "  "),
  w: ofRanges("09", "AZ", "__", "az"),
};

/** `[[:alpha:]]` and its kind. */
export const POSIX: Readonly<Record<string, CharSet>> = {
  alnum: ofRanges("09", "AZ", "az"),
  alpha: ofRanges("AZ", "az"),
  ascii: ofRanges("\0\x7f"),
  blank: ofRanges("\t\t", "  "),
  cntrl: ofRanges("\0\x1f", "\x7f\x7f"),
  digit: ofRanges("09"),
  graph: ofRanges("!~"),
  lower: ofRanges("az"),
  print: ofRanges(" ~"),
  punct: ofRanges("!/", ":@", "[`", "{~"),
  space: ofRanges("\t\r", "  "),
  upper: ofRanges("AZ"),
  word: ofRanges("09", "AZ", "az", "__"),
  xdigit: ofRanges("09", "AF", "af"),
};

const CATEGORY = /^(?:C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/;

/** `\p{..}`: a category or script of Unicode, or Any; undefined: there is none of that name. */
export const unicode = (name: string): CharSet | undefined => {
  if (name === "Any") return range(0, ASCII);
  const test = CATEGORY.test(name) ? named(name) : named(`Script=${name}`);
  return test && Uint8Array.from({ length: ASCII }, (_, code) => (test.test(String.fromCharCode(code)) ? 1 : 0));
};

const named = (property: string): RegExp | undefined => {
  if (!/^[A-Z][A-Za-z_=]*$/.test(property)) return undefined;
  try {
    return new RegExp(`^\\p{${property}}$`, "u");
  } catch (reason) {
    if (reason instanceof SyntaxError) return undefined;
    throw reason;
  }
};
