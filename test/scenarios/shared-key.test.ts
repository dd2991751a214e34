// Two calls with one idempotency key, a retry or a hedge, of which one is given up: the other is answered.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Client, status } from "@grpc/grpc-js";
import { type Backend, ECHO, type Seen, startBackend, TELL } from "../kit/backend.ts";
import { call, channelTo, hold } from "../kit/grpc-client.ts";
import { needs } from "../kit/needs.ts";
import { type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const TIMEOUT_MS = 30_000;
/** Reset by its caller before it was answered. */
const isReset = ({ cancelled, answered }: Seen): boolean => cancelled && !answered;

/** Long enough for the other call to come and the first to be given up. */
const PAUSE_MS = 2_000;

describe("two calls with one idempotency key", needs("kafka"), () => {
  let kafka: SharedKafka;
  let backend: Backend;
  let scenario: Scenario;
  let here: Client;
  let there: Client;
  before(async () => {
    kafka = await sharedKafka();
    backend = await startBackend();
    const topics = { "echo-requests": 1, "echo-responses": 1 };
    scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port });
    here = channelTo(scenario.port);
    there = channelTo((await scenario.another()).port);
    await call(here, { path: ECHO.unary, requests: [Buffer.from("warm")], timeoutMs: TIMEOUT_MS });
  });
  after(async () => {
    here.close();
    there.close();
    await scenario.stop();
    backend.stop();
    await kafka.stop();
  });

  /** Begins a call, then another with its key, gives up the first; what the server saw of them. */
  const hedged = async (key: string, second: Client): Promise<readonly Seen[]> => {
    const metadata = [
      ["idempotency-key", key],
      [TELL.pause, String(PAUSE_MS)],
    ] as const;
    const of = ({ requests }: Seen): boolean => requests[0]?.toString() === key;
    const first = hold(here, { path: ECHO.unary, metadata, timeoutMs: TIMEOUT_MS });
    first.stream.write(Buffer.from(key));
    first.stream.end();
    await backend.saw(of);
    const answer = call(second, { path: ECHO.unary, requests: [Buffer.from(key)], metadata, timeoutMs: TIMEOUT_MS - 1 });
    setTimeout(() => first.stream.cancel(), PAUSE_MS / 4);
    const { code, details, replies } = await answer;
    assert.deepEqual([code, replies.map(String)], [status.OK, [key]], details);
    return backend.seen.filter(of);
  };

  test("in one process: the server goes on with the call it has, and answers the other with it", async () => {
    assert.deepEqual((await hedged("one process", here)).map(isReset), [false]);
  });

  test("in two: the server's call is reset, since nobody knows of the other, and begun again for it", async () => {
    assert.deepEqual((await hedged("two processes", there)).map(isReset), [true, false]);
  });
});
