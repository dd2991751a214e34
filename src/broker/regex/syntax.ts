// What a regular expression is once it is read: a tree. Groups, and which of several ways is tried first, are not in it, since all that is
// asked is whether a name matches as a whole.
import type { CharSet } from "./char-set.ts";

/** A condition on a place between characters. */
export type Place = "begin" | "end" | "lineBegin" | "lineEnd" | "word" | "notWord";

export type Expression =
  | { readonly kind: "set"; readonly set: CharSet }
  | { readonly kind: "place"; readonly place: Place }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly ways: readonly Expression[] }
  /** `most`: Infinity when there is no end. */
  | { readonly kind: "repeat"; readonly of: Expression; readonly least: number; readonly most: number };

/** It cannot be read, or is too large: with what is wrong. */
export class RegexError extends Error {}

/** Of an expression as it is written. */
export const REGEX_CHARACTERS_MAX = 10_000;
/** Of groups in groups. */
export const REGEX_DEPTH_MAX = 200;
/** Of the numbers in `{..}`, those of repetitions within repetitions multiplied. */
export const REGEX_REPEAT_MAX = 1_000;
/** Of the steps that an expression becomes. */
export const REGEX_STEPS_MAX = 10_000;
