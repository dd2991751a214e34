// What the broker answers, told by the declarations of its APIs: to clients by ApiVersions, to people by `sluice broker --apis`.

import type { Absent } from "./absent.ts";

/** An API that is answered here. */
export interface Answered {
  readonly key: number;
  readonly name: string;
  readonly versions: { readonly min: number; readonly max: number };
  /** The oldest version that clients are told of. */
  readonly toldFrom: number;
  /** What is left out; absent: nothing. */
  readonly missing?: string;
}

/** One line an API: its number, name, versions, and what is missing; then those that are not answered at all, and why. */
export const coverageText = (apis: readonly Answered[], absent: readonly Absent[] = []): string => {
  const unanswered = absent
    .filter(({ key }) => !apis.some((api) => api.key === key))
    .map(({ key, name, why }) => ({ cells: [String(key).padStart(3), name, "-"], missing: `not answered: ${why}` }));
  const answered = apis.map(({ key, name, versions: { min, max }, missing }) => ({
    cells: [String(key).padStart(3), name, min === max ? `${min}` : `${min} to ${max}`],
    missing: missing ?? "",
  }));
  const rows = [...answered, ...unanswered];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map(({ cells }) => cells[at]?.length ?? 0)));
  return rows
    .map(({ cells, missing }) => `${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}  ${missing}`.trimEnd())
    .map((line) => `${line}\n`)
    .join("");
};
