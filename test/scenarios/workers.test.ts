// Several worker processes under one supervisor, as who runs them sees it: ports, files, metrics, logs, ends; and what becomes of a worker that
// dies, and of workers whose supervisor does. Without Kafka.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { SLUICE, type Sluice, startSluice } from "../kit/sluice.ts";

const WORKERS = 3;
const LOOK_EVERY_MS = 20;
/** Enough that the system hands some to each worker, as surely as a test needs it. */
const CONNECTIONS = 60;
const SKIP = { skip: process.platform !== "linux" ? "ports are shared on Linux only" : false };

const echo = (port: number): string => `name: t
telemetry:
  metrics: [grpc.requests.per.rpc]
  exporters:
    events: { type: stdout }
    prometheus: { type: prometheus, options: { endpoints: [{ scheme: http, host: 127.0.0.1, port: ${port} }] } }
bindings:
  in: { type: tcp, kind: server, options: { host: 127.0.0.1, port: 0 }, exit: http }
  http: { type: http, kind: server, exit: grpc }
  grpc: { type: grpc, kind: server, telemetry: { metrics: [grpc.*] }, catalog: { protos: [ { subject: echo } ] }, exit: echo }
  echo: { type: echo, kind: server }
catalogs:
  protos:
    type: inline
    options: { subjects: { echo: { schema: 'syntax = "proto3"; service Echo { rpc Say (M) returns (M); } message M {}' } } }
`;

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo; // Listening on tcp.
  await new Promise((closed) => probe.close(closed));
  return port;
};

interface Running {
  readonly sluice: Sluice;
  readonly engine: string;
  readonly config: string;
  readonly port: number;
  readonly metricsPort: number;
}

const withWorkers = async (use: (running: Running) => Promise<void>): Promise<void> => {
  const engine = mkdtempSync(join(tmpdir(), "sluice-workers-"));
  const config = join(mkdtempSync(join(tmpdir(), "sluice-workers-")), "zilla.yaml");
  const metricsPort = await freePort();
  writeFileSync(config, echo(metricsPort));
  const sluice = await startSluice({ config, engine, workers: WORKERS });
  try {
    await use({ sluice, engine, config, metricsPort, port: Number(/listening.*port=(\d+)/.exec(sluice.log())?.[1]) });
  } finally {
    await sluice.kill();
  }
};

/** The process of each worker by its number, as the log tells them; the last of each counts. */
const pidsOf = ({ sluice }: Running): ReadonlyMap<number, number> =>
  new Map(
    [...sluice.log().matchAll(/worker started pid=(\d+) worker=(\d+)/g)].map(([, pid, worker]) => [Number(worker), Number(pid)] as const),
  );

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await delay(LOOK_EVERY_MS);
};
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const metricsOf = async ({ engine }: Running): Promise<string> => {
  const words = [SLUICE, "metrics", "--workers", "-P", `zilla.engine.directory=${engine}`];
  return new Promise((resolve, reject) => execFile(process.execPath, words, (error, stdout) => (error ? reject(error) : resolve(stdout))));
};
const exposed = async ({ metricsPort }: Running, name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "m").exec(text)?.[1]);
};

const connected = (port: number): Promise<ClientHttp2Session> =>
  new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.once("error", reject).once("remoteSettings", () => resolve(session.off("error", reject).on("error", () => {})));
  });

/** The status of a call, or "lost". */
const say = (session: ClientHttp2Session): Promise<string> =>
  new Promise((resolve) => {
    const stream = session.request({ ":method": "POST", ":path": "/Echo/Say", "content-type": "application/grpc", te: "trailers" });
    let status = "lost";
    stream.on("trailers", (trailers) => {
      status = String(trailers["grpc-status"]);
    });
    stream.on("error", () => {}).on("close", () => resolve(status));
    stream.resume().end(Buffer.alloc(5));
  });

const connections = (port: number): Promise<ClientHttp2Session[]> =>
  Promise.all(Array.from({ length: CONNECTIONS }, () => connected(port)));

