import assert from "node:assert/strict";
import { once } from "node:events";
import { constants, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { bindHttpClient } from "../../../src/bindings/http/client.ts";
import { HTTP_LIMITS, type HttpClientConfig } from "../../../src/bindings/http/config.ts";
import { BACKOFF_FIRST_MS } from "../../../src/bindings/http/pool.ts";
import { bindTcpClient } from "../../../src/bindings/tcp/client.ts";
import { ConfigError } from "../../../src/config/place.ts";
import { Code, StatusError } from "../../../src/core/status.ts";
import * as limits from "../../../src/http2/limits.ts";
import { byHand, type Caller, callTo, foreign, goawayFrame, httpClientContract, responseFrame } from "../../contract/http-client.ts";
import { ManualClock } from "../../kit/clock.ts";
import { ACK, END_STREAM, FrameType, frame } from "../../kit/frames.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";

const CONFIG: HttpClientConfig = {
  namespace: "test",
  name: "north",
  place: NOWHERE,
  versions: ["h2"],
  limits: HTTP_LIMITS,
  overrides: [],
  routes: [{ exit: "tcp", when: [], overrides: [] }],
};

const clientOf = (t: TestContext, config: Partial<HttpClientConfig> = {}, parts?: TestParts) => {
  const runtime = testRuntime(parts);
  const tcp = bindTcpClient({ namespace: "test", name: "tcp", place: NOWHERE }, runtime);
  const bound = bindHttpClient({ ...CONFIG, ...config }, testExits({ tcp: tcp.ports }), runtime);
  t.after(async () => {
    await bound.close?.();
    runtime.wheel.close();
  });
  return { bound, runtime, service: bound.ports.http! };
};

httpClientContract({ name: "http client", client: async (t) => clientOf(t).service });

const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

const closedPort = async (): Promise<number> => {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo; // Listening on tcp.
  listener.close();
  await once(listener, "close");
  return port;
};

const answered = async (caller: Caller): Promise<number | undefined> => {
  await caller.until("end");
  return caller.status?.code;
};

test("a connection that cannot be opened ends the call UNAVAILABLE, unprocessed, with the address", async (t) => {
  const port = await closedPort();
  const { service } = clientOf(t);
  const { caller } = callTo(service, port);
  await caller.until("end");
  assert.deepEqual(caller.status, {
    code: Code.UNAVAILABLE,
    message: `cannot connect to 127.0.0.1:${port}: ECONNREFUSED`,
    unprocessed: true,
  });
});

test("while connecting fails, calls are told at once; after the pause it is tried again, and then it works", async (t) => {
  const clock = new ManualClock();
  const port = await closedPort();
  const { service } = clientOf(t, {}, { clock });
  assert.equal(await answered(callTo(service, port).caller), Code.UNAVAILABLE);
  assert.throws(
    () => callTo(service, port),
    (reason) => reason instanceof StatusError && reason.status.unprocessed === true && /ECONNREFUSED/.test(reason.message),
  );
  const listener = createServer().listen(port, "127.0.0.1");
  await once(listener, "listening");
  listener.close();
  await once(listener, "close");
  const server = await foreignOn(t, port);
  assert.throws(() => callTo(service, port));
  clock.advance(BACKOFF_FIRST_MS);
  const { caller, requests } = callTo(service, port);
  requests.end();
  assert.equal(await answered(caller), Code.OK);
  assert.equal(server, port);
});

/** A foreign server on a port that was free a moment ago. */
const foreignOn = async (t: TestContext, port: number): Promise<number> => {
  const { createServer: createServer2 } = await import("node:http2");
  const server = createServer2((_request, response) => response.end()).listen(port, "127.0.0.1");
  server.on("session", (session) => t.after(() => session.destroy()));
  t.after(() => server.close());
  await once(server, "listening");
  return port;
};

test("a server of HTTP/1.1 is UNAVAILABLE and told apart", async (t) => {
  const listener = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo; // Listening on tcp.
  const { caller } = callTo(clientOf(t).service, port);
  await caller.until("end");
  assert.equal(caller.status?.code, Code.UNAVAILABLE);
  assert.equal(caller.status?.unprocessed, true);
  assert.match(caller.status?.message ?? "", new RegExp(`^127.0.0.1:${port}: no HTTP/2 is spoken there`));
});

test("a server that accepts and says nothing is UNAVAILABLE after the handshake timeout", async (t) => {
  const clock = new ManualClock();
  const listener = createServer((socket) => socket.on("error", () => {}).resume()).listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo; // Listening on tcp.
  const { service, runtime } = clientOf(t, {}, { clock });
  const { caller } = callTo(service, port);
  while (runtime.count("sluice.http.connections") === 0) await turn();
  clock.advance(limits.HANDSHAKE_TIMEOUT_MS + 10);
  assert.equal(await answered(caller), Code.UNAVAILABLE);
  assert.match(caller.status?.message ?? "", /no SETTINGS after 5000 ms/);
  assert.equal(runtime.count("sluice.http.connections"), 0);
});

test("a client that may only speak HTTP/1.1 is refused when it is bound, with the place", () => {
  assert.throws(
    () => bindHttpClient({ ...CONFIG, versions: ["http/1.1"] }, testExits({}), testRuntime()),
    (reason) => reason instanceof ConfigError && /speaks HTTP\/2 only/.test(reason.message),
  );
});

/** A server that answers when it is told, and knows how many connections it has. */
const holding = async (t: TestContext, streamsMax: number) => {
  const streams: ServerHttp2Stream[] = [];
  const sessions = new Set<unknown>();
  const port = await foreign(
    t,
    (stream) => {
      streams.push(stream);
      sessions.add(stream.session);
    },
    { maxConcurrentStreams: streamsMax },
  );
  const until = async (count: number): Promise<void> => {
    while (streams.length < count) await turn();
  };
  return { port, streams, sessions, until };
};

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
  peer.send(frame(FrameType.PING, ACK, 0, ping!.payload));
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

test("overrides replace what is sent, and the authority that is connected to", async (t) => {
  const seen: string[][] = [];
  const port = await foreign(t, (stream, _headers, raw) => {
    seen.push(raw);
    stream.respond({ ":status": 200 }, { endStream: true });
  });
  const { service } = clientOf(t, {
    overrides: [
      [":authority", `127.0.0.1:${port}`],
      ["x", "2"],
    ],
  });
  const { caller, requests } = callTo(service, 1, {
    authority: "nowhere.invalid:1",
    headers: [
      ["x", "1"],
      ["y", "1"],
    ],
  });
  requests.end();
  assert.equal(await answered(caller), Code.OK);
  assert.deepEqual(seen[0]?.slice(4), [":authority", `127.0.0.1:${port}`, ":path", "/p?q", "x", "2", "y", "1"]);
});

test("an authority without a port is connected to at its scheme's port and sent as it is", async (t) => {
  const port = await foreign(t, (stream, headers) => {
    stream.respond({ ":status": 200, "x-authority": headers[":authority"] ?? "" }, { endStream: true });
  });
  const runtime = testRuntime();
  const tcp = bindTcpClient({ namespace: "test", name: "tcp", place: NOWHERE, host: "127.0.0.1", port }, runtime);
  const bound = bindHttpClient(CONFIG, testExits({ tcp: tcp.ports }), runtime);
  t.after(async () => {
    await bound.close?.();
    runtime.wheel.close();
  });
  const { caller, requests } = callTo(bound.ports.http!, 1, { authority: "backend" });
  requests.end();
  assert.equal(await answered(caller), Code.OK);
  assert.equal(caller.last?.headers.find(([name]) => name === "x-authority")?.[1], "backend");
});

test("a request that no route takes is refused", async (t) => {
  const { service } = clientOf(t, { routes: [{ exit: "tcp", when: [{ headers: [[":path", "/other"]] }], overrides: [] }] });
  assert.throws(() => callTo(service, 1), /has no route for 127\.0\.0\.1:1\/p\?q/);
});
