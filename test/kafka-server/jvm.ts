// One JVM with a broker in it: started, waited for by its log line, ended by its pid.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endWithUs, runOrFail, stop } from "../kit/processes.ts";
import { USERS } from "./properties.ts";

export interface JavaOptions {
  readonly jars: string;
  readonly directory: string;
  readonly heapMb: number;
  readonly optimised: boolean;
  readonly detached: boolean;
}

export interface Jvm {
  readonly pid: number;
  stop(): Promise<void>;
  crash(): Promise<void>;
}

const READY = "Kafka Server started";
/** A busy machine has been seen to take 17 s. */
const READY_TIMEOUT_MS = 90_000;
const LOOK_EVERY_MS = 50;
const LOG_TAIL_CHARACTERS = 4_000;
const CLUSTER_ID = "5L6g3nShT-eMCtK--X86sw";
const DIRECTORY_ID = "1HoLRJa2QvuTGzeYSyfiAg";

const flags = ({ jars, directory, heapMb, optimised }: JavaOptions): string[] => [
  ...["-Xms64m", `-Xmx${heapMb}m`, "-XX:+UseSerialGC", `-XX:TieredStopAtLevel=${optimised ? 4 : 1}`, "-Djava.awt.headless=true"],
  `-Dlog4j.configuration=file:${join(directory, "log4j.properties")}`,
  `-Dlog4j2.configurationFile=${join(directory, "log4j2.properties")}`,
  ...["-cp", `${jars}/*`],
];

/**
 * Makes an empty log directory one that a broker starts from. SCRAM users can only be put there by Kafka's own tool, which costs a
 * second JVM; without them the one file it would write is written here.
 */
export const formatStorage = async (java: JavaOptions, withUsers: boolean): Promise<void> => {
  const properties = join(java.directory, "server.properties");
  if (withUsers) {
    const user = (mechanism: string): string[] => ["--add-scram", `${mechanism}=[name=alice,password=${USERS.alice}]`];
    const tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties];
    await runOrFail("java", { args: [...flags(java), ...tool, ...user("SCRAM-SHA-256"), ...user("SCRAM-SHA-512")] });
    return;
  }
  const log = join(java.directory, "log");
  mkdirSync(log, { recursive: true });
  writeFileSync(join(log, "meta.properties"), `version=1\ncluster.id=${CLUSTER_ID}\nnode.id=1\ndirectory.id=${DIRECTORY_ID}\n`);
};

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** Resolves when the log says so; rejects when the JVM has ended or the time is over. */
const becomeReady = (child: ChildProcess, log: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const until = performance.now() + READY_TIMEOUT_MS;
    const look = setInterval(() => {
      const text = textOf(log);
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (!text.includes(READY) && !ended && performance.now() < until) return;
      clearInterval(look);
      if (text.includes(READY) && !ended) resolve();
      else reject(new Error(`kafka ${ended ? "ended" : "was not ready in time"}\n${text.slice(-LOG_TAIL_CHARACTERS)}`));
    }, LOOK_EVERY_MS);
  });

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
};

/** Starts the broker of `directory`. */
export const startJvm = async (java: JavaOptions): Promise<Jvm> => {
  const log = join(java.directory, "server.log");
  const output = openSync(log, "w");
  const args = [...flags(java), "kafka.Kafka", join(java.directory, "server.properties")];
  const child = spawn("java", args, { stdio: ["ignore", output, output], detached: java.detached });
  closeSync(output);
  if (java.detached) child.unref();
  else endWithUs(child);
  await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  try {
    await becomeReady(child, log);
  } catch (reason) {
    await kill(child);
    throw reason;
  }
  return { pid: child.pid!, stop: async () => void (await stop(child)), crash: () => kill(child) };
};
