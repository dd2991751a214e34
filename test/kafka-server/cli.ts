// A broker for whoever works on this: `npm run kafka` starts one and stays; `start --background` leaves one running until `stop`.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheDirectory } from "../kit/cache.ts";
import { createTopics, listTopics } from "../kit/topics.ts";
import { KAFKA_VERSION, KAFKA_VERSIONS, type KafkaVersion, missingForKafka } from "./jars.ts";
import { type KafkaServer, startKafka } from "./server.ts";

const USAGE = `usage: npm run kafka -- COMMAND [options]

  start                       run Apache Kafka on 127.0.0.1 until Ctrl-C
    --port 9092               where it listens
    --version ${KAFKA_VERSION}           ${KAFKA_VERSIONS.join(" or ")}
    --secure                  also with SASL, TLS, mutual TLS and SASL over TLS, on free ports
    --auto-create             topics come into being when they are first used
    --background              return when it answers; ended by "stop"
  stop [--port 9092]          end the one that was left running
  topics [NAME[:PARTITIONS]…] create topics that are not there; without names: list them
    --bootstrap HOST:PORT     default 127.0.0.1 and --port
`;

interface Options {
  readonly port: string;
  readonly version: string;
  readonly secure: boolean;
  readonly "auto-create": boolean;
  readonly background: boolean;
  readonly bootstrap?: string;
}

const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** What `stop` needs to know, written down by `start --background`. */
const noteOf = (port: string): string => join(cacheDirectory(), `kafka-running-${port}.json`);

const versionOf = (text: string): KafkaVersion => {
  const version = KAFKA_VERSIONS.find((known) => known === text);
  if (!version) throw new Error(`no version ${text}: ${KAFKA_VERSIONS.join(" or ")}`);
  return version;
};

const tell = (kafka: KafkaServer): void => {
  out(`Kafka ${kafka.version} answers on ${kafka.bootstrap} (pid ${kafka.pid()}, directory ${kafka.directory})`);
  if (!kafka.secure) return;
  const { sasl, tls, mutualTls, saslTls, certificates } = kafka.secure;
  out(`SASL ${sasl}, TLS ${tls}, mutual TLS ${mutualTls}, SASL over TLS ${saslTls}; certificates ${certificates.directory}`);
};

const start = async (options: Options): Promise<void> => {
  const missing = missingForKafka();
  if (missing) throw new Error(`${missing}: install Java 17 or later and Maven`);
  const { secure, background: detached } = options;
  const kafka = await startKafka({
    port: Number(options.port),
    version: versionOf(options.version),
    autoCreate: options["auto-create"],
    ...{ secure, detached, optimised: true },
  });
  tell(kafka);
  if (detached) {
    mkdirSync(cacheDirectory(), { recursive: true });
    writeFileSync(noteOf(options.port), JSON.stringify({ pid: kafka.pid(), directory: kafka.directory }));
    return;
  }
  out("Ctrl-C ends it");
  const keepAlive = setInterval(() => {}, 60_000);
  await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
  clearInterval(keepAlive);
  await kafka.stop();
};

/** Whether the process is the broker of that directory still: a pid alone may long be somebody else's. */
const isThatBroker = (pid: number, directory: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(directory);
  } catch {
    return false;
  }
};

const stopBackground = async (port: string): Promise<void> => {
  const { pid, directory } = JSON.parse(readFileSync(noteOf(port), "utf8")) as { pid: number; directory: string }; // Written above.
  if (isThatBroker(pid, directory)) process.kill(pid);
  while (isThatBroker(pid, directory)) await new Promise((resolve) => setTimeout(resolve, 50));
  rmSync(directory, { recursive: true, force: true });
  rmSync(noteOf(port));
};

const topics = async (names: readonly string[], bootstrap: string): Promise<void> => {
  const wanted = names.map((name) => name.split(":")).map(([name = "", partitions = "1"]) => [name, Number(partitions)] as const);
  if (wanted.length === 0) for (const name of await listTopics(bootstrap)) out(name);
  else await createTopics(bootstrap, Object.fromEntries(wanted));
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: "string", default: "9092" },
      version: { type: "string", default: KAFKA_VERSION },
      secure: { type: "boolean", default: false },
      "auto-create": { type: "boolean", default: false },
      background: { type: "boolean", default: false },
      bootstrap: { type: "string" },
    },
  });
  const [command, ...names] = positionals;
  if (command === "start") await start(values);
  else if (command === "stop") await stopBackground(values.port);
  else if (command === "topics") await topics(names, values.bootstrap ?? `127.0.0.1:${values.port}`);
  else {
    process.stderr.write(USAGE);
    process.exitCode = 1;
  }
};

await main().catch((reason: unknown) => {
  process.stderr.write(`${reason instanceof Error ? reason.message : String(reason)}\n`);
  process.exitCode = 1;
});
