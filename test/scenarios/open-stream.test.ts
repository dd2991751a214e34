// One long stream does not hold up what is behind it: calls that are finished stay finished when their process is killed, though the
// stream before them is not.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Client, status } from "@grpc/grpc-js";
import { decodeDone } from "../../src/kafka/client/commit-metadata.ts";
import { type Backend, ECHO, startBackend } from "../kit/backend.ts";
import { call, channelTo, hold } from "../kit/grpc-client.ts";
import { needs } from "../kit/needs.ts";
import { type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { commitsOf } from "../kit/topics.ts";

const CALLS = 100;
/** A message and a tombstone. */
const CALL_RECORDS = 2;
/** One message; it is not half-closed. */
const STREAM_RECORDS = 1;
const GROUP_OF = ({ namespace }: Scenario): string => `zilla:${namespace}-west_kafka_grpc_remote_server`;

const callAndCheck = async (client: Client, text: string): Promise<void> => {
  const { code, replies } = await call(client, { path: ECHO.unary, requests: [Buffer.from(text)], timeoutMs: 30_000 });
  assert.deepEqual([code, replies.map(String)], [status.OK, [text]]);
};

/** Until a commit says that everything up to `end` is done but what is still open; the committed offset. */
const untilCommitted = async (kafka: SharedKafka, scenario: Scenario, end: number): Promise<number> => {
  for (;;) {
    const [commit] = await commitsOf(kafka.bootstrap, GROUP_OF(scenario), scenario.topics["echo-requests"] ?? "");
    if (commit && (decodeDone(commit.offset, commit.metadata).at(-1)?.to ?? 0) >= end) return commit.offset;
  }
};

const timesSeen = ({ seen }: Backend, text: string): number => seen.filter(({ requests }) => requests[0]?.toString() === text).length;

describe("an open stream before finished calls", needs("kafka"), () => {
  test("is begun again by the next process, and they are not", async () => {
    const undo: (() => unknown)[] = [];
    try {
      const kafka = await sharedKafka();
      undo.push(() => kafka.stop());
      const backend = await startBackend();
      undo.push(() => backend.stop());
      // The first process owns the only partition; the second serves the caller, and takes over.
      const topics = { "echo-requests": 1, "echo-responses": 1 };
      const scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port });
      undo.push(() => scenario.stop());
      const client = channelTo((await scenario.another()).port);
      undo.push(() => client.close());
      const { stream, next } = hold(client, { path: ECHO.bidi });
      stream.write(Buffer.from("long"));
      assert.equal((await next())?.toString(), "long");
      for (let at = 0; at < CALLS; at++) await callAndCheck(client, `call ${at}`);
      const committed = await untilCommitted(kafka, scenario, STREAM_RECORDS + CALLS * CALL_RECORDS);
      assert.ok(committed <= 1, `the stream's record is not done, but ${committed} was committed`);
      await scenario.sluice.kill();
      await callAndCheck(client, "after");
      await backend.saw(() => timesSeen(backend, "long") === 2);
      for (let at = 0; at < CALLS; at++) assert.equal(timesSeen(backend, `call ${at}`), 1, `call ${at}`);
      stream.cancel();
    } finally {
      for (const step of undo.reverse()) await step();
    }
  });
});
