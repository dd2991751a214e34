// `npm start`: Sluice at work, with a call made through it. With KAFKA_BOOTSTRAP_SERVER it runs grpc.kafka.proxy with its server on that
// Kafka (whose topics `echo-requests` and `echo-responses` must be there), else grpc.echo, which needs none.
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
import { echo } from "./echo-server.ts";
import { listen } from "./serve.ts";

const SLUICE = fileURLToPath(new URL("../bin/sluice.js", import.meta.url));
const ADDRESS = "127.0.0.1:7151";
const START_MS_MAX = 20_000;
const CALL_MS_MAX = 20_000;
const HELLO_WORLD = Buffer.from("0a0b48656c6c6f20576f726c64", "hex"); // Field 1: "Hello World".

/** What is run: an example's folder, and the method that is called. */
interface Shown {
  readonly example: string;
  readonly method: string;
  readonly environment: Readonly<Record<string, string>>;
}

const shown = async (): Promise<Shown> => {
  const kafka = process.env["KAFKA_BOOTSTRAP_SERVER"];
  if (!kafka) return { example: "grpc.echo", method: "example.EchoService/EchoUnary", environment: {} };
  const { server, port } = await listen(echo, 0);
  process.once("exit", () => server.forceShutdown());
  return {
    example: "grpc.kafka.proxy",
    method: "grpc.examples.echo.Echo/UnaryEcho",
    environment: { ECHO_SERVER_HOST: "127.0.0.1", ECHO_SERVER_PORT: String(port) },
  };
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
const call = (method: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const client = new Client(ADDRESS, credentials.createInsecure());
    const same = (bytes: Buffer): Buffer => bytes;
    client.makeUnaryRequest(`/${method}`, same, same, HELLO_WORLD, { deadline: Date.now() + CALL_MS_MAX }, (error, reply) => {
      client.close();
      if (error) reject(error);
      else resolve(reply ?? Buffer.alloc(0));
    });
  });

const howToCall = ({ example, method }: Shown): string =>
  `grpcurl -plaintext -proto examples/${example}/protos/echo.proto -d '{"message":"Hello World"}' ${ADDRESS} ${method}`;

const show = async (sluice: ChildProcess, what: Shown, engine: string): Promise<void> => {
  await untilReady(sluice, engine);
  const reply = await call(what.method);
  if (!reply.equals(HELLO_WORLD)) throw new Error(`the reply is not what was sent: ${reply.toString("hex")}`);
  console.log(`\n${what.method} answered "Hello World" through examples/${what.example}. Your turn:\n\n  ${howToCall(what)}\n`);
};

const what = await shown();
const engine = mkdtempSync(join(tmpdir(), "sluice-"));
const config = fileURLToPath(new URL(`${what.example}/zilla.yaml`, import.meta.url));
const sluice = spawn(process.execPath, [SLUICE, "start", "-c", config, "-P", `zilla.engine.directory=${engine}`], {
  stdio: "inherit",
  env: { ...process.env, ...what.environment },
});
const ended = once(sluice, "exit");
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => sluice.kill(signal));
try {
  await show(sluice, what, engine);
} catch (reason) {
  console.error(`npm start: ${reason instanceof Error ? reason.message : String(reason)}`);
  process.exitCode = 1;
  sluice.kill();
}
if (process.argv.includes("--once")) sluice.kill();
await ended;
rmSync(engine, { recursive: true, force: true });
process.exit();
