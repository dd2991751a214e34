// @grpc/grpc-js, a client that shares no code with us, against the grpc server on a real socket.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { echoGrpc } from "../../../src/bindings/echo/server.ts";
import { Code, OK } from "../../../src/core/status.ts";
import type { Grpc, Metadata } from "../../../src/ports/grpc.ts";
import { call, channelTo, hold } from "../../kit/grpc-client.ts";
import { answering, Fake, HW, HW1, HW2, LARGE } from "./parts.ts";
import { serveGrpc } from "./peers.ts";

const connected = async (context: TestContext, app: Grpc) => {
  const { port, runtime } = await serveGrpc(context, app);
  const channel = channelTo(port);
  context.after(() => channel.close());
  return { channel, port, runtime };
};
const UNARY = "/example.EchoService/EchoUnary";
const STREAM = "/example.EchoService/EchoStream";

test("all four kinds of calls are answered", async (context) => {
  const { channel } = await connected(context, echoGrpc);
  for (const [method, requests] of [
    ["EchoUnary", [HW]],
    ["EchoClientStream", [HW1, HW2]],
    ["EchoServerStream", [LARGE]],
    ["EchoStream", [HW1, LARGE, Buffer.alloc(0), HW2]],
  ] as const) {
    const { code, replies } = await call(channel, { path: `/example.EchoService/${method}`, requests });
    assert.deepEqual([method, code, replies], [method, 0, [...requests]]);
  }
});

test("five turns of a two-way stream come one after the other", async (context) => {
  const { channel } = await connected(context, echoGrpc);
  const { stream, next } = hold(channel, { path: STREAM });
  for (let turn = 0; turn < 5; turn++) {
    stream.write(Buffer.from(`turn ${turn}`));
    assert.equal((await next())?.toString(), `turn ${turn}`);
  }
  stream.end();
  assert.equal(await next(), undefined);
});

test("a thousand messages of a stream come back in order", async (context) => {
  const { channel } = await connected(context, echoGrpc);
  const requests = Array.from({ length: 1000 }, (_, index) => Buffer.alloc(index * 3, index));
  const { code, replies } = await call(channel, { path: STREAM, requests });
  assert.equal(code, 0);
  assert.deepEqual(replies, requests);
});

const MESSAGE = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
const HEADERS: Metadata = [
  ["a", "1"],
  ["a", "2"],
  ["b-bin", "AAEC"],
];
const TRAILERS: Metadata = [
  ["grpc-status-details-bin", "CAI="],
  ["c", "3"],
];

test("metadata, status, message and details arrive as they were given", async (context) => {
  const app = new Fake({ halfClosed: answering([HW], { headers: HEADERS, status: { code: 2, message: MESSAGE }, trailers: TRAILERS }) });
  const { channel } = await connected(context, app.service);
  const answer = await call(channel, {
    path: UNARY,
    requests: [HW],
    metadata: [
      ["x", "1"],
      ["x", "2"],
      ["y-bin", Buffer.from([0, 255])],
    ],
  });
  assert.equal(answer.code, 2);
  assert.equal(answer.details, MESSAGE);
  assert.deepEqual(
    answer.initial.filter(([name]) => name.length < 6),
    [
      ["a", "1, 2"], // The client joins them.
      ["b-bin", Buffer.from([0, 1, 2])],
    ],
  );
  assert.deepEqual(
    answer.trailers.filter(([name]) => name !== "content-type"),
    [
      ["grpc-status-details-bin", Buffer.from([8, 2])],
      ["c", "3"],
    ],
  );
  const seen = app.only.call.metadata.map(([name, value]) => `${name}=${value}`).join(" ");
  assert.match(seen, /^x=1(, | x=)2 y-bin=AP8=? accept-encoding=identity$/);
});

const refused: readonly (readonly [claim: string, path: string, code: number, details: RegExp])[] = [
  ["an unknown method", "/example.EchoService/Unknown", Code.UNIMPLEMENTED, /'example.EchoService\/Unknown' is not known/],
  ["an unknown service", "/example.Other/X", Code.UNIMPLEMENTED, /is not known/],
];
for (const [claim, path, code, details] of refused)
  test(`a refusal is read with its own words: ${claim}`, async (context) => {
    const { channel } = await connected(context, echoGrpc);
    const answer = await call(channel, { path, requests: [HW] });
    assert.equal(answer.code, code);
    assert.match(answer.details, details);
  });

