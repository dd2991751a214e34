// What a rule of tidiness is.
import type { Source } from "./source.ts";

/** A place where a rule is broken. `what` says what was found there. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export interface Rule {
  /** Short and stable: the allow list names it. */
  readonly name: string;
  /** Why there is such a rule; printed with every breach. */
  readonly reason: string;
  find(sources: readonly Source[]): Finding[];
}

/** A breach that stands, and why. */
export interface Allowed {
  readonly rule: string;
  readonly path: string;
  readonly reason: string;
}
