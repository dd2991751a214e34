// Reads a regular expression in the syntax of RE2, which has nothing that could not be matched in one pass: no references back to groups and
// no looking around (github.com/google/re2/wiki/Syntax).
import { type Case, range } from "./char-set.ts";
import { bracketed, escapedClass } from "./classes.ts";
import { Scanner } from "./scanner.ts";
import { type Expression, type Place, REGEX_CHARACTERS_MAX, REGEX_DEPTH_MAX, REGEX_REPEAT_MAX, RegexError } from "./syntax.ts";

/** What `(?ims)` sets; `U` is read and changes nothing of whether a name matches. */
interface Flags {
  readonly letters: Case;
  readonly byLine: boolean;
  readonly dotAll: boolean;
}

const NO_FLAGS: Flags = { letters: "own", byLine: false, dotAll: false };
const FLAGS: Readonly<Record<string, Partial<Flags>>> = {
  i: { letters: "either" },
  m: { byLine: true },
  s: { dotAll: true },
  U: {},
};
const FLAGS_OFF: Readonly<Record<string, Partial<Flags>>> = {
  i: { letters: "own" },
  m: { byLine: false },
  s: { dotAll: false },
  U: {},
};
const PLACES: Readonly<Record<string, Place>> = { "\\A": "begin", "\\z": "end", "\\b": "word", "\\B": "notWord" };
const ANYTHING = range(0, 0x7f);
const NOT_NEWLINE = ANYTHING.map((_, code) => (code === 10 ? 0 : 1));

/** Throws a RegexError. */
export const parseRegex = (text: string): Expression => {
  if (text.length > REGEX_CHARACTERS_MAX) throw new RegexError(`it has ${text.length} characters, more than ${REGEX_CHARACTERS_MAX}`);
  const reading = new Reading(text);
  const whole = reading.choice(0);
  if (reading.from.more) throw new RegexError("unexpected )");
  return whole;
};

/** How often a part is repeated at most, with all that repeats what it is part of. */
const timesOf = (of: Expression): number => {
  if (of.kind === "sequence") return Math.max(1, ...of.parts.map(timesOf));
  if (of.kind === "choice") return Math.max(1, ...of.ways.map(timesOf));
  if (of.kind !== "repeat" || of.most === 0) return 1;
  const times = of.most === Number.POSITIVE_INFINITY ? of.least : of.most;
  return Math.max(1, times) * timesOf(of.of);
};

class Reading {
  readonly from: Scanner;
  readonly #names = new Set<string>();
  #flags = NO_FLAGS;

  constructor(text: string) {
    this.from = new Scanner(text);
  }

  /** Up to the end, or to the parenthesis that closes. */
  choice(depth: number): Expression {
    if (depth > REGEX_DEPTH_MAX) throw new RegexError(`groups are nested more than ${REGEX_DEPTH_MAX} deep`);
    const ways: Expression[] = [];
    do ways.push(this.#sequence(depth));
    while (this.from.skip("|"));
    return ways.length === 1 && ways[0] ? ways[0] : { kind: "choice", ways };
  }

  #sequence(depth: number): Expression {
    const parts: Expression[] = [];
    let isRepeated = false;
    while (this.from.more && !this.from.sees("|") && !this.from.sees(")")) {
      const times = this.#times();
      if (times) {
        if (isRepeated) throw new RegexError("invalid nested repetition operator");
        parts.push(this.#repeated(parts.pop(), times));
      } else parts.push(...this.#parts(depth));
      isRepeated = times !== undefined;
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: "sequence", parts };
  }

  /** `*`, `+`, `?`, `{..}`, each perhaps with a `?`, which says only what is tried first. */
  #times(): readonly [least: number, most: number] | undefined {
    const sign = this.from.take(/([*+?])\??/y)?.[1];
    if (sign !== undefined) return [sign === "+" ? 1 : 0, sign === "?" ? 1 : Number.POSITIVE_INFINITY];
    const counted = this.from.take(/\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}\??/y);
    if (!counted) return undefined;
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : Number(counted[3] ?? Number.POSITIVE_INFINITY);
    const largest = Number.isFinite(most) ? most : least;
    if (least > REGEX_REPEAT_MAX || largest > REGEX_REPEAT_MAX || least > most) throw new RegexError(`invalid repeat count: ${counted[0]}`);
    return [least, most];
  }

  #repeated(of: Expression | undefined, [least, most]: readonly [number, number]): Expression {
    if (!of) throw new RegexError("missing argument to repetition operator");
    const repeat: Expression = { kind: "repeat", of, least, most };
    if (timesOf(repeat) > REGEX_REPEAT_MAX) throw new RegexError(`invalid repeat count: more than ${REGEX_REPEAT_MAX} in all`);
    return repeat;
  }

  /** Several, since `\Q..\E` is so many characters; none for what only sets flags. */
  #parts(depth: number): readonly Expression[] {
    if (this.from.skip("(")) return this.#group(depth);
    if (this.from.skip("\\Q")) return [...(this.from.until("\\E") ?? this.from.rest())].map((one) => this.#literal(one.codePointAt(0)));
    return [this.#place() ?? this.#set()];
  }

  #place(): Expression | undefined {
    const written = this.from.take(/\\[AzbB]/y)?.[0];
    if (written !== undefined) return { kind: "place", place: PLACES[written] ?? "begin" };
    const { byLine } = this.#flags;
    if (this.from.skip("^")) return { kind: "place", place: byLine ? "lineBegin" : "begin" };
    return this.from.skip("$") ? { kind: "place", place: byLine ? "lineEnd" : "end" } : undefined;
  }

  #set(): Expression {
    const { letters, dotAll } = this.#flags;
    if (this.from.skip(".")) return { kind: "set", set: dotAll ? ANYTHING : NOT_NEWLINE };
    if (this.from.skip("[")) return { kind: "set", set: bracketed(this.from, letters) };
    const set = escapedClass(this.from, letters);
    if (set) return { kind: "set", set };
    return this.#literal(this.from.sees("\\") ? this.from.escaped() : this.from.next().codePointAt(0));
  }

  #literal(code = 0): Expression {
    return { kind: "set", set: range(code, code, this.#flags.letters) };
  }

  /** From behind the parenthesis that opens. Flags that are set within hold until it closes. */
  #group(depth: number): readonly Expression[] {
    const before = this.#flags;
    if (this.from.skip("?")) {
      if (this.from.sees("P<") || this.from.sees("<")) this.#name();
      else if (this.#setFlags() === ")") return [];
    }
    const inner = this.choice(depth + 1);
    if (!this.from.skip(")")) throw new RegexError("missing closing )");
    this.#flags = before;
    return [inner];
  }

  #name(): void {
    const name = this.from.take(/P?<([0-9A-Za-z_]+)>/y)?.[1];
    if (name === undefined) throw new RegexError("invalid named capture");
    if (this.#names.has(name)) throw new RegexError(`duplicate capture group name: ${name}`);
    this.#names.add(name);
  }

  /** What comes behind the flags: a group, or nothing. */
  #setFlags(): ":" | ")" {
    const [, on = "", off, end] = this.from.take(/([imsU]*)(?:-([imsU]+))?([:)])/y) ?? [];
    if (end !== ":" && end !== ")") throw new RegexError("invalid or unsupported Perl syntax");
    for (const letter of on) this.#flags = { ...this.#flags, ...FLAGS[letter] };
    for (const letter of off ?? "") this.#flags = { ...this.#flags, ...FLAGS_OFF[letter] };
    return end;
  }
}
