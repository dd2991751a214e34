// The characters of a regular expression, one after the other, and those that are written as escapes.
import { RegexError } from "./syntax.ts";

const CODE_POINT_MAX = 0x10ffff;
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

export class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get more(): boolean {
    return this.#at < this.#text.length;
  }
  get at(): number {
    return this.#at;
  }

  sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }
  /** The character that comes, or "" at the end. */
  peek(): string {
    return this.more ? String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0) : "";
  }
  next(): string {
    const character = this.peek();
    this.#at += character.length;
    return character;
  }
  /** Whether that text came; it is passed over. */
  skip(text: string): boolean {
    const came = this.sees(text);
    if (came) this.#at += text.length;
    return came;
  }
  /** What comes before `text`, which is passed over; undefined: it does not come, and nothing is passed over. */
  until(text: string): string | undefined {
    const end = this.#text.indexOf(text, this.#at);
    if (end < 0) return undefined;
    const before = this.#text.slice(this.#at, end);
    this.#at = end + text.length;
    return before;
  }
  rest(): string {
    const rest = this.#text.slice(this.#at);
    this.#at = this.#text.length;
    return rest;
  }
  /** What the (sticky) pattern finds here; it is passed over. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  /** The character that an escape stands for; the backslash comes first. */
  escaped(): number {
    const from = this.#at;
    this.#at += 1;
    const character = this.next();
    const code = this.#escapedBy(character);
    if (code === undefined) throw new RegexError(`invalid escape sequence: ${this.#text.slice(from, this.#at)}`);
    return code;
  }

  #escapedBy(character: string): number | undefined {
    if (character === "") throw new RegexError("trailing backslash at the end of the expression");
    if (/[0-7]/.test(character)) return this.#octal(character);
    if (character === "x") return this.#hexadecimal();
    const control = CONTROLS[character];
    if (control !== undefined) return control;
    return /[0-9A-Za-z]/.test(character) ? undefined : character.codePointAt(0);
  }

  /** A single digit but 0 would refer back to a group, and that there is not. */
  #octal(first: string): number | undefined {
    const more = this.take(/[0-7]{1,2}/y)?.[0] ?? "";
    return more === "" && first !== "0" ? undefined : Number.parseInt(first + more, 8);
  }

  #hexadecimal(): number | undefined {
    const digits = this.take(/\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2})/y);
    const code = Number.parseInt(digits?.[1] ?? digits?.[2] ?? "", 16);
    return code <= CODE_POINT_MAX ? code : undefined;
  }
}
