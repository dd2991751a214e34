// grpc-js on both ends and ours between them: a call through the grpc server and the grpc client arrives as if nobody were there.
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { Client, compressionAlgorithms, credentials } from "@grpc/grpc-js";
import { Code } from "../../../src/core/status.ts";
import type { Grpc } from "../../../src/ports/grpc.ts";
import { ask } from "../../kit/ask.ts";
import { ECHO, REPEATS, startBackend, TELL } from "../../kit/backend.ts";
import { call, channelTo, hold } from "../../kit/grpc-client.ts";
import { clientTo, serveGrpc } from "./peers.ts";
import { callOf } from "./servers.ts";

const proxied = async (context: TestContext) => {
  const backend = await startBackend();
  context.after(() => backend.stop());
  const client = clientTo(context);
  const app: Grpc = (made, reply) => client({ ...made, authority: `127.0.0.1:${backend.port}` }, reply);
  const { port } = await serveGrpc(context, app);
  const channel = channelTo(port);
  context.after(() => channel.close());
  return { backend, channel, port };
};

const HELLO = Buffer.from("hello");

test("all four kinds of calls come through", async (context) => {
  const { channel } = await proxied(context);
  const large = Buffer.alloc(300_000, 7);
  for (const [path, requests, replies] of [
    [ECHO.unary, [HELLO], [HELLO]],
    [ECHO.unary, [large], [large]],
    [ECHO.unary, [Buffer.alloc(0)], [Buffer.alloc(0)]],
    [ECHO.clientStream, [HELLO, large, HELLO], [Buffer.concat([HELLO, large, HELLO])]],
    [ECHO.clientStream, [], [Buffer.alloc(0)]],
    [ECHO.serverStream, [HELLO], Array(REPEATS).fill(HELLO)],
    [ECHO.bidi, [HELLO, large, HELLO], [HELLO, large, HELLO]],
    [ECHO.bidi, [], []],
  ] as const) {
    const answer = await call(channel, { path, requests });
    assert.deepEqual([path, answer.code, answer.replies], [path, 0, [...replies]]);
  }
});

test("metadata, trailers and the deadline come through", async (context) => {
  const { backend, channel } = await proxied(context);
  const answer = await call(channel, {
    path: ECHO.unary,
    requests: [HELLO],
    timeoutMs: 20_000,
    metadata: [
      ["custom", "a value"],
      ["custom-bin", Buffer.from([0, 255, 128])],
    ],
  });
  assert.equal(answer.code, 0);
  assert.deepEqual(
    answer.initial.filter(([name]) => name.startsWith("custom")),
    [
      ["custom", "a value"],
      ["custom-bin", Buffer.from([0, 255, 128])],
    ],
  );
  assert.deepEqual(
    answer.trailers.filter(([name]) => name === "trailing"),
    [["trailing", "last words"]],
  );
  const [seen] = backend.seen;
  assert.ok(seen?.deadlineMs && Math.abs(seen.deadlineMs - Date.now() - 20_000) < 5000);
  assert.match(String(seen.metadata.get("user-agent")[0]), /^grpc-node-sluice\//);
});

for (const [claim, name] of [
  ["before", "x"],
  ["after", TELL.afterReplies],
] as const)
  test(`a status and its message come through ${claim} the replies`, async (context) => {
    const { channel } = await proxied(context);
    const message = "Grüße\n☺ 100%";
    const metadata = [
      [TELL.status, "9"],
      [TELL.message, encodeURIComponent(message)],
      [name, "1"],
    ] as const;
    const failed = await call(channel, { path: ECHO.unary, requests: [HELLO], metadata });
    assert.deepEqual([failed.code, failed.details], [9, message]);
    assert.deepEqual(
      failed.trailers.filter(([each]) => each === "trailing"),
      [["trailing", "last words"]],
    );
  });

test("a cancel and a deadline reach the server", async (context) => {
  const { backend, channel } = await proxied(context);
  const { stream, next } = hold(channel, { path: ECHO.bidi });
  stream.write(HELLO);
  assert.deepEqual(await next(), HELLO);
  stream.cancel();
  await backend.saw(({ cancelled, path }) => cancelled && path === ECHO.bidi);
  const late = await call(channel, { path: ECHO.unary, requests: [HELLO], timeoutMs: 80, metadata: [[TELL.silence, "1"]] });
  assert.equal(late.code, Code.DEADLINE_EXCEEDED);
  await backend.saw(({ cancelled, path }) => cancelled && path === ECHO.unary);
});

test("messages that grpc-js compresses come through", async (context) => {
  const { port } = await proxied(context);
  for (const algorithm of [compressionAlgorithms.gzip, compressionAlgorithms.deflate]) {
    const channel = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.default_compression_algorithm": algorithm });
    context.after(() => channel.close());
    const requests = [Buffer.alloc(50_000, "compress me "), HELLO];
    const { code, replies } = await call(channel, { path: ECHO.bidi, requests });
    assert.deepEqual([code, replies], [0, requests]);
  }
});

test("a server that cannot be reached was surely not asked, and the status says so", async (context) => {
  const listener = createServer();
  await new Promise<void>((listening) => listener.listen(0, "127.0.0.1", listening));
  const { port } = listener.address() as AddressInfo; // Of a socket with a port.
  await new Promise((closed) => listener.close(closed));
  const made = callOf("UnaryEcho", { service: "grpc.examples.echo.Echo", authority: `127.0.0.1:${port}` });
  const { status } = await ask(clientTo(context), made, { requests: [HELLO] });
  assert.equal(status.code, Code.UNAVAILABLE);
  assert.equal(status.unprocessed, true);
});

test("a server that hangs up in the middle ends the call as unavailable", async (context) => {
  const { backend, channel } = await proxied(context);
  const answer = call(channel, { path: ECHO.unary, requests: [HELLO], metadata: [[TELL.silence, "1"]] });
  await backend.saw(({ requests }) => requests.length === 1);
  backend.stop();
  assert.ok([Code.UNAVAILABLE, Code.CANCELLED].includes((await answer).code as 1 | 14));
});