describe("several workers", SKIP, () => {
  test("share one port, each serves some of the connections, and their metrics are one sum", async () => {
    await withWorkers(async (running) => {
      const ports = new Set([...running.sluice.log().matchAll(/listening.*port=(\d+)/g)].map(([, port]) => port));
      assert.equal(ports.size, 1, "a port 0 is the same for all");
      const sessions = await connections(running.port);
      assert.deepEqual(new Set(await Promise.all(sessions.map(say))), new Set(["0"]));
      const metrics = await metricsOf(running);
      assert.match(metrics, /^t +in +sluice\.tcp\.connections +60$/m);
      for (let worker = 1; worker <= WORKERS; worker++)
        assert.match(metrics, new RegExp(`^t +in +sluice\\.tcp\\.connections\\{worker=${worker}\\} +[1-9]`, "m"));
      assert.equal(await exposed(running, "grpc_requests_per_rpc_count"), CONNECTIONS);
      assert.equal(await exposed(running, "sluice_workers"), WORKERS);
      for (const session of sessions) session.destroy();
      assert.equal(await running.sluice.stop(), 0);
      const lines = running.sluice.output().trimEnd().split("\n");
      const ofEngine = lines.filter((line) => line.startsWith("sys:engine")).map((line) => line.replace(/ \[.*\] /, " "));
      assert.deepEqual(ofEngine, ["sys:engine engine.started Engine Started.", "sys:engine engine.stopped Engine Stopped."]);
      assert.equal(lines.length, CONNECTIONS + ofEngine.length);
      assert.equal(
        new Set(lines.map((line) => /\[([0-9a-f]{16})\]/.exec(line)?.[1])).size,
        lines.length,
        "each event has a number of its own",
      );
    });
  });

  test("lose with one that is killed its connections only; it is started again, and both the log and the metrics say so", async () => {
    await withWorkers(async (running) => {
      const sessions = await connections(running.port);
      await Promise.all(sessions.map(say));
      const asked = await exposed(running, "grpc_requests_per_rpc_count");
      const before = pidsOf(running);
      const killed = before.get(2) ?? 0;
      const metrics = await metricsOf(running);
      const its = Number(/sluice\.tcp\.connections\{worker=2\} +(\d+)/.exec(metrics)?.[1]);
      process.kill(killed, "SIGKILL");
      await until(() => sessions.filter(({ destroyed }) => destroyed).length === its);
      assert.deepEqual(new Set(await Promise.all(sessions.filter(({ destroyed }) => !destroyed).map(say))), new Set(["0"]));
      await until(() => pidsOf(running).get(2) !== killed);
      await until(async () => (await exposed(running, "sluice_workers")) === WORKERS);
      assert.match(running.sluice.log(), /a worker has ended and is started again worker=2 signal=SIGKILL pauseMs=100/);
      assert.match(await metricsOf(running), /^sys +engine +sluice\.workers\.restarts\{worker=2\} +1$/m);
      assert.equal(await exposed(running, "grpc_requests_per_rpc_count"), asked + CONNECTIONS - its, "what it had counted stays counted");
      assert.deepEqual([pidsOf(running).get(1), pidsOf(running).get(3)], [before.get(1), before.get(3)]);
      assert.ok(existsSync(join(running.engine, "ready")));
      for (const session of sessions) session.destroy();
      assert.equal(await running.sluice.stop(), 0);
    });
  });

  test("are drained one by one by a signal to each, without an end to the whole", async () => {
    await withWorkers(async (running) => {
      const [pid = 0] = pidsOf(running).values();
      process.kill(pid, "SIGTERM");
      await until(() => ![...pidsOf(running).values()].includes(pid));
      assert.match(running.sluice.log(), /a worker has ended and is started again worker=\d status=0/);
      assert.equal(await running.sluice.stop(), 0);
    });
  });

  test("end with their supervisor, however that ends, after they have drained", async () => {
    await withWorkers(async (running) => {
      const session = await connected(running.port);
      const stream = session.request({ ":method": "POST", ":path": "/Echo/Say", "content-type": "application/grpc", te: "trailers" });
      const trailers = once(stream, "trailers");
      stream.resume().write(Buffer.alloc(5));
      await once(stream, "response");
      process.kill(running.sluice.pid, "SIGKILL");
      await once(session, "goaway");
      stream.end();
      assert.equal((await trailers)[0]["grpc-status"], "0");
      session.close();
      await until(() => ![...pidsOf(running).values()].some(isAlive));
    });
  });

  test("are not there where the port is another program's: that is said once, and ends the start with status 1", async () => {
    await withWorkers(async (running) => {
      const config = running.config.replace("zilla", "other");
      writeFileSync(config, echo(0).replace("port: 0 }, exit", `port: ${running.port} }, exit`));
      const failed: Error = await startSluice({ config, workers: WORKERS }).then(
        () => new Error("it started"),
        (reason) => reason as Error, // It rejects with what was said.
      );
      assert.match(failed.message, /ended with 1\n(?:.*\n)*.*cannot listen on 127\.0\.0\.1:\d+: the port is in use/);
      assert.equal(failed.message.match(/the port is in use/g)?.length, 1);
    });
  });
});
