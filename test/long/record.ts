// A long run's result, kept in the repository: what passed, with which figures, at which commit. `results.test.ts` compares, so that a
// run cannot quietly do less than it did.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { runOrFail } from "../kit/processes.ts";

export interface LongResult {
  readonly name: string;
  readonly commit: string;
  readonly date: string;
  readonly machine: { readonly processors: number; readonly node: string };
  readonly tookSeconds: number;
  /** Claims that held. */
  readonly passes: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

const fileOf = (name: string): URL => new URL(`results/${name}.json`, import.meta.url);

export const readResult = (name: string): LongResult => JSON.parse(readFileSync(fileOf(name), "utf8")) as LongResult; // Written below.

/** What a run tells of itself while it goes on. */
export interface Report {
  /** A claim held. */
  pass(claim: string): void;
  figure(name: string, value: number): void;
}

const commitNow = async (): Promise<string> => {
  const [head, changes] = await Promise.all(
    [
      ["rev-parse", "HEAD"],
      ["status", "--porcelain", "--untracked-files=no"],
    ].map((args) => runOrFail("git", { args })),
  );
  return `${head?.toString().trim()}${changes?.length ? " with changes" : ""}`;
};

/** What a run told, and it tells the terminal what held. */
class Told implements Report {
  readonly passes: string[] = [];
  readonly figures: Record<string, number> = {};

  pass(claim: string): void {
    this.passes.push(claim);
    process.stdout.write(`✔ ${claim}\n`);
  }
  figure(name: string, value: number): void {
    this.figures[name] = Math.round(value * 100) / 100;
  }
}

/** Does less than the run, and leaves its result as it is. */
export const rehearse = async (body: (report: Report) => Promise<void>): Promise<void> => {
  const told = new Told();
  await body(told);
  process.stdout.write(`${JSON.stringify(told.figures, undefined, 2)}\n`);
};

/** Does a run, and writes its result when it did not throw. */
export const longRun = async (name: string, body: (report: Report) => Promise<void>): Promise<void> => {
  const told = new Told();
  const began = performance.now();
  const commit = await commitNow();
  await body(told);
  const { passes, figures } = told;
  const tookSeconds = Math.round((performance.now() - began) / 1000);
  const machine = { processors: cpus().length, node: process.version };
  const result: LongResult = { name, commit, date: new Date().toISOString(), machine, tookSeconds, passes, figures };
  writeFileSync(fileOf(name), `${JSON.stringify(result, undefined, 2)}\n`);
};
