// h2spec, a suite that judges servers of HTTP/2: built once into the cache, run against a plain server, its verdicts read.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./processes.ts";
import { buildTools } from "./tools.ts";

/** How long a case waits for what it wants to see, and all cases together. */
const CASE_TIMEOUT_SECONDS = 5;
const TIMEOUT_MS = 240_000;

export interface H2specOutcome {
  /** `generic/3.1: Sends a DATA frame`, in the order of the suite. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  /** What it printed. */
  readonly said: string;
}

const ENTITIES: Readonly<Record<string, string>> = { "&#34;": '"', "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const plain = (text: string): string => text.replace(/&(?:#34|#39|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity);

const CASE = /<testcase package="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/** Its report, which is JUnit's form. */
export const verdictsOf = (report: string): Omit<H2specOutcome, "said"> => {
  const [passed, failed, skipped]: [string[], string[], string[]] = [[], [], []];
  for (const [, section = "", title = "", inside = ""] of report.matchAll(CASE)) {
    const verdict = inside.includes("<skipped") ? skipped : inside.includes("<failure") || inside.includes("<error") ? failed : passed;
    verdict.push(`${plain(section)}: ${plain(title)}`);
  }
  return { passed, failed, skipped };
};

/** The strict suite, against a port on loopback. */
export const runH2spec = async (port: number): Promise<H2specOutcome> => {
  const program = join(await buildTools("h2spec"), "h2spec");
  const directory = mkdtempSync(join(tmpdir(), "sluice-h2spec-"));
  const report = join(directory, "report.xml");
  const args = ["-h", "127.0.0.1", "-p", String(port), "-S", "-o", String(CASE_TIMEOUT_SECONDS), "-j", report];
  try {
    const { stdout } = await run(program, { args, timeoutMs: TIMEOUT_MS });
    return { ...verdictsOf(readFileSync(report, "utf8")), said: stdout.toString() };
  } finally {
    rmSync(directory, { recursive: true });
  }
};
