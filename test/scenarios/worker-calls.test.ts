// Calls through Kafka by several processes: each reads a share of the replies only, and still every call has its own answer. By the workers of
// one engine, by engines that know nothing of each other, while a worker is killed, and while all drain.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Client, status } from "@grpc/grpc-js";
import { readMetrics } from "../../src/admin/metrics-socket.ts";
import { type Backend, ECHO, startBackend, TELL } from "../kit/backend.ts";
import { call, channelTo } from "../kit/grpc-client.ts";
import { startLoad } from "../kit/load/load.ts";
import type { CallsResult } from "../kit/load/options.ts";
import { needs } from "../kit/needs.ts";
import { type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { growTopic } from "../kit/topics.ts";

const OWN = { "capability: produce\n": "capability: produce\n          replies: own\n" } as const;
const TOPICS = { "echo-requests": 4, "echo-responses": 12 } as const;
const CALLS = 20_000;
const LATE_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** A killed process is missed by its group after a session; its requests are answered by another then. */
const DEADLINE_MS = 60_000;
/** Within this, everybody has heard that a topic has more partitions. */
const GROWN_MS = 6_000;

/** Of each worker, and of all together (0), what a counter has come to. */
const countedIn = async (engine: string, metric: string): Promise<ReadonlyMap<number, number>> => {
  const counted = new Map<number, number>();
  for (const { worker = 0, metric: name, value } of await readMetrics(join(engine, "metrics.sock")))
    if (name === metric && typeof value === "number") counted.set(worker, (counted.get(worker) ?? 0) + value);
  return counted;
};

describe("calls through several processes", needs("kafka"), () => {
  let kafka: SharedKafka;
  let backend: Backend;
  before(async () => {
    kafka = await sharedKafka();
    backend = await startBackend();
  });
  after(async () => {
    backend?.stop();
    await kafka?.stop();
  });

  const started = (workers: number, engine?: string): Promise<Scenario> =>
    startScenario({
      ...{ example: "grpc.kafka.proxy", kafka, topics: TOPICS, backendPort: backend.port, replace: OWN },
      sluice: { workers, ...(engine === undefined ? {} : { engine }) },
    });
  const withWorkers = async (use: (scenario: Scenario, engine: string) => Promise<void>): Promise<void> => {
    const engine = mkdtempSync(join(tmpdir(), "sluice-engine-"));
    const scenario = await started(2, engine);
    try {
      await use(scenario, engine);
    } finally {
      await scenario.stop();
    }
  };

  const calls = async (port: number, count: number): Promise<CallsResult> => {
    const load = startLoad();
    try {
      return await load.calls({
        port,
        path: ECHO.unary,
        calls: count,
        inFlight: 100,
        connections: 20,
        label: String(port),
        lateMs: LATE_MS,
      });
    } finally {
      await load.stop();
    }
  };
  const allAnswered = ({ calls: made, failed, errors, crossed, late }: CallsResult, count: number): void =>
    assert.deepEqual({ made, failed, errors, crossed, late }, { made: count, failed: 0, errors: {}, crossed: 0, late: 0 });

  test(`${CALLS} calls over two workers are all answered, none with another's reply, by both, each of which reads a share`, async () => {
    await withWorkers(async ({ port }, engine) => {
      allAnswered(await calls(port, CALLS), CALLS);
      const produced = await countedIn(engine, "sluice.kafka.produce.records");
      assert.ok((produced.get(1) ?? 0) > 0 && (produced.get(2) ?? 0) > 0, `${[...produced]}`);
      // Two requests and two replies a call: whoever read all would have fetched half as much again.
      const fetched = await countedIn(engine, "sluice.kafka.fetch.records");
      assert.ok((fetched.get(0) ?? 0) < 4.5 * CALLS, `${[...fetched]}`);
    });
  });

  test("two engines that know nothing of each other answer all their calls over the same topics", async () => {
    const scenario = await started(1);
    try {
      const another = await scenario.another();
      const answers = await Promise.all([scenario.port, another.port].map((port) => calls(port, CALLS / 4)));
      for (const answered of answers) allAnswered(answered, CALLS / 4);
    } finally {
      await scenario.stop();
    }
  });

  test("a worker that is killed under load takes its own connections along and nothing else; it is started again", async () => {
    await withWorkers(async ({ port, sluice }, engine) => {
      const clients = Array.from({ length: 16 }, () => channelTo(port));
      let over = false;
      const failures = async (client: Client, at: number): Promise<readonly number[]> => {
        const codes: number[] = [];
        for (let number = 0; !over; number++) {
          const text = `client ${at} call ${number}`;
          const answered = await call(client, { path: ECHO.unary, requests: [Buffer.from(text)], timeoutMs: DEADLINE_MS });
          if (answered.code !== status.OK) codes.push(answered.code);
          else assert.deepEqual(answered.replies.map(String), [text]);
        }
        return codes;
      };
      const running = clients.map(failures);
      const connected = (): Promise<ReadonlyMap<number, number>> => countedIn(engine, "sluice.tcp.connections");
      while ((await connected()).get(0) !== clients.length) await delay(LOOK_EVERY_MS);
      const its = (await connected()).get(2) ?? 0;
      const pid = Number(/worker started pid=(\d+) worker=2/.exec(sluice.log())?.[1]);
      process.kill(pid, "SIGKILL");
      while (
        (await countedIn(engine, "sluice.workers")).get(0) !== 2 ||
        !/worker started .*[\s\S]*ended and is started again worker=2[\s\S]*worker started/.test(sluice.log())
      )
        await delay(LOOK_EVERY_MS);
      over = true;
      const failed = (await Promise.all(running)).filter((codes) => codes.length > 0);
      assert.equal(failed.length, its, "who was connected to the other worker has met nothing");
      assert.deepEqual(new Set(failed.flat()), new Set(its > 0 ? [status.UNAVAILABLE] : []));
      assert.equal((await countedIn(engine, "sluice.workers.restarts")).get(0), 1);
      for (const client of clients) client.close();
    });
  });

  test("partitions that are added to the replies take no reply of a running call out of sight, and none of later ones", async () => {
    await withWorkers(async ({ port, topics }) => {
      const clients = Array.from({ length: 8 }, () => channelTo(port));
      const asked = (round: string, pauseMs: number) =>
        Array.from({ length: 40 }, async (_, at) => {
          const [client] = clients.slice(at % clients.length);
          const text = `${round} ${at}`;
          const metadata = [[TELL.pause, String(pauseMs)]] as const;
          const answered = await call(client!, { path: ECHO.unary, requests: [Buffer.from(text)], metadata, timeoutMs: DEADLINE_MS }); // One of the eight.
          assert.deepEqual([answered.code, answered.replies.map(String)], [status.OK, [text]], answered.details);
        });
      const running = asked("running", GROWN_MS);
      await backend.saw(({ requests }) => requests[0]?.toString() === "running 39");
      await growTopic(kafka.bootstrap, topics["echo-responses"] ?? "", 17);
      const early = asked("early", 0);
      await Promise.all([...running, ...early]);
      await Promise.all(asked("later", 0));
      for (const client of clients) client.close();
    });
  });

  test("a drain of all workers finishes what is in hand", async () => {
    const engine = mkdtempSync(join(tmpdir(), "sluice-engine-"));
    const scenario = await started(2, engine);
    const clients = Array.from({ length: 16 }, () => channelTo(scenario.port));
    try {
      const metadata = [[TELL.pause, "1500"]] as const;
      const ask = (client: Client, at: number) =>
        call(client, { path: ECHO.unary, requests: [Buffer.from(`drained ${at}`)], metadata, timeoutMs: DEADLINE_MS });
      const answers = clients.map(ask);
      for (const at of clients.keys()) await backend.saw(({ requests }) => requests[0]?.toString() === `drained ${at}`);
      assert.equal(await scenario.sluice.stop(), 0, scenario.sluice.log());
      for (const [at, { code, replies }] of (await Promise.all(answers)).entries())
        assert.deepEqual([code, replies.map(String)], [status.OK, [`drained ${at}`]]);
    } finally {
      for (const client of clients) client.close();
      await scenario.stop();
    }
  });
});
