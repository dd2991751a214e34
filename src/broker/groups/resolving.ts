// Looks for the topics that regular expressions match, a little in every turn: however many there are, other clients are answered in
// between.
import { BrokerError } from "../broker-error.ts";
import { Regex } from "../regex/regex.ts";
import { RegexError } from "../regex/syntax.ts";
import type { ResolvedRegex } from "./subscriptions.ts";

/** Throws INVALID_REGULAR_EXPRESSION. Empty: there is none. */
export const checkRegex = (text: string): void => {
  if (text === "") return;
  try {
    new Regex(text);
  } catch (reason) {
    if (!(reason instanceof RegexError)) throw reason;
    throw new BrokerError("INVALID_REGULAR_EXPRESSION", `${text} is no regular expression of RE2's syntax: ${reason.message}`);
  }
};

/** About a millisecond or two. */
const STEPS_PER_TURN = 20_000;
/** Beside the steps: what it costs to look at a name at all. */
const STEPS_PER_NAME = 20;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `regexes` were checked. */
export const resolveRegexes = async (regexes: readonly string[], topics: readonly string[]): Promise<readonly ResolvedRegex[]> => {
  const resolved: ResolvedRegex[] = [];
  let steps = 0;
  for (const text of regexes) {
    await nextTurn();
    const regex = new Regex(text);
    const matched: string[] = [];
    for (const name of topics) {
      if (regex.matches(name)) matched.push(name);
      steps += regex.takeWalked() + STEPS_PER_NAME;
      if (steps < STEPS_PER_TURN) continue;
      steps = 0;
      await nextTurn();
    }
    resolved.push([text, matched]);
  }
  return resolved;
};

/** When the regular expressions of a group were looked at last. */
export interface Looked {
  readonly atMs: number;
  /** Of the topics there are. */
  readonly version: number;
}

/** A group looks at most so often whether topics have come or gone. */
const LOOK_MS_MIN = 1_000;
/** And at least so often, since what its members may see may have changed. */
const LOOK_MS_MAX = 600_000;

/** Whether to look anew, beside for expressions that were never looked at. */
export const isLookDue = (looked: Looked | undefined, { atMs, version }: Looked): boolean => {
  if (!looked) return true;
  const sinceMs = atMs - looked.atMs;
  return sinceMs >= LOOK_MS_MAX || (version !== looked.version && sinceMs >= LOOK_MS_MIN);
};