test("a service's refusal is read before and after the half-close", async (context) => {
  const status = { code: Code.FAILED_PRECONDITION, message: "not now" };
  const early = await connected(context, (_call, reply) => {
    setImmediate(() => reply.end(status));
    return { write: () => true, end() {}, cancel() {}, ready() {} };
  });
  const open = await call(early.channel, { path: STREAM, requests: [HW], open: true });
  assert.deepEqual([open.code, open.details], [status.code, status.message]);
  const late = await connected(context, new Fake({ halfClosed: answering([], { status }) }).service);
  const closed = await call(late.channel, { path: UNARY, requests: [HW] });
  assert.deepEqual([closed.code, closed.details], [status.code, status.message]);
});

test("a deadline reaches the service, and ends the call there", async (context) => {
  let ended: (code: number) => void;
  const cancelled = new Promise<number>((resolve) => {
    ended = resolve;
  });
  let deadlineMs = 0;
  const { channel } = await connected(context, ({ deadlineMs: at }) => {
    deadlineMs = at;
    return { write: () => true, end() {}, cancel: ({ code }) => ended(code), ready() {} };
  });
  const { code } = await call(channel, { path: UNARY, requests: [HW], timeoutMs: 600 });
  assert.equal(code, Code.DEADLINE_EXCEEDED);
  assert.ok(deadlineMs > Date.now() - 5000 && deadlineMs < Date.now() + 5000);
  assert.ok([Code.DEADLINE_EXCEEDED, Code.CANCELLED].includes((await cancelled) as 1 | 4));
});

test("a client that cancels cancels the service", async (context) => {
  let ended: (code: number) => void;
  const cancelled = new Promise<number>((resolve) => {
    ended = resolve;
  });
  const { channel } = await connected(context, (_call, reply) => {
    setImmediate(() => reply.write([HW]));
    return { write: () => true, end() {}, cancel: ({ code }) => ended(code), ready() {} };
  });
  const { code } = await call(channel, { path: STREAM, requests: [HW], open: true, cancelAfter: 1 });
  assert.equal(code, Code.CANCELLED);
  assert.equal(await cancelled, Code.CANCELLED);
});

test("a message over the limit is refused by name", async (context) => {
  const { channel } = await connected(context, echoGrpc);
  const { code, details } = await call(channel, { path: UNARY, requests: [Buffer.alloc(4 * 1024 * 1024 + 1)] });
  assert.equal(code, Code.RESOURCE_EXHAUSTED);
  assert.match(details, /4194305 bytes, more than the limit of 4194304/);
});

test("a service that fails otherwise says nothing of it", async (context) => {
  const { channel, runtime } = await connected(context, () => {
    throw new Error("secret");
  });
  const { code, details } = await call(channel, { path: UNARY, requests: [HW] });
  assert.deepEqual([code, details], [Code.INTERNAL, "internal error"]);
  assert.equal(runtime.lines.filter((line) => line.includes("secret")).length, 1);
});

test("two hundred calls at once are answered, each with its own reply", async (context) => {
  const { channel } = await connected(context, echoGrpc);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => call(channel, { path: UNARY, requests: [Buffer.from(`call ${index}`)] })),
  );
  for (const [index, { code, replies }] of answers.entries()) assert.deepEqual([code, replies.map(String)], [0, [`call ${index}`]]);
});

test("gRPC-Web over HTTP/1.1 has its answer in the body", async (context) => {
  const { port } = await connected(context, new Fake({ halfClosed: answering([HW], { status: OK }) }).service);
  const response = await fetch(`http://127.0.0.1:${port}${UNARY}`, {
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" },
    body: Buffer.concat([Buffer.from([0, 0, 0, 0, HW.length]), HW]),
  });
  assert.equal(response.status, 200);
  const text = Buffer.from(await response.arrayBuffer()).toString("latin1");
  assert.ok(text.endsWith("\x80\0\0\0\x10grpc-status: 0\r\n"), JSON.stringify(text));
});
