// Classes of characters in a regular expression: `[..]`, `\d` and its kind, `\p{..}`.
import { type Case, type CharSet, negated, ofCase, PERL, POSIX, range, unicode, union } from "./char-set.ts";
import type { Scanner } from "./scanner.ts";
import { RegexError } from "./syntax.ts";

/** What `\d`, `\S`, `\pL` or `\P{Greek}` stands for; undefined: none of them comes. */
export const escapedClass = (from: Scanner, letters: Case): CharSet | undefined => {
  const perl = from.take(/\\([dswDSW])/y)?.[1];
  if (perl !== undefined) {
    const set = PERL[perl.toLowerCase()];
    return set && (perl === perl.toLowerCase() ? set : negated(set));
  }
  return from.sees("\\p") || from.sees("\\P") ? property(from, letters) : undefined;
};

const property = (from: Scanner, letters: Case): CharSet => {
  const capital = from.skip("\\P");
  if (!capital) from.skip("\\p");
  const name = from.skip("{") ? from.until("}") : from.next();
  const isNegated = name?.startsWith("^") ?? false;
  const set = name === undefined ? undefined : unicode(isNegated ? name.slice(1) : name);
  if (!set) throw new RegexError(`invalid character class: \\p{${name ?? ""}}`);
  const whole = ofCase(set, letters);
  return isNegated === capital ? whole : negated(whole);
};

const posix = (from: Scanner, letters: Case): CharSet | undefined => {
  const name = from.take(/\[:(\^?)(.*?):\]/suy);
  if (!name) return undefined;
  const set = Object.hasOwn(POSIX, name[2] ?? "") ? POSIX[name[2] ?? ""] : undefined;
  if (!set) throw new RegexError(`invalid character range: ${name[0]}`);
  const whole = ofCase(set, letters);
  return name[1] === "^" ? negated(whole) : whole;
};

/** From behind the bracket that opens it. */
export const bracketed = (from: Scanner, letters: Case): CharSet => {
  const isNegated = from.skip("^");
  const sets: CharSet[] = [];
  for (let isFirst = true; isFirst || !from.sees("]"); isFirst = false) {
    if (!from.more) throw new RegexError("missing closing ]");
    sets.push(posix(from, letters) ?? escapedClass(from, letters) ?? single(from, letters));
  }
  from.skip("]");
  const all = union(...sets);
  return isNegated ? negated(all) : all;
};

const single = (from: Scanner, letters: Case): CharSet => {
  const low = member(from);
  const high = from.take(/-(?=[^\]])/suy) ? member(from) : low;
  if (high < low) throw new RegexError(`invalid character range: ${String.fromCodePoint(low)}-${String.fromCodePoint(high)}`);
  return range(low, high, letters);
};

const member = (from: Scanner): number => {
  if (!from.more) throw new RegexError("missing closing ]");
  return from.sees("\\") ? from.escaped() : (from.next().codePointAt(0) ?? 0);
};
