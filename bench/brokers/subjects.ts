// The brokers that are measured side by side: ours as it is published, and Apache Kafka, which also stands in with a topic that it flushes
// to the disk at each batch, as ours always does.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { apiVersions } from "../../src/kafka/wire/api/18-api-versions.ts";
import { createTopics } from "../../src/kafka/wire/api/19-create-topics.ts";
import { type KafkaServer, startKafka } from "../../test/kafka-server/server.ts";
import { type BuiltPackage, buildPackage } from "../../test/kit/built-package.ts";
import { freePorts } from "../../test/kit/ports.ts";
import { start, stop } from "../../test/kit/processes.ts";
import { RawKafka } from "../../test/kit/raw-kafka.ts";

const HEAP_MB = 1_024;
const LOOK_EVERY_MS = 2;
const READY_TIMEOUT_MS = 60_000;

/** A broker as a process. */
export interface BrokerProcess {
  readonly name: string;
  readonly bootstrap: string;
  pid(): number;
  /** From the command that started it first, on an empty folder, to its first answer. */
  readonly readyMs: number;
  /** Kills it and starts it again with its data; as above. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}

const isListening = async (port: number): Promise<boolean> => {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** Until it answers ApiVersions. */
const firstAnswer = async (bootstrap: string): Promise<void> => {
  const until = performance.now() + READY_TIMEOUT_MS;
  const port = Number(bootstrap.split(":")[1]);
  while (!(await isListening(port))) {
    if (performance.now() > until) throw new Error(`nothing listens at ${bootstrap}`);
    await pause(LOOK_EVERY_MS);
  }
  const connection = await RawKafka.open(bootstrap);
  await connection.ask(apiVersions, 3, { clientSoftwareName: "bench", clientSoftwareVersion: "1" });
  connection.close();
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** `fsync`: as the command takes it. */
export const startOurs = async (name: string, fsync: string): Promise<BrokerProcess> => {
  const built: BuiltPackage = await buildPackage();
  const data = mkdtempSync(join(tmpdir(), "sluice-bench-broker-"));
  const [port = 0] = await freePorts(1);
  const bootstrap = `127.0.0.1:${port}`;
  let child: ChildProcess;
  const run = async (): Promise<void> => {
    const args = [built.command, "broker", "--port", String(port), "--data", data, "--fsync", fsync];
    child = start(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    await firstAnswer(bootstrap);
  };
  const readyMs = await timed(run);
  return {
    name,
    bootstrap,
    readyMs,
    pid: () => child.pid ?? 0,
    restart: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      return timed(run);
    },
    stop: async () => {
      await stop(child);
      rmSync(data, { recursive: true });
      built.remove();
    },
  };
};

export const startApache = async (): Promise<BrokerProcess> => {
  const [port = 0] = await freePorts(1);
  const bootstrap = `127.0.0.1:${port}`;
  let readyMs = 0;
  const began = performance.now();
  const answered = firstAnswer(bootstrap).then(() => {
    readyMs = performance.now() - began;
  });
  const server: KafkaServer = await startKafka({ optimised: true, heapMb: HEAP_MB, port });
  await answered;
  return {
    name: "Apache Kafka",
    bootstrap,
    readyMs,
    pid: server.pid,
    restart: async () => {
      await server.crash();
      return timed(() => Promise.all([server.resume(), firstAnswer(bootstrap)]));
    },
    stop: () => server.stop(),
  };
};

/** A topic of one partition. */
export const makeTopic = async (bootstrap: string, name: string, settings: Readonly<Record<string, string>> = {}): Promise<void> => {
  const connection = await RawKafka.open(bootstrap);
  const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
  const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs };
  const answer = await connection.ask(createTopics, 5, { topics: [topic], timeoutMs: 30_000, validateOnly: false });
  connection.close();
  if (answer === "closed" || answer.topics[0]?.errorCode !== 0) throw new Error(`${bootstrap} makes no topic ${name}`);
};

/** What it holds in memory, in MB (proc(5), VmRSS). */
export const residentMb = (pid: number): number => {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1]) / 1_024;
};
