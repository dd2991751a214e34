// What only a proxy behind Kafka does: records as others see and write them, answers that are there already, servers that come late.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Client, status } from "@grpc/grpc-js";
import { type Backend, ECHO, ECHO_SERVICE, startBackend, TELL } from "../kit/backend.ts";
import { call, channelTo } from "../kit/grpc-client.ts";
import { type KcatRecord, readTopic, writeRecord } from "../kit/kcat.ts";
import { needs } from "../kit/needs.ts";
import { freePorts } from "../kit/ports.ts";
import { type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { committedOffsets } from "../kit/topics.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

describe("grpc.kafka.proxy on its topics", needs("kafka", "kcat"), () => {
  let kafka: SharedKafka;
  let backend: Backend;
  let scenario: Scenario;
  let client: Client;
  before(async () => {
    kafka = await sharedKafka();
    backend = await startBackend();
    const topics = { "echo-requests": 1, "echo-responses": 1 };
    scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port });
    client = channelTo(scenario.port);
  });
  after(async () => {
    client.close();
    await scenario.stop();
    backend.stop();
    await kafka.stop();
  });

  const topicOf = (name: string): string => scenario.topics[name] ?? "";
  /** The records with that key, when there are `count`. */
  const recordsOf = async (name: string, key: string, count: number): Promise<readonly KcatRecord[]> => {
    for (;;) {
      const records = (await readTopic({ bootstrap: kafka.bootstrap, topic: topicOf(name) })).filter((record) =>
        record.key?.toString().startsWith(key),
      );
      if (records.length >= count) return records;
    }
  };

  test("a streamed call is one record a message, headers in the original's order, and a tombstone", async () => {
    const key = "order-of-headers";
    const metadata = [
      ["idempotency-key", key],
      ["custom-bin", bytes("test")],
      ["authorization", "secret"],
    ] as const;
    await call(client, { path: ECHO.bidi, requests: [bytes("1"), bytes(""), bytes("3")], metadata });
    const records = await recordsOf("echo-requests", key, 4);
    const id = records[0]?.key?.toString() ?? "";
    const headers = [
      ["zilla:service", ECHO_SERVICE],
      ["zilla:method", "BidirectionalStreamingEcho"],
      ["zilla:reply-to", topicOf("echo-responses")],
      ["zilla:correlation-id", id],
      ["meta:idempotency-key", key],
      ["meta:custom-bin", "dGVzdA=="],
      ["meta:accept-encoding", "identity"],
    ];
    assert.deepEqual(
      records.map(({ value }) => value?.toString()),
      ["1", "", "3", undefined],
    );
    for (const record of records) assert.deepEqual([record.key?.toString(), record.headers], [id, headers]);
    const replies = await recordsOf("echo-responses", key, 4);
    assert.deepEqual(
      replies.map(({ value }) => value?.toString()),
      ["1", "", "3", undefined],
    );
    assert.deepEqual(replies[0]?.headers.slice(0, 2), [
      ["zilla:correlation-id", id],
      ["meta:served-by", "backend"],
    ]);
    assert.deepEqual(replies[3]?.headers.slice(0, 2), [
      ["zilla:correlation-id", id],
      ["zilla:status", "0"],
    ]);
  });

  test("a call that somebody else wrote is answered to the reply topic", async () => {
    const id = "foreign-d41d8cd98f00b204e9800998ecf8427e";
    const headers = [
      ["zilla:service", ECHO_SERVICE],
      ["zilla:method", "UnaryEcho"],
      ["zilla:reply-to", topicOf("echo-responses")],
      ["zilla:correlation-id", id],
      ["meta:custom", "foreign"],
    ] as const;
    const to = { bootstrap: kafka.bootstrap, topic: topicOf("echo-requests"), key: id, headers };
    await writeRecord({ ...to, value: bytes("from kcat") });
    await writeRecord({ ...to, value: undefined });
    const replies = await recordsOf("echo-responses", id, 2);
    assert.deepEqual(
      replies.map(({ key, value }) => [key?.toString(), value?.toString()]),
      [
        [id, "from kcat"],
        [id, undefined],
      ],
    );
    const seen = await backend.saw(({ requests }) => requests[0]?.toString() === "from kcat");
    assert.deepEqual(seen.metadata.get("custom"), ["foreign"]);
  });

  test("overlapping calls of foreign writers are each answered", async () => {
    const ids = ["overlap-a", "overlap-b"];
    const write = (id: string, value: Buffer | undefined): Promise<void> => {
      const headers = [
        ["zilla:service", ECHO_SERVICE],
        ["zilla:method", "UnaryEcho"],
        ["zilla:reply-to", topicOf("echo-responses")],
        ["zilla:correlation-id", id],
      ] as const;
      return writeRecord({ bootstrap: kafka.bootstrap, topic: topicOf("echo-requests"), key: id, value, headers });
    };
    for (const id of ids) await write(id, bytes(id));
    for (const id of ids) await write(id, undefined);
    for (const id of ids)
      assert.deepEqual(
        (await recordsOf("echo-responses", id, 2)).map(({ value }) => value?.toString()),
        [id, undefined],
      );
  });

  test("a key that was used before gets the first answer", async () => {
    const metadata = [["idempotency-key", "used-before"]] as const;
    const answers = [];
    for (const text of ["first", "second"]) answers.push(await call(client, { path: ECHO.unary, requests: [bytes(text)], metadata }));
    assert.deepEqual(
      answers.map(({ code, replies }) => [code, String(replies[0])]),
      [
        [status.OK, "first"],
        [status.OK, "first"],
      ],
    );
  });

  test("an error of the server is a final record with its status and message", async () => {
    const metadata = [
      ["idempotency-key", "refused"],
      [TELL.status, String(status.FAILED_PRECONDITION)],
      [TELL.message, encodeURIComponent("not now")],
    ] as const;
    const answer = await call(client, { path: ECHO.unary, requests: [bytes("x")], metadata });
    assert.deepEqual([answer.code, answer.details], [status.FAILED_PRECONDITION, "not now"]);
    const [final, ...rest] = await recordsOf("echo-responses", "refused", 1);
    assert.deepEqual([final?.value, rest], [undefined, []]);
    assert.deepEqual(final?.headers.slice(1, 3), [
      ["zilla:status", "9"],
      ["zilla:message", "not now"],
    ]);
  });

  test("when everything is answered, everything is committed", async () => {
    const topic = topicOf("echo-requests");
    for (;;) {
      await call(client, { path: ECHO.unary, requests: [bytes("x")] });
      const end = (await readTopic({ bootstrap: kafka.bootstrap, topic })).at(-1)?.offset ?? 0;
      const [committed = 0] = await committedOffsets(kafka.bootstrap, `zilla:${scenario.namespace}-west_kafka_grpc_remote_server`, topic);
      if (committed >= end - 1) return; // But for the call that was just made.
    }
  });
});

describe("a server that is not there yet", needs("kafka"), () => {
  test("is waited for, and then answers", async () => {
    const kafka = await sharedKafka();
    const [backendPort = 0] = await freePorts(1);
    const topics = { "echo-requests": 1, "echo-responses": 1 };
    const scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort });
    const client = channelTo(scenario.port);
    let backend: Backend | undefined;
    try {
      const waiting = call(client, { path: ECHO.unary, requests: [bytes("patience")], timeoutMs: 30_000 });
      const hopeless = await call(client, { path: ECHO.unary, requests: [bytes("hurry")], timeoutMs: 1_000 });
      assert.equal(hopeless.code, status.DEADLINE_EXCEEDED);
      backend = await startBackend(backendPort);
      assert.deepEqual((await waiting).replies.map(String), ["patience"]);
    } finally {
      client.close();
      await scenario.stop();
      backend?.stop();
      await kafka.stop();
    }
  });
});
