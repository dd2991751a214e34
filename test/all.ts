// The runner behind `npm test` and `npm run check`: types, format and lint, then every test file, those without foreign parts first,
// in as many processes as there are processors, then those that share one Apache Kafka, one after the other. It ends with one line of
// totals, and says what was left out and why.
//
//   node test/all.ts [--unit] [--dot] [--embedded] [FILE…]      --embedded: on the broker of our own instead of Apache Kafka
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { run as runFiles } from "node:test";
import { dot, spec } from "node:test/reporters";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { startBroker } from "../src/broker/start-broker.ts";
import { startKafka } from "./kafka-server/server.ts";
import { cacheDirectory } from "./kit/cache.ts";
import { missing, NEEDS, type Need, required } from "./kit/needs.ts";
import { run } from "./kit/processes.ts";
import { buildTools } from "./kit/tools.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FILE_TIMEOUT_MS = 600_000;
/** Folders of tests that need Kafka, foreign tools or the whole program. */
const FOREIGN = ["oracle", "scenarios", "chaos"];

const out = (text: string): void => void process.stdout.write(`${text}\n`);

interface Checked {
  readonly passed: boolean;
  /** One line, and what the program said when it failed. */
  readonly text: string;
}

/** A check that is no test file. It runs beside the tests and is told after them. */
const check = async (program: string, ...args: string[]): Promise<Checked> => {
  const { code, stdout, stderr } = await run(resolve(ROOT, "node_modules/.bin", program), { args, directory: ROOT, timeoutMs: 300_000 });
  const line = `${code === 0 ? "✔" : "✖"} ${program} ${args.join(" ")}`;
  return { passed: code === 0, text: code === 0 ? line : `${line}\n${stdout.toString()}${stderr}` };
};

/** What the types of this checkout were when they were last checked, so that only what changed is checked again. */
const typesKnown = (): string =>
  join(cacheDirectory(), "types", `${createHash("sha256").update(ROOT).digest("hex").slice(0, 12)}.tsbuildinfo`);

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** Reason → how many tests and suites. */
  readonly leftOut: Map<string, number>;
}

type Events = AsyncIterable<{ readonly type: string; readonly data: unknown }>;
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
}

const note = (totals: Totals, type: string, data: unknown): void => {
  const { skip, file, counts } = data as { skip?: string | boolean; file?: string; counts?: Counts }; // What the test runner documents of its events.
  if (type === "test:pass" && skip) {
    const reason = skip === true ? "no reason given" : skip;
    totals.leftOut.set(reason, (totals.leftOut.get(reason) ?? 0) + 1);
  }
  if (type !== "test:summary" || file !== undefined || !counts) return;
  totals.passed += counts.passed;
  totals.failed += counts.failed + counts.cancelled;
  totals.skipped += counts.skipped;
};

interface Phase {
  readonly files: string[];
  readonly concurrency: number;
  readonly execArgv: string[];
}

/** One phase after the other as one stream of events; their own summaries are left out, since the totals come at the end. */
async function* phases(all: readonly Phase[], totals: Totals): Events {
  for (const phase of all) {
    if (phase.files.length === 0) continue;
    const events: Events = runFiles({ ...phase, timeout: FILE_TIMEOUT_MS, cwd: ROOT });
    for await (const event of events) {
      note(totals, event.type, event.data);
      const summary =
        event.type === "test:summary" || (event.type === "test:diagnostic" && (event.data as { nesting: number }).nesting === 0); // As documented.
      if (!summary) yield event;
    }
  }
}

/** The Kafka that the tests share. */
interface Kafka {
  readonly bootstrap: string;
  stop(): Promise<unknown>;
}

const embedded = async (): Promise<Kafka> => {
  const data = mkdtempSync(join(tmpdir(), "sluice-broker-"));
  const broker = await startBroker({ data, autoCreate: false });
  const stop = async (): Promise<void> => {
    await broker.close();
    rmSync(data, { recursive: true });
  };
  return { bootstrap: broker.bootstrap, stop };
};

