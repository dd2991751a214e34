// Two processes share the work of a remote server; one is killed under load. Nothing is lost, nothing is answered twice, nothing is mixed.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Client, status } from "@grpc/grpc-js";
import { CONSUMER_GROUPS } from "../kafka-server/features.ts";
import { type Backend, ECHO, REPEATS, startBackend, TELL } from "../kit/backend.ts";
import { type Answered, call, channelTo } from "../kit/grpc-client.ts";
import { needs } from "../kit/needs.ts";
import { BY_CONSUMER_PROTOCOL, type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const DEADLINE_MS = 30_000;
const CALLS = 400;

interface Pair {
  readonly client: Client;
  readonly backend: Backend;
  /** Kills the process that no caller is connected to, but that half of the partitions are assigned to. */
  kill(): Promise<void>;
}

type Protocol = "classic" | "consumer";

/** Two processes, a caller of the first, and proof that the second has work. */
const withTwo = async (protocol: Protocol, use: (pair: Pair) => Promise<void>): Promise<void> => {
  const undo: (() => unknown)[] = [];
  try {
    const kafka: SharedKafka = await sharedKafka(protocol === "consumer" ? CONSUMER_GROUPS : undefined);
    undo.push(() => kafka.stop());
    const backend = await startBackend();
    undo.push(() => backend.stop());
    const topics = { "echo-requests": 8, "echo-responses": 8 };
    const replace = protocol === "consumer" ? BY_CONSUMER_PROTOCOL : {};
    const scenario: Scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port, replace });
    undo.push(() => scenario.stop());
    const client = channelTo(scenario.port);
    undo.push(() => client.close());
    const second = await scenario.another();
    await untilShared(client, backend);
    await use({ client, backend, kill: () => second.sluice.kill() });
  } finally {
    for (const step of undo.reverse()) await step();
  }
};

/** Calls until the backend has been called by two connections: both processes have partitions then. */
const untilShared = async (client: Client, backend: Backend): Promise<void> => {
  const peers = (): number => new Set(backend.seen.map(({ peer }) => peer)).size;
  while (peers() < 2)
    await Promise.all(Array.from({ length: 16 }, () => call(client, { path: ECHO.unary, requests: [Buffer.from("hello")] })));
};

/** Until calls whose first message begins so have come from both. */
const untilBoth = async (backend: Backend, begins: string): Promise<void> => {
  const peers = new Set<string>();
  await backend.saw(({ requests, peer }) => requests[0]?.toString().startsWith(begins) === true && peers.add(peer).size === 2);
};

const counted = (answers: readonly Answered[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { code } of answers) counts[status[code] ?? code] = (counts[status[code] ?? code] ?? 0) + 1;
  return counts;
};

/** Else the kill met nothing, and the test has shown nothing. */
const assertInterrupted = ({ seen }: Backend): void =>
  assert.ok(
    seen.some(({ answered, cancelled }) => cancelled && !answered),
    "no call was interrupted",
  );

for (const protocol of ["classic", "consumer"] as const)
  describe(`two remote servers of a group of the ${protocol} protocol, one killed under load`, needs("kafka"), () => {
    test("every unary and client-streaming call is answered, once, with its own reply", async () => {
      await withTwo(protocol, async ({ client, backend, kill }) => {
        const answers = Array.from({ length: CALLS }, (_, at) => {
          const requests = at % 2 === 0 ? [`unary ${at}`] : [`client `, `stream `, `${at}`];
          const path = at % 2 === 0 ? ECHO.unary : ECHO.clientStream;
          const metadata = [[TELL.pause, String(20 * (at % 50))]] as const;
          return call(client, { path, requests: requests.map((text) => Buffer.from(text)), metadata, timeoutMs: DEADLINE_MS });
        });
        await untilBoth(backend, "unary");
        await kill();
        const all = await Promise.all(answers);
        assertInterrupted(backend);
        assert.deepEqual(counted(all), { OK: CALLS });
        assert.deepEqual(
          all.map(({ replies }) => replies.map(String)),
          all.map((_, at) => [at % 2 === 0 ? `unary ${at}` : `client stream ${at}`]),
        );
      });
    });

    test("every server stream ends OK with all its replies, or ABORTED with some of them", async () => {
      await withTwo(protocol, async ({ client, backend, kill }) => {
        const answers = Array.from({ length: CALLS }, (_, at) => {
          const metadata = [[TELL.pause, "100"]] as const;
          return call(client, { path: ECHO.serverStream, requests: [Buffer.from(`stream ${at}`)], metadata, timeoutMs: DEADLINE_MS });
        });
        await untilBoth(backend, "stream");
        await kill();
        for (const [at, { code, replies, details }] of (await Promise.all(answers)).entries()) {
          assert.ok(code === status.OK || code === status.ABORTED, `call ${at} ended with ${status[code]}: ${details}`);
          assert.deepEqual(new Set(replies.map(String)), new Set(replies.length > 0 ? [`stream ${at}`] : []));
          if (code === status.OK) assert.equal(replies.length, REPEATS);
        }
        assertInterrupted(backend);
      });
    });
  });
