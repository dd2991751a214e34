// An example's configuration in use by a test: in a copy, on free ports, with topics of its own, in front of a server of the test.
import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "./ports.ts";
import { runOrFail } from "./processes.ts";
import { replaceAll } from "./readme.ts";
import type { SharedKafka } from "./shared-kafka.ts";
import { type Sluice, type SluiceOptions, startSluice } from "./sluice.ts";

export interface ScenarioOptions {
  /** A folder of examples/. */
  readonly example: string;
  readonly kafka?: SharedKafka;
  /** Topics of its zilla.yaml, with their partitions. */
  readonly topics?: Readonly<Record<string, number>>;
  /** The port of the gRPC server behind it. */
  readonly backendPort?: number;
  /** More replacements in its zilla.yaml. */
  readonly replace?: Readonly<Record<string, string>>;
  readonly sluice?: Omit<SluiceOptions, "config">;
}

export interface Scenario {
  /** What 7151 became. */
  readonly port: number;
  readonly config: string;
  /** Topic of the example → topic in use. */
  readonly topics: Readonly<Record<string, string>>;
  /** Its own, and so its consumer group: `zilla:<namespace>-<binding>`. */
  readonly namespace: string;
  readonly sluice: Sluice;
  /** Starts another process with the same configuration but for its port. */
  another(): Promise<{ readonly sluice: Sluice; readonly port: number }>;
  stop(): Promise<void>;
}

/** A replacement that has the kafka client of an example speak the consumer protocol in its groups. */
export const BY_CONSUMER_PROTOCOL = {
  "- ${{env.KAFKA_BOOTSTRAP_SERVER}}\n": "- ${{env.KAFKA_BOOTSTRAP_SERVER}}\n      group-protocol: consumer\n",
} as const;

const GRPC_PORT = "7151";
const TLS_PORT = "7153";
const METRICS_PORT = "7191";

const copyOf = (example: string): string => {
  const directory = mkdtempSync(join(tmpdir(), `sluice-${example}-`));
  cpSync(fileURLToPath(new URL(`../../examples/${example}`, import.meta.url)), directory, { recursive: true });
  return directory;
};

const environmentOf = ({ kafka, backendPort, sluice }: ScenarioOptions): Record<string, string> => {
  const environment: Record<string, string> = { KEYSTORE_PASSWORD: "generated", ...sluice?.environment };
  if (kafka) environment["KAFKA_BOOTSTRAP_SERVER"] = kafka.bootstrap;
  for (const server of ["ECHO_SERVER", "DISPATCH_SERVICE", "ROUTE_GUIDE_SERVER"]) {
    if (backendPort === undefined) continue;
    environment[`${server}_HOST`] = "127.0.0.1";
    environment[`${server}_PORT`] = String(backendPort);
  }
  return environment;
};

/** Starts the program; `stop` ends everything that was started here. */
export const startScenario = async (options: ScenarioOptions): Promise<Scenario> => {
  const directory = copyOf(options.example);
  if (options.example === "grpc.proxy") await runOrFail("sh", { args: ["make-certs.sh"], directory });
  const topics: Readonly<Record<string, string>> = options.kafka ? await options.kafka.topics(options.topics ?? {}) : {};
  const original = readFileSync(join(directory, "zilla.yaml"), "utf8");
  const namespace = `scenario-${randomBytes(4).toString("hex")}`;
  const running: Sluice[] = [];
  const startOne = async (): Promise<{ sluice: Sluice; port: number; config: string }> => {
    const [port = 0, tls = 0, metrics = 0] = await freePorts(3);
    const replace = new Map([
      [/^name: .*\n/m.exec(original)?.[0] ?? "", `name: ${namespace}\n`],
      [GRPC_PORT, String(port)],
      [TLS_PORT, String(tls)],
      [METRICS_PORT, String(metrics)],
      ...Object.entries(topics),
      ...Object.entries(options.replace ?? {}),
    ]);
    const config = join(directory, `zilla-${port}.yaml`);
    writeFileSync(config, replaceAll(original, replace));
    const sluice = await startSluice({ ...options.sluice, config, environment: environmentOf(options) });
    running.push(sluice);
    return { sluice, port, config };
  };
  const first = await startOne();
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((sluice) => sluice.stop()));
    rmSync(directory, { recursive: true, force: true });
  };
  return { ...first, topics, namespace, another: startOne, stop };
};
