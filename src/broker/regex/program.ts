// A regular expression as steps that are walked all at once (Thompson's construction): as many as its size allows, whatever it says.
import type { CharSet } from "./char-set.ts";
import { type Expression, type Place, REGEX_STEPS_MAX, RegexError } from "./syntax.ts";

export type Step =
  | { readonly kind: "set"; readonly set: CharSet; readonly next: number }
  | { readonly kind: "place"; readonly place: Place; readonly next: number }
  /** Both are tried; of one that repeats, `next` is set when it is known. */
  | { readonly kind: "split"; readonly other: number; next: number }
  | { readonly kind: "match" };

export interface Program {
  readonly steps: readonly Step[];
  readonly start: number;
}

/** Throws a RegexError when it is too large. */
export const programOf = (expression: Expression): Program => {
  const steps: Step[] = [];
  const add = (step: Step): number => {
    if (steps.length >= REGEX_STEPS_MAX) throw new RegexError(`it is too large: more than ${REGEX_STEPS_MAX} steps`);
    return steps.push(step) - 1;
  };
  const start = compiled(expression, add({ kind: "match" }), { steps, add });
  return { steps, start };
};

interface Into {
  readonly steps: Step[];
  readonly add: (step: Step) => number;
}

/** Backwards: from what follows to where it begins. */
const compiled = (of: Expression, next: number, into: Into): number => {
  if (of.kind === "set") return into.add({ kind: "set", set: of.set, next });
  if (of.kind === "place") return into.add({ kind: "place", place: of.place, next });
  if (of.kind === "sequence") return of.parts.reduceRight((after, part) => compiled(part, after, into), next);
  if (of.kind === "choice")
    return of.ways.map((way) => compiled(way, next, into)).reduceRight((other, way) => into.add({ kind: "split", next: way, other }));
  return repeated(of, next, into);
};

const repeated = ({ of, least, most }: Extract<Expression, { kind: "repeat" }>, next: number, into: Into): number => {
  let start = most === Number.POSITIVE_INFINITY ? looped(of, next, into) : next;
  if (Number.isFinite(most))
    for (let left = most - least; left > 0; left--) start = into.add({ kind: "split", next: compiled(of, start, into), other: next });
  for (let left = least; left > 0; left--) start = compiled(of, start, into);
  return start;
};

const looped = (of: Expression, next: number, into: Into): number => {
  const split: Step = { kind: "split", next, other: next };
  const at = into.add(split);
  split.next = compiled(of, at, into);
  return at;
};
