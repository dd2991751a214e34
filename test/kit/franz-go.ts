// The test suite of franz-go, a Kafka client in Go, which judges brokers: fetched as a Go module, built once into the cache, run against
// one. Nothing of it is kept here.
import { join } from "node:path";
import { cached } from "./cache.ts";
import { run, runOrFail } from "./processes.ts";

const MODULE = "github.com/twmb/franz-go";
const VERSION = "v1.22.2";
/** From an empty module cache on two busy cores it took two minutes. */
const BUILD_TIMEOUT_MS = 600_000;

const PROGRAM = "kgo.test";
/** One test reads its neighbours' sources, so it runs among them. */
const PLACE = join("source", "pkg", "kgo");

/** The directory of the suite's program; builds it when it is not there. */
export const buildFranzGo = (): Promise<string> =>
  cached(`franz-go-${VERSION}`, async (directory) => {
    const environment = { GOFLAGS: "-p=2 -buildvcs=false -trimpath", GOWORK: "off" };
    const timeoutMs = BUILD_TIMEOUT_MS;
    const told = await runOrFail("go", { args: ["mod", "download", "-json", `${MODULE}@${VERSION}`], environment, timeoutMs });
    const { Dir } = JSON.parse(told.toString()) as { Dir: string }; // What go documents of it.
    const source = join(directory, "source");
    await runOrFail("cp", { args: ["-R", Dir, source] });
    await runOrFail("chmod", { args: ["-R", "u+w", source] });
    await runOrFail("go", {
      args: ["test", "-c", "-o", join(directory, PLACE, PROGRAM), "./pkg/kgo"],
      directory: source,
      environment,
      timeoutMs,
    });
  });

export interface FranzGoRun {
  readonly bootstrap: string;
  /** A second broker, which wants authentication. */
  readonly secure: { readonly bootstrap: string; readonly user: string; readonly password: string };
  /** How many go through each chain of consumers. */
  readonly records: number;
  readonly timeoutMs: number;
}

export interface FranzGoOutcome {
  /** Tests, without the parts of tests. */
  readonly passed: readonly string[];
  /** Tests and parts of tests. */
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  /** Of what failed: the lines said about it, cut to a length that can be read. */
  readonly said: string;
}

const SAID_CHARACTERS_MAX = 8_000;
const LINE_CHARACTERS_MAX = 300;

/** The names behind one verdict, sorted. */
const named = (lines: readonly string[], verdict: RegExp): string[] =>
  lines
    .flatMap((line) => verdict.exec(line)?.[1] ?? [])
    .filter((name, at, all) => all.indexOf(name) === at)
    .sort();

/** Runs all of it; rejects when it was ended for taking too long, or could not tell its verdicts. */
export const runFranzGo = async ({ bootstrap, secure, records, timeoutMs }: FranzGoRun): Promise<FranzGoOutcome> => {
  const directory = join(await buildFranzGo(), PLACE);
  const environment = {
    KGO_SEEDS: bootstrap,
    KGO_TEST_RF: "1",
    KGO_TEST_RECORDS: String(records),
    KGO_TEST_SCRAM: `${secure.user}:${secure.password}`,
    KGO_TEST_SCRAM_SEEDS: secure.bootstrap,
    KGO_LOG_LEVEL: "none",
  };
  // A failing chain of consumers can say the same for gigabytes.
  const script = `set -o pipefail; ./${PROGRAM} -test.v -test.timeout ${timeoutMs}ms 2>&1 | grep -v 'testConsumer sendErr'`;
  const args = ["-c", script];
  const { stdout } = await run("bash", { args, directory, environment, timeoutMs: timeoutMs + 30_000 });
  const lines = stdout.toString().split("\n");
  const outcome = {
    passed: named(lines, /^--- PASS: (Test\S+|Fuzz\S+)/),
    failed: named(lines, /^ *--- FAIL: (\S+)/),
    skipped: named(lines, /^ *--- SKIP: (\S+)/),
  };
  const told = lines.filter((line) => /^\s+\S+_test\.go:\d+:|^panic:|--- FAIL/.test(line) && !line.includes(" deleting "));
  const said = told.map((line) => line.slice(0, LINE_CHARACTERS_MAX)).join("\n");
  if (outcome.passed.length === 0 || lines.some((line) => line.startsWith("panic:")))
    throw new Error(`franz-go's suite did not come to its end\n${said.slice(0, SAID_CHARACTERS_MAX)}`);
  return { ...outcome, said: said.slice(0, SAID_CHARACTERS_MAX) };
};
