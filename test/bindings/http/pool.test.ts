import assert from "node:assert/strict";
import { constants } from "node:http2";
import { test } from "node:test";
import { Code, StatusError } from "../../../src/core/status.ts";
import * as limits from "../../../src/http2/limits.ts";
import { ManualClock } from "../../kit/clock.ts";
import { ACK, END_STREAM, FrameType, frame } from "../../kit/frames.ts";
import { byHand, callTo, foreign, goawayFrame, responseFrame } from "../../kit/http-caller.ts";
import { turn } from "../../kit/http-recorder.ts";
import { answered, clientOf, holding } from "./http-client-kit.ts";

test("the peer's limit of streams is kept: more connections are opened, then calls wait in order", async (t) => {
  const server = await holding(t, 2);
  const { service } = clientOf(t, {}, { properties: { "zilla.binding.http.maximum.connections": "2" } });
  const calls = Array.from({ length: 6 }, (_, i) => callTo(service, server.port, { path: `/${i}` }));
  for (const { requests } of calls) requests.end();
  await server.until(4);
  for (let i = 0; i < 20; i++) await turn();
  assert.deepEqual([server.streams.length, server.sessions.size], [4, 2]);
  server.streams[0]!.respond({ ":status": 200 }, { endStream: true });
  await server.until(5);
  for (const stream of server.streams.slice(1)) stream.respond({ ":status": 200 }, { endStream: true });
  await server.until(6);
  server.streams[5]!.respond({ ":status": 200 }, { endStream: true });
  for (const { caller } of calls) assert.equal(await answered(caller), Code.OK);
  assert.equal(server.sessions.size, 2);
});

test("calls within the limit share one connection", async (t) => {
  const server = await holding(t, 100);
  const { service, runtime } = clientOf(t);
  const calls = Array.from({ length: 50 }, () => callTo(service, server.port));
  await server.until(50);
  assert.equal(server.sessions.size, 1);
  assert.equal(runtime.count("sluice.http.streams"), 50);
  for (const { requests } of calls) requests.cancel({ code: Code.CANCELLED, message: "" });
  while (runtime.count("sluice.http.streams") > 0) await turn();
});

test("after a GOAWAY the next call goes to a new connection", async (t) => {
  const server = await byHand(t);
  const { service } = clientOf(t);
  const first = callTo(service, server.port);
  first.requests.end();
  const peer = await server.peer();
  await peer.until(({ type }) => type === FrameType.HEADERS);
  peer.send(responseFrame(1, END_STREAM), goawayFrame(1, constants.NGHTTP2_NO_ERROR));
  assert.equal(await answered(first.caller), Code.OK);
  await peer.gone();
  const second = callTo(service, server.port);
  second.requests.end();
  while (server.peers.length < 2) await turn();
  await server.peers[1]!.until(({ type }) => type === FrameType.HEADERS);
  server.peers[1]!.send(responseFrame(1, END_STREAM));
  assert.equal(await answered(second.caller), Code.OK);
});

test("a server that only ever says GOAWAY does not make the client connect again and again", async (t) => {
  const server = await byHand(t);
  const { service } = clientOf(t);
  const { caller } = callTo(service, server.port, {});
  const peer = await server.peer();
  peer.send(goawayFrame(0, constants.NGHTTP2_NO_ERROR));
  await caller.until("end");
  assert.deepEqual([caller.status?.code, caller.status?.unprocessed], [Code.UNAVAILABLE, true]);
  for (let i = 0; i < 20; i++) await turn();
  assert.equal(server.peers.length, 1);
});

