// What nobody should send: to the port, to the request topic and to the reply topic. Each has its status or is passed over, and the
// process goes on serving.
import assert from "node:assert/strict";
import { connect, type IncomingHttpHeaders } from "node:http2";
import { after, afterEach, before, describe, test } from "node:test";
import { type Client, status } from "@grpc/grpc-js";
import { type Backend, ECHO, ECHO_SERVICE, startBackend, TELL } from "../kit/backend.ts";
import { call, channelTo } from "../kit/grpc-client.ts";
import { readTopic, writeRecord } from "../kit/kcat.ts";
import { needs } from "../kit/needs.ts";
import { type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const MIB = 1024 * 1024;
const GRPC = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };

interface Raw {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders | undefined;
}

/** A request as no gRPC library makes it. */
const raw = (port: number, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on("error", reject);
    const stream = session.request({ ":path": ECHO.unary, ...headers });
    let found: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders | undefined;
    stream.on("response", (response) => {
      found = response;
    });
    stream.on("trailers", (response) => {
      trailers = response;
    });
    stream.on("error", () => {}); // A reset is an answer, too.
    stream.on("close", () => session.close(() => resolve({ headers: found, trailers })));
    stream.resume();
    stream.end(body);
  });

const statusOf = ({ headers, trailers }: Raw): string => String(trailers?.["grpc-status"] ?? headers["grpc-status"]);

describe("bad input", needs("kafka", "kcat"), () => {
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
  afterEach(async () => {
    const answer = await call(client, { path: ECHO.unary, requests: [Buffer.from("still here")], timeoutMs: 20_000 });
    assert.deepEqual([answer.code, answer.replies.map(String)], [status.OK, ["still here"]]);
  });

  const topicOf = (name: string): string => scenario.topics[name] ?? "";

  test("requests that are no gRPC have the status that says so", async () => {
    const frame = Buffer.from("0000000001ff", "hex");
    assert.equal((await raw(scenario.port, { ...GRPC, ":method": "GET" }, Buffer.alloc(0))).headers[":status"], 405);
    assert.equal((await raw(scenario.port, { ...GRPC, "content-type": "text/html" }, frame)).headers[":status"], 415);
    const { headers } = await raw(scenario.port, { ...GRPC, ":path": "/nothing" }, frame);
    assert.deepEqual([headers[":status"], headers["grpc-status"]], [200, String(status.UNIMPLEMENTED)]);
  });

  test("frames that end early, announce too much or are compressed by nobody knows what are refused", async () => {
    for (const [body, headers] of [
      ["000000", {}],
      ["00000000640102", {}],
      ["00ffffffff01", {}],
      ["070000000101", {}],
      ["010000000101", {}],
      ["010000000101", { "grpc-encoding": "smoke" }],
      ["010000000101", { "grpc-encoding": "gzip" }],
    ] as const) {
      const answer = await raw(scenario.port, { ...GRPC, ...headers }, Buffer.from(body, "hex"));
      const code = statusOf(answer);
      assert.ok(/^[0-9]+$/.test(code) && code !== "0", `${body} ${JSON.stringify(headers)} ended with ${code}`);
    }
  });

  test("a message over the limit, or over the topic's, is RESOURCE_EXHAUSTED", async () => {
    for (const bytes of [5 * MIB, 2 * MIB]) {
      const { code } = await call(client, { path: ECHO.unary, requests: [Buffer.alloc(bytes, 1)], timeoutMs: 20_000 });
      assert.equal(status[code], "RESOURCE_EXHAUSTED", `${bytes} bytes`);
    }
  });

  test("a reply over the topic's limit is a final record with RESOURCE_EXHAUSTED", async () => {
    const requests = [Buffer.alloc(700_000, 1), Buffer.alloc(700_000, 2)];
    const { code } = await call(client, { path: ECHO.clientStream, requests, timeoutMs: 20_000 });
    assert.equal(status[code], "RESOURCE_EXHAUSTED");
  });

  test("records without headers, with half of them, or with nonsense in them are passed over", async () => {
    const to = { bootstrap: kafka.bootstrap, topic: topicOf("echo-requests") };
    const replyTo = ["zilla:reply-to", topicOf("echo-responses")] as const;
    const service = ["zilla:service", ECHO_SERVICE] as const;
    const id = ["zilla:correlation-id", "nonsense-1"] as const;
    await writeRecord({ ...to, value: Buffer.from([0, 255]) });
    await writeRecord({ ...to, key: "k", value: undefined });
    await writeRecord({ ...to, key: "k", value: Buffer.from("x"), headers: [replyTo] });
    await writeRecord({ ...to, key: "k", value: Buffer.from("x"), headers: [service, replyTo] });
    await writeRecord({ ...to, key: "k", value: Buffer.from("x"), headers: [service, replyTo, id] });
    await writeRecord({ ...to, key: "k", value: Buffer.alloc(0), headers: [["sluice:cancel", "nobody"]] });
    await writeRecord({
      ...to,
      key: "k",
      value: Buffer.from("x"),
      headers: [service, ["zilla:method", "a b/c"], replyTo, ["zilla:correlation-id", ""]],
    });
  });

  test("a final record with a status that is none ends its call all the same", async () => {
    const metadata = [
      ["idempotency-key", "odd-status"],
      [TELL.silence, "yes"],
    ] as const;
    const waiting = call(client, { path: ECHO.unary, requests: [Buffer.from("odd")], metadata, timeoutMs: 10_000 });
    await backend.saw(({ requests }) => requests[0]?.toString() === "odd");
    const records = await readTopic({ bootstrap: kafka.bootstrap, topic: topicOf("echo-requests") });
    const id = records.findLast(({ key }) => key?.toString().startsWith("odd-status"))?.key?.toString() ?? "";
    const headers = [
      ["zilla:correlation-id", id],
      ["zilla:status", "banana"],
    ] as const;
    await writeRecord({ bootstrap: kafka.bootstrap, topic: topicOf("echo-responses"), key: id, value: undefined, headers });
    const { code } = await waiting;
    assert.ok(code !== status.OK && code !== status.DEADLINE_EXCEEDED, `ended with ${status[code]}`);
  });
});

describe("a process that is told to end", needs("kafka"), () => {
  test("finishes the calls in hand, takes no new ones, and ends with 0", async () => {
    const kafka = await sharedKafka();
    const backend = await startBackend();
    const topics = { "echo-requests": 1, "echo-responses": 1 };
    const scenario = await startScenario({ example: "grpc.kafka.proxy", kafka, topics, backendPort: backend.port });
    const client = channelTo(scenario.port);
    try {
      const requests = [Buffer.from("in hand")];
      const inHand = call(client, { path: ECHO.unary, requests, metadata: [[TELL.pause, "1500"]], timeoutMs: 30_000 });
      await backend.saw((seen) => seen.requests[0]?.toString() === "in hand");
      const ended = scenario.sluice.stop();
      const { code, replies } = await inHand;
      assert.deepEqual([code, replies.map(String)], [status.OK, ["in hand"]]);
      assert.equal(await ended, 0);
      const late = channelTo(scenario.port);
      assert.equal((await call(late, { path: ECHO.unary, requests, timeoutMs: 5_000 })).code, status.UNAVAILABLE);
      late.close();
    } finally {
      client.close();
      await scenario.stop();
      backend.stop();
      await kafka.stop();
    }
  });
});
