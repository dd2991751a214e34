// What is measured: our process in front of nothing and in front of Kafka twice, and beside each what others do the same with; each with
// where to call it and whose processor time counts.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ECHO } from "../test/kit/backend.ts";
import { start, stop } from "../test/kit/processes.ts";
import { type Scenario, startScenario } from "../test/kit/scenario.ts";
import type { SharedKafka } from "../test/kit/shared-kafka.ts";
import { cpuMicrosOf } from "../test/kit/sluice.ts";

export interface Subject {
  readonly name: string;
  readonly path: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Finer than the ticks of proc(5) where the kernel keeps it: nanoseconds on a processor, summed over the threads that live. */
export const cpuMicros = (pid: number): number => {
  try {
    let nanoseconds = 0;
    for (const task of readdirSync(`/proc/${pid}/task`))
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
    return nanoseconds / 1_000;
  } catch {
    return cpuMicrosOf(pid);
  }
};

const subjectOf = (name: string, path: string, scenario: Scenario): Subject => ({
  name,
  path,
  port: scenario.port,
  pid: scenario.sluice.pid,
  stop: () => scenario.stop(),
});

/** A peer is a process that prints its port. The backend of grpc.kafka.proxy is one as well, as it would be. */
export const startPeer = async (file: string, args: readonly string[] = []): Promise<Omit<Subject, "name" | "path">> => {
  const path = fileURLToPath(new URL(`peers/${file}`, import.meta.url));
  const child = start(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code} before it told its port`)));
  });
  return { port, pid: child.pid ?? 0, stop: async () => void (await stop(child)) };
};

const peer = (name: string, file: string) => async (): Promise<Subject> => ({ name, path: ECHO.unary, ...(await startPeer(file)) });

const FANOUT = "/example.FanoutService/FanoutServerStream";
const ECHO_SERVICE = "/example.EchoService/EchoUnary";

/** A way to start each; those with Kafka need one. */
export const SUBJECTS: Readonly<Record<string, (kafka: SharedKafka | undefined) => Promise<Subject>>> = {
  "grpc-js": peer("grpc-js", "grpc-js.ts"),
  "node:http2": peer("node:http2", "node-http2.ts"),
  "connect-node": peer("connect-node", "connect.ts"),
  "grpc.echo": async () => subjectOf("grpc.echo", ECHO_SERVICE, await startScenario({ example: "grpc.echo" })),
  "grpc-js + kafkajs": async (kafka) => {
    const topic = (await kafka?.topics({ "echo-by-hand": 1 }))?.["echo-by-hand"] ?? "";
    return { name: "grpc-js + kafkajs", path: ECHO.unary, ...(await startPeer("by-hand.ts", [kafka?.bootstrap ?? "", topic])) };
  },
  "grpc.kafka.echo": async (kafka) =>
    subjectOf(
      "grpc.kafka.echo",
      ECHO.unary,
      await startScenario({ example: "grpc.kafka.echo", ...(kafka ? { kafka } : {}), topics: { "echo-messages": 1 } }),
    ),
  "grpc.kafka.proxy": async (kafka) => {
    const backend = await startPeer("grpc-js.ts");
    const topics = { "echo-requests": 1, "echo-responses": 1 };
    const scenario = await startScenario({ example: "grpc.kafka.proxy", ...(kafka ? { kafka } : {}), topics, backendPort: backend.port });
    return { ...subjectOf("grpc.kafka.proxy", ECHO.unary, scenario), stop: () => scenario.stop().finally(() => backend.stop()) };
  },
};
export const NEED_KAFKA: ReadonlySet<string> = new Set(["grpc-js + kafkajs", "grpc.kafka.echo", "grpc.kafka.proxy"]);

export const startFanout = async (kafka: SharedKafka): Promise<Subject & { readonly topic: string }> => {
  const scenario = await startScenario({ example: "grpc.kafka.fanout", kafka, topics: { messages: 1 } });
  return { ...subjectOf("grpc.kafka.fanout", FANOUT, scenario), topic: scenario.topics["messages"] ?? "" };
};
