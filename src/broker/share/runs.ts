// What is known of consecutive offsets of a share partition, as runs of offsets that are alike: without a gap from the first that is not
// done to the last that was ever given.

/** Done: accepted, rejected, given too often, or nothing that could be given. */
export type RunState = "available" | "acquired" | "done";

export interface Run {
  readonly first: number;
  /** Included. */
  readonly last: number;
  readonly state: RunState;
  /** How often it was given. */
  readonly deliveries: number;
  /** Who has it; empty unless it is acquired. */
  readonly member: string;
  /** Until when, in monotonic time; Infinity unless it is acquired. */
  readonly untilMs: number;
}

/** Offsets, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export const NEVER = Number.POSITIVE_INFINITY;

export const lengthOf = ({ first, last }: Span): number => last - first + 1;

export const availableRun = ({ first, last }: Span, deliveries: number): Run => ({
  ...{ first, last, deliveries, state: "available", member: "", untilMs: NEVER },
});

export const doneRun = ({ first, last }: Span, deliveries: number): Run => ({
  ...{ first, last, deliveries, state: "done", member: "", untilMs: NEVER },
});

const isAlike = (some: Run, other: Run): boolean =>
  some.state === other.state && some.deliveries === other.deliveries && some.member === other.member && some.untilMs === other.untilMs;

/** Puts a run, which follows the last one, at the end. */
const push = (runs: Run[], run: Run): void => {
  const last = runs.at(-1);
  if (last && isAlike(last, run)) runs[runs.length - 1] = { ...last, last: run.last };
  else runs.push(run);
};

/** Those of the offsets of a span, cut to it. */
export const runsIn = (runs: readonly Run[], { first, last }: Span): readonly Run[] =>
  runs
    .filter((run) => run.last >= first && run.first <= last)
    .map((run) => ({ ...run, first: Math.max(run.first, first), last: Math.min(run.last, last) }));

/** The same runs, but with what lies within a span changed. `to` is given parts that are cut to the span. */
export const changed = (runs: readonly Run[], { first, last }: Span, to: (run: Run) => Run): Run[] => {
  const next: Run[] = [];
  for (const run of runs) {
    if (run.last < first || run.first > last) {
      push(next, run);
      continue;
    }
    if (run.first < first) push(next, { ...run, last: first - 1 });
    push(next, to({ ...run, first: Math.max(run.first, first), last: Math.min(run.last, last) }));
    if (run.last > last) push(next, { ...run, first: last + 1 });
  }
  return next;
};

/** A span, and what is to be done with it. */
export interface Part {
  readonly span: Span;
  readonly type: number;
}

/** Like `changed` with many spans, which follow each other and do not overlap, in one pass. */
export const changedEach = (runs: readonly Run[], parts: readonly Part[], to: (run: Run, type: number) => Run): Run[] => {
  const next: Run[] = [];
  let at = 0;
  for (const run of runs) {
    let first = run.first;
    while (first <= run.last) {
      while ((parts[at]?.span.last ?? NEVER) < first) at += 1;
      const part = parts[at];
      const begin = Math.min(part?.span.first ?? NEVER, run.last + 1);
      if (begin > first) push(next, { ...run, first, last: begin - 1 });
      if (!part || begin > run.last) break;
      const last = Math.min(part.span.last, run.last);
      push(next, to({ ...run, first: Math.max(begin, first), last }, part.type));
      first = last + 1;
    }
  }
  return next;
};

/** All of them changed; runs that became alike are joined. */
export const changedAll = (runs: readonly Run[], to: (run: Run) => Run): Run[] => {
  const next: Run[] = [];
  for (const run of runs) push(next, to(run));
  return next;
};

/** Those that follow each other, in one list. */
export const joined = (runs: readonly Run[], more: readonly Run[]): Run[] => {
  const next = [...runs];
  for (const run of more) push(next, run);
  return next;
};
