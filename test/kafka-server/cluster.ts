// Three brokers on loopback whose topics have three copies: for what happens when one of them dies.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../kit/ports.ts";
import { jarsOf, KAFKA_VERSION, type KafkaVersion } from "./jars.ts";
import { type JavaOptions, type Jvm, startJvm } from "./jvm.ts";
import { formatProperties, LOGGING } from "./properties.ts";

export const BROKERS = 3;

export interface KafkaCluster {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** Kills a broker, by its place from 0; its data stay. */
  crash(broker: number): Promise<void>;
  /** Starts it again, with its data, on its port. */
  resume(broker: number): Promise<void>;
  /** Ends all and removes their directory. */
  stop(): Promise<void>;
}

const CLUSTER_ID = "5L6g3nShT-eMCtK--X86sw";

const COPIES: Readonly<Record<string, string>> = {
  "offsets.topic.replication.factor": "3",
  "offsets.topic.num.partitions": "3",
  "transaction.state.log.replication.factor": "3",
  "transaction.state.log.min.isr": "2",
  "default.replication.factor": "3",
  "min.insync.replicas": "2",
  // A broker that was killed is missed soon.
  "broker.session.timeout.ms": "6000",
};

/** Writes the files that one broker starts from. */
const prepare = (
  directory: string,
  node: number,
  ports: { readonly plain: readonly number[]; readonly controller: readonly number[] },
): void => {
  const logDirectory = join(directory, "log");
  mkdirSync(logDirectory, { recursive: true });
  const extra = {
    ...COPIES,
    "node.id": String(node + 1),
    "controller.quorum.voters": ports.controller.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join(","),
  };
  const own = { plain: ports.plain[node]!, controller: ports.controller[node]! };
  writeFileSync(join(directory, "server.properties"), formatProperties({ ports: own, logDirectory, autoCreate: false, extra }));
  for (const [name, text] of Object.entries(LOGGING)) writeFileSync(join(directory, name), text);
  const id = randomBytes(16).toString("base64url");
  const meta = `version=1\ncluster.id=${CLUSTER_ID}\nnode.id=${node + 1}\ndirectory.id=${id}\n`;
  writeFileSync(join(logDirectory, "meta.properties"), meta);
};

/** Starts all three; resolves when all of them answer. */
export const startCluster = async (version: KafkaVersion = KAFKA_VERSION): Promise<KafkaCluster> => {
  const root = mkdtempSync(join(tmpdir(), "sluice-cluster-"));
  const all = await freePorts(2 * BROKERS);
  const ports = { plain: all.slice(0, BROKERS), controller: all.slice(BROKERS) };
  const jars = await jarsOf(version);
  const nodes = Array.from({ length: BROKERS }, (_, node): JavaOptions => {
    const directory = join(root, String(node));
    prepare(directory, node, ports);
    return { jars, directory, heapMb: 400, optimised: false, detached: false };
  });
  const running: Jvm[] = await Promise.all(nodes.map(startJvm));
  return {
    brokers: ports.plain.map((port) => `127.0.0.1:${port}`),
    crash: (broker) => running[broker]!.crash(),
    resume: async (broker) => {
      running[broker] = await startJvm(nodes[broker]!);
    },
    stop: async () => {
      await Promise.all(running.map((jvm) => jvm.crash())); // Their data go as well; the last two could not agree on an orderly end.
      rmSync(root, { recursive: true, force: true });
    },
  };
};
