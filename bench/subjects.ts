// What is measured: our process in front of nothing, in front of Kafka twice, and a gRPC library's echo as a peer; each with where to call
// it and whose processor time counts.
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

/** The backend of grpc.kafka.proxy is a process of its own here, as it would be. */
const PEER = fileURLToPath(new URL("peer.ts", import.meta.url));
const startPeer = async (): Promise<{ readonly port: number; readonly pid: number; stop(): Promise<void> }> => {
  const child = start(process.execPath, [PEER], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve) => child.stdout?.once("data", (chunk: Buffer) => resolve(Number(chunk.toString()))));
  return { port, pid: child.pid ?? 0, stop: async () => void (await stop(child)) };
};

const FANOUT = "/example.FanoutService/FanoutServerStream";
const ECHO_SERVICE = "/example.EchoService/EchoUnary";

/** A way to start each; those with Kafka need one. */
export const SUBJECTS: Readonly<Record<string, (kafka: SharedKafka | undefined) => Promise<Subject>>> = {
  "grpc-js echo (peer)": async () => {
    const peer = await startPeer();
    return { name: "grpc-js echo (peer)", path: ECHO.unary, ...peer };
  },
  "grpc.echo": async () => subjectOf("grpc.echo", ECHO_SERVICE, await startScenario({ example: "grpc.echo" })),
  "grpc.kafka.echo": async (kafka) =>
    subjectOf(
      "grpc.kafka.echo",
      ECHO.unary,
      await startScenario({ example: "grpc.kafka.echo", ...(kafka ? { kafka } : {}), topics: { "echo-messages": 1 } }),
    ),
  "grpc.kafka.proxy": async (kafka) => {
    const peer = await startPeer();
    const topics = { "echo-requests": 1, "echo-responses": 1 };
    const scenario = await startScenario({ example: "grpc.kafka.proxy", ...(kafka ? { kafka } : {}), topics, backendPort: peer.port });
    return { ...subjectOf("grpc.kafka.proxy", ECHO.unary, scenario), stop: () => scenario.stop().finally(() => peer.stop()) };
  },
};
export const NEED_KAFKA: ReadonlySet<string> = new Set(["grpc.kafka.echo", "grpc.kafka.proxy"]);

export const startFanout = async (kafka: SharedKafka): Promise<Subject & { readonly topic: string }> => {
  const scenario = await startScenario({ example: "grpc.kafka.fanout", kafka, topics: { messages: 1 } });
  return { ...subjectOf("grpc.kafka.fanout", FANOUT, scenario), topic: scenario.topics["messages"] ?? "" };
};