test("a peer with calls in hand that falls silent is asked, and given up when it does not answer", async (t) => {
  const clock = new ManualClock();
  const server = await byHand(t);
  const { service } = clientOf(t, {}, { clock });
  const { caller, requests } = callTo(service, server.port);
  requests.end();
  const peer = await server.peer();
  await peer.until(({ type }) => type === FrameType.HEADERS);
  clock.advance(limits.KEEP_ALIVE_QUIET_MS + 10);
  clock.advance(limits.KEEP_ALIVE_QUIET_MS + 10);
  const ping = await peer.until(({ type, flags }) => type === FrameType.PING && flags === 0);
  peer.send(frame({ type: FrameType.PING, flags: ACK, stream: 0 }, ping!.payload));
  peer.send(responseFrame(1));
  await caller.until("headers");
  for (let i = 0; i < 20; i++) await turn();
  clock.advance(limits.KEEP_ALIVE_TIMEOUT_MS);
  assert.ok(!caller.heard.includes("end"));
  const before = peer.frames.length;
  for (let passed = 0; passed < limits.KEEP_ALIVE_REPEAT_MS; passed += limits.KEEP_ALIVE_QUIET_MS)
    clock.advance(limits.KEEP_ALIVE_QUIET_MS + 10);
  while (!peer.frames.slice(before).some(({ type }) => type === FrameType.PING)) await turn();
  clock.advance(limits.KEEP_ALIVE_TIMEOUT_MS);
  assert.equal(await answered(caller), Code.UNAVAILABLE);
  assert.match(caller.status?.message ?? "", /no answer for 50000 ms/);
});

test("a connection without calls is closed after a while", async (t) => {
  const clock = new ManualClock();
  const server = await byHand(t);
  const { service, runtime } = clientOf(t, {}, { clock });
  const { caller, requests } = callTo(service, server.port);
  requests.end();
  const peer = await server.peer();
  await peer.until(({ type }) => type === FrameType.HEADERS);
  peer.send(responseFrame(1, END_STREAM));
  await caller.until("end");
  while (runtime.count("sluice.http.streams") > 0) await turn();
  clock.advance(limits.IDLE_TIMEOUT_MS + limits.KEEP_ALIVE_QUIET_MS + 10);
  await peer.until(({ type }) => type === FrameType.GOAWAY);
  clock.advance(limits.LINGER_MS);
  await peer.gone();
  assert.equal(runtime.count("sluice.http.connections"), 0);
});

test("drain refuses new calls, lets running ones finish and then closes", async (t) => {
  const server = await holding(t, 100);
  const { service, bound, runtime } = clientOf(t);
  const { caller, requests } = callTo(service, server.port);
  requests.end();
  await server.until(1);
  let settled = false;
  const drained = bound.drain!(Date.now() + 10_000).then(() => {
    settled = true;
  });
  assert.throws(
    () => callTo(service, server.port),
    (reason) => reason instanceof StatusError && reason.status.unprocessed === true,
  );
  await turn();
  assert.equal(settled, false);
  server.streams[0]!.respond({ ":status": 200 }, { endStream: true });
  assert.equal(await answered(caller), Code.OK);
  await drained;
  while (runtime.count("sluice.http.connections") > 0) await turn();
});

test("what is not over when the drain's time is up ends UNAVAILABLE", async (t) => {
  const server = await holding(t, 100);
  const { service, bound } = clientOf(t);
  const { caller } = callTo(service, server.port);
  await server.until(1);
  await bound.drain!(Date.now());
  assert.equal(caller.status?.code, Code.UNAVAILABLE);
});

test("calls that a server ends early give their room back", async (t) => {
  const port = await foreign(t, (stream) => {
    stream.respond({ ":status": 200 }, { endStream: true });
    stream.resume();
    setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  });
  const { service, runtime } = clientOf(t);
  for (let round = 0; round < 20; round++) {
    const calls = Array.from({ length: 10 }, () => callTo(service, port));
    for (const { requests } of calls) requests.write([Buffer.alloc(200_000)]);
    for (const { caller } of calls) assert.equal(await answered(caller), Code.OK);
  }
  while (runtime.count("sluice.http.streams") > 0) await turn();
  assert.equal(runtime.count("sluice.http.connections"), 1);
});

test("a connection is as good as new after many requests that were cancelled half sent", async (t) => {
  const port = await foreign(t, (stream, headers) => {
    if (headers[":method"] === "GET") stream.respond({ ":status": 200 }, { endStream: true });
    else stream.pause();
  });
  const { service, runtime } = clientOf(t);
  for (let round = 0; round < 50; round++) {
    const { requests } = callTo(service, port);
    requests.write([Buffer.alloc(500_000)]);
    while (runtime.count("sluice.http.streams") === 0) await turn();
    requests.cancel({ code: Code.CANCELLED, message: "" });
    while (runtime.count("sluice.http.streams") > 0) await turn();
  }
  const { caller, requests } = callTo(service, port, { method: "GET" });
  requests.end();
  assert.equal(await answered(caller), Code.OK, caller.status?.message);
});
