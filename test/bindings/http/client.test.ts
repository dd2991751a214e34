import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { bindHttpClient } from "../../../src/bindings/http/client.ts";
import { HTTP_LIMITS } from "../../../src/bindings/http/config.ts";
import { BACKOFF_FIRST_MS } from "../../../src/bindings/http/pool.ts";
import { bindTcpClient } from "../../../src/bindings/tcp/client.ts";
import { ConfigError } from "../../../src/config/place.ts";
import { Code, StatusError } from "../../../src/core/status.ts";
import * as limits from "../../../src/http2/limits.ts";
import { httpClientContract } from "../../contract/http-client.ts";
import { ManualClock } from "../../kit/clock.ts";
import { callTo, foreign } from "../../kit/http-caller.ts";
import { turn } from "../../kit/http-recorder.ts";
import { NOWHERE, testExits, testRuntime } from "../../kit/runtime.ts";
import { answered, CONFIG, clientOf, closedPort } from "./http-client-kit.ts";

httpClientContract({ name: "http client", client: async (t) => clientOf(t).service });

/** A foreign server on a port that was free a moment ago. */
const foreignOn = async (t: TestContext, port: number): Promise<number> => {
  const { createServer: createServer2 } = await import("node:http2");
  const server = createServer2((_request, response) => response.end()).listen(port, "127.0.0.1");
  server.on("session", (session) => t.after(() => session.destroy()));
  t.after(() => server.close());
  await once(server, "listening");
  return port;
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

test("a response with more headers than allowed ends its call RESOURCE_EXHAUSTED, and the connection goes on", async (t) => {
  const port = await foreign(t, (stream, headers) => {
    const size = headers[":path"] === "/large" ? HTTP_LIMITS.headerListBytes : 10;
    stream.respond({ ":status": 200, "x-large": "x".repeat(size) }, { endStream: true });
  });
  const { service, runtime } = clientOf(t);
  for (const [path, code] of [
    ["/small", Code.OK],
    ["/large", Code.RESOURCE_EXHAUSTED],
    ["/small", Code.OK],
  ] as const) {
    const { caller, requests } = callTo(service, port, { path });
    requests.end();
    assert.equal(await answered(caller), code, caller.status?.message);
  }
  assert.equal(runtime.count("sluice.http.connections"), 1);
});
