// A regular expression for names of topics: whether it can be read, and whether a name matches as a whole, in one pass over the name.
import { ASCII, PERL } from "./char-set.ts";
import { parseRegex } from "./parse.ts";
import { type Program, programOf, type Step } from "./program.ts";
import type { Place } from "./syntax.ts";

const NEWLINE = 10;
const NO_CHARACTER = -1;

const isWord = (code: number): boolean => PERL.w?.[code] === 1;

/** Whether a place between two characters is one of those; -1: there is none on that side. */
const holds = (place: Place, before: number, after: number): boolean => {
  if (place === "begin") return before === NO_CHARACTER;
  if (place === "end") return after === NO_CHARACTER;
  if (place === "lineBegin") return before === NO_CHARACTER || before === NEWLINE;
  if (place === "lineEnd") return after === NO_CHARACTER || after === NEWLINE;
  return (isWord(before) !== isWord(after)) === (place === "word");
};

export class Regex {
  readonly #program: Program;
  /** For each step, the round in which it was last reached. */
  readonly #reached: Uint32Array;
  #round = 0;
  #walked = 0;

  /** Throws a RegexError. */
  constructor(text: string) {
    this.#program = programOf(parseRegex(text));
    this.#reached = new Uint32Array(this.#program.steps.length);
  }

  /** Steps that were walked since it was last asked: what the matching has cost. */
  takeWalked(): number {
    const walked = this.#walked;
    this.#walked = 0;
    return walked;
  }

  /** The whole name, which is ASCII. */
  matches(name: string): boolean {
    let current: number[] = [];
    this.#reach(this.#program.start, { into: current, before: NO_CHARACTER, after: codeAt(name, 0) });
    this.#round += 1;
    for (let at = 0; at < name.length && current.length > 0; at++) {
      const [before, after] = [codeAt(name, at), codeAt(name, at + 1)];
      const following: number[] = [];
      for (const index of current) {
        const step = this.#step(index);
        if (step?.kind === "set" && before < ASCII && step.set[before]) this.#reach(step.next, { into: following, before, after });
      }
      current = following;
      this.#round += 1;
    }
    return current.some((index) => this.#step(index)?.kind === "match");
  }

  #step(index: number): Step | undefined {
    return this.#program.steps[index];
  }

  /** All that can be reached from a step without a character; each once a round. */
  #reach(from: number, { into, before, after }: Reaching): void {
    const open = [from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const step = this.#step(index);
      if (!step || this.#reached[index] === this.#round + 1) continue;
      this.#reached[index] = this.#round + 1;
      this.#walked += 1;
      if (step.kind === "split") open.push(step.other, step.next);
      else if (step.kind !== "place") into.push(index);
      else if (holds(step.place, before, after)) open.push(step.next);
    }
  }
}

interface Reaching {
  readonly into: number[];
  readonly before: number;
  readonly after: number;
}

const codeAt = (name: string, at: number): number => (at < name.length ? name.charCodeAt(at) : NO_CHARACTER);
