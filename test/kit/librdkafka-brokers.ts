// librdkafka's suite against brokers as it wants them: of this package, or of Apache Kafka for comparison.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "../../src/broker/start-broker.ts";
import { startKafka } from "../kafka-server/server.ts";
import { type LibrdkafkaOutcome, type LibrdkafkaRun, runLibrdkafka } from "./librdkafka.ts";

/** `open`: topics are made when they are first used. `sparing`: they are not. `secure`: like `open`, for clients that authenticate. */
export type BrokerKind = "open" | "sparing" | "secure";

/** Tests of these numbers, against a broker of that kind. */
export interface LibrdkafkaPlan {
  readonly broker: BrokerKind;
  readonly mode: LibrdkafkaRun["mode"];
  readonly numbers: readonly string[];
}

export interface Brokers {
  readonly bootstraps: Readonly<Record<BrokerKind, string>>;
  stop(): Promise<void>;
}

const PARTITIONS = 4;
/** Members that come at once are in a group's first assignment: tests count on it, and Apache Kafka waits for them too, longer. */
const GATHERING = { "group.initial.rebalance.delay.ms": "1000" };
/** How often clients of the secure broker authenticate anew. */
const REAUTHENTICATION_MS = "10000";
const [USER, PASSWORD] = ["alice", "alice-secret"];
const SECURE: Readonly<Record<string, string>> = {
  "security.protocol": "SASL_PLAINTEXT",
  "sasl.mechanism": "PLAIN",
  "sasl.username": USER,
  "sasl.password": PASSWORD,
};

/** All three keep their data on disk. */
export const ownBrokers = async (): Promise<Brokers> => {
  const data = mkdtempSync(join(tmpdir(), "sluice-librdkafka-"));
  const common = { partitions: PARTITIONS, withoutAcl: "allowed", settings: GATHERING } as const;
  const [open, sparing, secure] = await Promise.all([
    startBroker({ ...common, data: join(data, "open") }),
    startBroker({ ...common, data: join(data, "sparing"), autoCreate: false }),
    startBroker({
      ...common,
      data: join(data, "secure"),
      users: { [USER]: PASSWORD },
      settings: { ...GATHERING, "connections.max.reauth.ms": REAUTHENTICATION_MS },
    }),
  ]);
  return {
    bootstraps: { open: open.bootstrap, sparing: sparing.bootstrap, secure: secure.bootstrap },
    async stop() {
      await Promise.all([open.close(), sparing.close(), secure.close()]);
      rmSync(data, { recursive: true });
    },
  };
};

export const apacheBrokers = async (): Promise<Brokers> => {
  const properties = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
    "num.partitions": String(PARTITIONS),
    ...GATHERING,
  };
  const reauthenticating = { ...properties, "connections.max.reauth.ms": REAUTHENTICATION_MS };
  const [open, sparing, secure] = await Promise.all([
    startKafka({ autoCreate: true, optimised: true, secure: true, properties }), // As Kafka's own tool formats it: with share groups.
    startKafka({ optimised: true, properties }),
    startKafka({ autoCreate: true, optimised: true, secure: true, properties: reauthenticating }),
  ]);
  return {
    bootstraps: { open: open.bootstrap, sparing: sparing.bootstrap, secure: secure.secure?.sasl ?? "" },
    async stop() {
      await Promise.all([open.stop(), sparing.stop(), secure.stop()]);
    },
  };
};

export interface JudgedOptions {
  readonly plans: readonly LibrdkafkaPlan[];
  /** Processes at once. */
  readonly atOnce: number;
  /** How often a process is run that fails: tests wait for seconds that a busy machine does not have. */
  readonly attempts: number;
  /** For tests that call tools of Kafka's. */
  readonly jars?: string;
  /** After each process. */
  readonly told?: (run: LibrdkafkaRun, outcome: LibrdkafkaOutcome) => void;
}

/** What all processes together said; a test that passes in one plan has passed. */
export const judgedByLibrdkafka = async ({ bootstraps }: Brokers, options: JudgedOptions): Promise<Omit<LibrdkafkaOutcome, "skipped">> => {
  const { plans, atOnce, attempts, jars, told } = options;
  const runs = plans.flatMap(({ broker, mode, numbers }) =>
    numbers.map(
      (number): LibrdkafkaRun => ({
        bootstrap: bootstraps[broker],
        number,
        mode,
        scenario: broker === "sparing" ? "noautocreate" : "default",
        ...(broker === "secure" ? { settings: SECURE } : {}),
        ...(jars === undefined ? {} : { jars }),
      }),
    ),
  );
  const outcomes: LibrdkafkaOutcome[] = [];
  const work = async (): Promise<void> => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      let outcome = await runLibrdkafka(run);
      told?.(run, outcome);
      for (let left = attempts - 1; left > 0 && outcome.failed.length > 0; left--) {
        outcome = await runLibrdkafka(run);
        told?.(run, outcome);
      }
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const named = (verdict: "passed" | "failed"): string[] => [...new Set(outcomes.flatMap((outcome) => outcome[verdict]))].sort();
  const said = outcomes.flatMap((outcome) => (outcome.failed.length > 0 ? outcome.said : [])).join("\n");
  return { passed: named("passed"), failed: named("failed"), said };
};
