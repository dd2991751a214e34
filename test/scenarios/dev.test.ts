// `sluice dev` as a user starts it: one command, a Kafka of its own, topics made when they are first used.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { echo } from "../../examples/echo-server.ts";
import { recordLines } from "../../examples/records.ts";
import { listen } from "../../examples/serve.ts";
import { freePorts } from "../kit/ports.ts";
import { replaceAll } from "../kit/readme.ts";
import { startSluice } from "../kit/sluice.ts";

const HELLO_WORLD = Buffer.from("0a0b48656c6c6f20576f726c64", "hex"); // Field 1: "Hello World".
const CALL_MS_MAX = 30_000;

const call = (port: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const same = (bytes: Buffer): Buffer => bytes;
    const options = { deadline: Date.now() + CALL_MS_MAX };
    client.makeUnaryRequest("/grpc.examples.echo.Echo/UnaryEcho", same, same, HELLO_WORLD, options, (error, reply) => {
      client.close();
      if (error) reject(error);
      else resolve(reply ?? Buffer.alloc(0));
    });
  });

describe("sluice dev", { timeout: 120_000 }, () => {
  test("carries a call over topics nobody has made, and keeps its records for the next time", async (context) => {
    const [port = 0, kafkaPort = 0] = await freePorts(2);
    const directory = mkdtempSync(join(tmpdir(), "sluice-dev-"));
    context.after(() => rmSync(directory, { recursive: true, force: true }));
    cpSync(fileURLToPath(new URL("../../examples/grpc.kafka.proxy", import.meta.url)), directory, { recursive: true });
    const config = join(directory, "zilla.yaml");
    writeFileSync(config, replaceAll(readFileSync(config, "utf8"), new Map([["7151", String(port)]])));
    const { server, port: serverPort } = await listen(echo, 0);
    context.after(() => server.forceShutdown());
    const environment = { ECHO_SERVER_HOST: "127.0.0.1", ECHO_SERVER_PORT: String(serverPort) };
    const args = ["--kafka-port", String(kafkaPort), "--data", join(directory, "data")];
    for (const calls of [1, 2]) {
      const sluice = await startSluice({ command: "dev", config, environment, args });
      context.after(() => sluice.kill());
      assert.deepEqual(await call(port), HELLO_WORLD);
      const lines = await recordLines(`127.0.0.1:${kafkaPort}`, ["echo-requests", "echo-responses"]);
      assert.equal(lines.length, calls * 4);
      assert.equal(await sluice.stop(), 0, sluice.log());
    }
  });
});