/** Makes ready what tests need; what cannot be had is left out, or ends the run where it is required. */
const prepare = async (start: () => Promise<Kafka>): Promise<Kafka | undefined> => {
  const leaveOut = (need: Need, reason: string): void => {
    if (required().includes(need)) throw new Error(`${need} is required (SLUICE_REQUIRE), but ${reason}`);
    out(`- left out: what needs ${need} (${reason})`);
    process.env["SLUICE_LEAVE_OUT"] = [process.env["SLUICE_LEAVE_OUT"], need].filter(Boolean).join(",");
  };
  for (const need of NEEDS) {
    const reason = missing(need);
    if (reason !== undefined) leaveOut(need, reason);
  }
  const messageOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
  let kafka: Kafka | undefined;
  const tools = missing("go") ? undefined : buildTools().catch((reason: unknown) => leaveOut("go", messageOf(reason)));
  if ((start === embedded || !missing("kafka")) && !process.env["SLUICE_KAFKA"]) {
    kafka = await start().catch((reason: unknown) => void leaveOut("kafka", messageOf(reason)));
    if (kafka) process.env["SLUICE_KAFKA"] = kafka.bootstrap;
  }
  await tools;
  return kafka;
};

const isForeign = (file: string): boolean => FOREIGN.some((folder) => file.includes(`${sep}test${sep}${folder}${sep}`));

/**
 * As many files as there are processors that import all the given ones, dealt by size so that each has about as much to do: a process a test
 * file would take longer to start than to test.
 */
const bundlesOf = (files: readonly string[], directory: string): string[] => {
  const count = Math.min(files.length, availableParallelism());
  const dealt = files
    .map((file) => ({ file, size: statSync(file).size }))
    .sort((a, b) => b.size - a.size)
    .map(({ file }) => file);
  return Array.from({ length: count }, (_, at) => {
    const bundle = join(directory, `unit-${at + 1}.mjs`);
    const own = dealt.filter((_, index) => index % count === at);
    writeFileSync(bundle, own.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`).join(""));
    return bundle;
  });
};

const runTests = async (files: readonly string[], reporter: "dot" | "spec"): Promise<Totals> => {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0, leftOut: new Map() };
  const directory = mkdtempSync(join(tmpdir(), "sluice-tests-"));
  const bundles = bundlesOf(
    files.filter((file) => !isForeign(file)),
    directory,
  );
  const unit = { files: bundles, concurrency: bundles.length, execArgv: [] };
  // A suite that could not start may leave a server behind, which must not keep the others waiting.
  const foreign = { files: files.filter(isForeign), concurrency: 1, execArgv: ["--test-force-exit"] };
  const report = Readable.from(phases([unit, foreign], totals)).compose(reporter === "dot" ? dot : new spec());
  for await (const text of report) process.stdout.write(text);
  rmSync(directory, { recursive: true });
  return totals;
};

const OPTIONS = { unit: { type: "boolean" }, dot: { type: "boolean" }, embedded: { type: "boolean" } } as const;

const main = async (): Promise<void> => {
  process.env["NODE_COMPILE_CACHE"] ??= join(cacheDirectory(), "compiled"); // Types are stripped once, not by each process anew.
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const found = positionals.length > 0 ? positionals : globSync("test/**/*.test.ts", { cwd: ROOT });
  const files = found.map((file) => resolve(ROOT, file)).sort();
  const wanted = values.unit ? files.filter((file) => !isForeign(file)) : files;
  const checking = Promise.all(
    positionals.length > 0 ? [] : [check("tsc", "--incremental", "--tsBuildInfoFile", typesKnown()), check("biome", "check", ".")],
  );
  const kafka = values.unit ? undefined : await prepare(values.embedded ? embedded : startKafka);
  try {
    const totals = await runTests(wanted, values.dot ? "dot" : "spec");
    const checks = await checking;
    for (const { text } of checks) out(text);
    for (const [reason, count] of totals.leftOut) out(`left out: ${count} (${reason})`);
    const failed = totals.failed + checks.filter(({ passed }) => !passed).length;
    const passed = totals.passed + checks.filter(({ passed }) => passed).length;
    out(`\n${passed} passed, ${failed} failed, ${totals.skipped} skipped`);
    process.exitCode = failed === 0 && totals.passed > 0 ? 0 : 1; // A run that found no test has shown nothing.
  } finally {
    await kafka?.stop();
  }
};

await main().catch((reason: unknown) => {
  out(reason instanceof Error ? reason.message : String(reason));
  process.exitCode = 1;
});
