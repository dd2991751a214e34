// `npm start`: the main job at work. Runs the example grpc.kafka.proxy with its gRPC server and a Kafka of its own, makes a call, shows the
// records it became, and stays up. With KAFKA_BOOTSTRAP_SERVER it runs on that Kafka instead, whose topics `echo-requests` and
// `echo-responses` must be there.
//
//   npm start [-- --once]      --once ends after the call; the exit status is 0 only if it went through
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { freePorts } from "../test/kit/ports.ts";
import { echo } from "./echo-server.ts";
import { recordLines } from "./records.ts";
import { listen } from "./serve.ts";

const SLUICE = fileURLToPath(new URL("../bin/sluice.js", import.meta.url));
const CONFIG = fileURLToPath(new URL("grpc.kafka.proxy/zilla.yaml", import.meta.url));
const ADDRESS = "127.0.0.1:7151";
const METHOD = "grpc.examples.echo.Echo/UnaryEcho";
const TOPICS = ["echo-requests", "echo-responses"];
const START_MS_MAX = 20_000;
const CALL_MS_MAX = 20_000;
const HELLO_WORLD = Buffer.from("0a0b48656c6c6f20576f726c64", "hex"); // Field 1: "Hello World".

/** Where the Kafka is, and what `sluice` is told so that there is one. */
interface Kafka {
  readonly bootstrap: string;
  readonly command: readonly string[];
}

const kafka = async (): Promise<Kafka> => {
  const given = process.env["KAFKA_BOOTSTRAP_SERVER"];
  if (given) return { bootstrap: given, command: ["start"] };
  const [port = 0] = await freePorts(1);
  return { bootstrap: `127.0.0.1:${port}`, command: ["dev", "--memory", "--kafka-port", String(port)] };
};

const untilReady = async (sluice: ChildProcess, engine: string): Promise<void> => {
  const untilMs = Date.now() + START_MS_MAX;
  while (!existsSync(join(engine, "ready"))) {
    if (sluice.exitCode !== null) throw new Error(`sluice ended with status ${sluice.exitCode}`);
    if (Date.now() > untilMs) throw new Error(`sluice was not ready within ${START_MS_MAX / 1000} s`);
    await delay(20);
  }
};

/** The reply to one unary call, as bytes. */
const call = (): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const client = new Client(ADDRESS, credentials.createInsecure());
    const same = (bytes: Buffer): Buffer => bytes;
    client.makeUnaryRequest(`/${METHOD}`, same, same, HELLO_WORLD, { deadline: Date.now() + CALL_MS_MAX }, (error, reply) => {
      client.close();
      if (error) reject(error);
      else resolve(reply ?? Buffer.alloc(0));
    });
  });

const yourTurn = (bootstrap: string): string => `Your turn:

  grpcurl -plaintext -proto examples/grpc.kafka.proxy/protos/echo.proto -d '{"message":"Hello World"}' ${ADDRESS} ${METHOD}
  kcat -b ${bootstrap} -t echo-requests -C -f '%o %k %s\\n%h\\n'
`;

const show = async (sluice: ChildProcess, engine: string, bootstrap: string): Promise<void> => {
  await untilReady(sluice, engine);
  const reply = await call();
  if (!reply.equals(HELLO_WORLD)) throw new Error(`the reply is not what was sent: ${reply.toString("hex")}`);
  console.log(`\n${METHOD} answered "Hello World" through two topics of the Kafka at ${bootstrap}. The records it became:\n`);
  for (const line of await recordLines(bootstrap, TOPICS)) console.log(line);
  console.log(`\n${yourTurn(bootstrap)}`);
};

const { bootstrap, command } = await kafka();
const { server, port } = await listen(echo, 0);
const engine = mkdtempSync(join(tmpdir(), "sluice-"));
const sluice = spawn(process.execPath, [SLUICE, ...command, "-c", CONFIG, "-P", `zilla.engine.directory=${engine}`], {
  stdio: "inherit",
  env: { ...process.env, ECHO_SERVER_HOST: "127.0.0.1", ECHO_SERVER_PORT: String(port) },
});
const ended = once(sluice, "exit");
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => sluice.kill(signal));
try {
  await show(sluice, engine, bootstrap);
} catch (reason) {
  console.error(`npm start: ${reason instanceof Error ? reason.message : String(reason)}`);
  process.exitCode = 1;
  sluice.kill();
}
if (process.argv.includes("--once")) sluice.kill();
await ended;
server.forceShutdown();
rmSync(engine, { recursive: true, force: true });
process.exit();
