import assert from "node:assert/strict";
import { once } from "node:events";
import { request as request1 } from "node:http";
import { connect } from "node:http2";
import { createConnection } from "node:net";
import { type TestContext, test } from "node:test";
import { HTTP_LIMITS, type HttpServerConfig } from "../../../src/bindings/http/config.ts";
import { bindHttpServer } from "../../../src/bindings/http/server.ts";
import { bindTcpServer } from "../../../src/bindings/tcp/server.ts";
import { Code, fail, OK } from "../../../src/core/status.ts";
import type { Http, HttpRequest } from "../../../src/ports/http.ts";
import { bodyOf, closed, httpServerContract, Recorder } from "../../contract/http.ts";
import { PREFACE } from "../../kit/frames.ts";
import { NOWHERE, type TestParts, testExits, testRuntime } from "../../kit/runtime.ts";
import { strict } from "../../kit/strict.ts";
import { client as grpcClient } from "./grpc-peer.ts";

const CONFIG: HttpServerConfig = {
  namespace: "test",
  name: "north",
  place: NOWHERE,
  versions: ["http/1.1", "h2"],
  limits: HTTP_LIMITS,
  overrides: [],
  routes: [{ exit: "next", when: [], overrides: [] }],
};

const served = async (
  t: TestContext,
  services: Readonly<Record<string, Http>>,
  config: Partial<HttpServerConfig> = {},
  parts?: TestParts,
) => {
  const runtime = testRuntime(parts);
  const exits = testExits(Object.fromEntries(Object.entries(services).map(([name, http]) => [name, { http }])));
  const http = bindHttpServer({ ...CONFIG, ...config }, exits, runtime);
  const tcp = bindTcpServer(
    {
      namespace: "test",
      name: "tcp",
      place: NOWHERE,
      host: "127.0.0.1",
      ports: [{ from: 0, to: 0 }],
      routes: [{ exit: "http", when: [] }],
    },
    testExits({ http: http.ports }),
    runtime,
  );
  await tcp.start?.();
  t.after(async () => {
    await tcp.drain?.(0);
    await http.close?.();
    await tcp.close?.();
    runtime.wheel.close();
  });
  return { port: tcp.addresses()[0]!.port, http, runtime };
};

httpServerContract({ name: "http server", serve: async (t, service) => (await served(t, { next: service }, { versions: ["h2"] })).port });

/** Answers with what it was asked. */
const mirror: Http = (request, reply) => ({
  write: () => true,
  end: () => {
    const { method, scheme, authority, path } = request;
    const own = request.headers.filter(([name]) => name.startsWith("x-"));
    reply.headers({ status: 200, headers: [...own, ["content-type", "text/plain"]] });
    reply.write([Buffer.from(`${method} ${scheme}://${authority}${path}`)]);
    reply.end(OK);
  },
  cancel() {},
  ready() {},
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const asked = async (t: TestContext, port: number, headers: Record<string, string> = {}): Promise<Answer> => {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/p", ...headers });
  stream.on("error", () => {});
  stream.end();
  const [response] = await once(stream, "response");
  return { status: response[":status"], headers: response, body: await bodyOf(stream) };
};

const asked1 = async (port: number, method: string, headers: Record<string, string> = {}, body = ""): Promise<Answer> => {
  const message = request1({ host: "127.0.0.1", port, method, path: "/p?q", headers, agent: false });
  message.end(body);
  const [response] = await once(message, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text };
};

test("HTTP/2 by prior knowledge and HTTP/1.1 are served on one port", async (t) => {
  const { port } = await served(t, { next: strict(mirror) });
  assert.equal((await asked(t, port)).body, `POST http://127.0.0.1:${port}/p`);
  const answer = await asked1(port, "GET", { "X-One": "1" });
  assert.equal(answer.body, `GET http://127.0.0.1:${port}/p?q`);
  assert.equal(answer.headers["x-one"], "1");
});

test("a preface in pieces is still HTTP/2", async (t) => {
  const { port } = await served(t, { next: mirror });
  const socket = createConnection(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await once(socket, "connect");
  for (const byte of PREFACE.subarray(0, 20)) {
    socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  socket.write(PREFACE.subarray(20));
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  const [frames] = await once(socket, "data");
  assert.equal(frames[3], 4, "SETTINGS come back");
});

test("where only h2 is allowed, HTTP/1.1 is told so and counted", async (t) => {
  const { port, runtime } = await served(t, { next: mirror }, { versions: ["h2"] });
  assert.equal((await asked1(port, "GET")).status, 505);
  assert.equal(runtime.count("sluice.http.limits"), 1);
});

test("where only http/1.1 is allowed, HTTP/2 is closed", async (t) => {
  const { port } = await served(t, { next: mirror }, { versions: ["http/1.1"] });
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  await new Promise((done) => session.once("close", done));
});

test("a body over HTTP/1.1 goes both ways, with back pressure and trailers", async (t) => {
  const echoing: Http = (_request, reply) => ({
    write: (batch) => reply.write(batch),
    end: () => reply.end(OK, { headers: [["x-trailer", "1"]] }),
    cancel() {},
    ready: () => reply.ready(),
  });
  const { port } = await served(t, { next: strict(echoing) });
  const body = "x".repeat(1_000_000);
  assert.equal((await asked1(port, "POST", {}, body)).body.length, body.length);
});

test("a caller of HTTP/1.1 that hangs up is one cancel", async (t) => {
  const recorder = new Recorder();
  const { port, runtime } = await served(t, { next: strict(recorder.service) });
  const message = request1({ host: "127.0.0.1", port, method: "POST", agent: false, headers: { "transfer-encoding": "chunked" } });
  message.on("error", () => {});
  message.write("part");
  await recorder.until("write");
  message.destroy();
  await recorder.until("cancel");
  assert.deepEqual(recorder.heard, ["open", "write", "cancel"]);
  assert.equal(runtime.count("sluice.http.streams"), 0);
});

test("a throw over HTTP/1.1 is answered; the connection goes on", async (t) => {
  const { port } = await served(t, {
    next: () => {
      throw fail("UNAVAILABLE", "not now");
    },
  });
  assert.equal((await asked1(port, "GET")).status, 503);
  assert.equal((await asked1(port, "POST", { "content-type": "application/grpc" })).headers["grpc-status"], "14");
});

test("a malformed or overlong request line or header of HTTP/1.1 is answered and closed", async (t) => {
  const { port } = await served(t, { next: mirror });
  for (const [sent, status] of [
    ["NONSENSE\r\n\r\n", "400"],
    [`GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, "431"],
    [`GET / HTTP/1.1\r\nhost: x\r\n${"a: b\r\n".repeat(70)}\r\n`, "431"],
  ] as const) {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("error", () => {});
    t.after(() => socket.destroy());
    socket.write(sent);
    const [answer] = await once(socket, "data");
    assert.ok(String(answer).startsWith(`HTTP/1.1 ${status}`), String(answer).slice(0, 40));
  }
});

// Routes.

const route = (exit: string, ...when: Record<string, string>[]) => ({
  exit,
  when: when.map((headers) => ({ headers: Object.entries(headers) })),
  overrides: [],
});

const named =
  (name: string): Http =>
  (request, reply) => ({ ...mirror(request, reply), end: () => reply.end(OK, { status: 200, headers: [["x-exit", name]] }) });

test("the first route takes the request whose conditions hold, pseudo headers with the port completed", async (t) => {
  const routes = [
    route("a", { ":authority": "zilla:9090" }),
    route("b", { ":authority": "zilla:80", ":path": "/p" }, { "x-kind": "b*" }),
    route("c", { ":scheme": "http", ":method": "POST", ":path": "/c/{id}" }),
    route("d", { ":path": "/d/*" }),
  ];
  const services = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, named(name)]));
  const { port } = await served(t, services, { routes });
  for (const [headers, exit] of [
    [{ ":authority": "zilla:9090" }, "a"],
    [{ ":authority": "zilla" }, "b"],
    [{ ":authority": "zilla", ":path": "/p?x=1" }, "b"],
    [{ "x-kind": "bee" }, "b"],
    [{ ":path": "/c/17" }, "c"],
    [{ ":path": "/d/1/2?3" }, "d"],
    [{ ":authority": "zilla:91" }, undefined],
    [{ ":path": "/c/" }, undefined],
  ] as const) {
    const answer = await asked(t, port, headers);
    assert.equal(answer.headers["x-exit"], exit, JSON.stringify(headers));
    if (exit === undefined) assert.equal(answer.status, 404);
  }
});

test("overrides of the binding and of the route replace headers; a route's may use what its path captured", async (t) => {
  const routes = [
    {
      exit: "next",
      when: [{ headers: [[":path", "/p/{id}"] as const] }],
      overrides: [[":path", "/q/${params.id}"] as const, ["x-id", "${params.id}"] as const],
    },
  ];
  const { port } = await served(
    t,
    { next: mirror },
    {
      routes,
      overrides: [
        ["x-all", "1"],
        [":authority", "inside:1"],
      ],
    },
  );
  const answer = await asked(t, port, { ":path": "/p/42", "x-all": "0" });
  assert.equal(answer.body, "POST http://inside:1/q/42");
  assert.deepEqual([answer.headers["x-id"], answer.headers["x-all"]], ["42", "1"]);
});

test("no route is 404 to an HTTP caller and UNIMPLEMENTED with a content-type to a gRPC caller", async (t) => {
  const { port } = await served(t, { next: mirror }, { routes: [] });
  const plain = await asked(t, port);
  assert.deepEqual([plain.status, plain.headers["content-length"]], [404, "0"]);
  const grpc = await asked(t, port, { "content-type": "application/grpc+proto", te: "trailers" });
  assert.deepEqual([grpc.status, grpc.headers["content-type"], grpc.headers["grpc-status"]], [200, "application/grpc+proto", "12"]);
  assert.equal(grpc.headers["grpc-message"], `no route for POST http://127.0.0.1:${port}/p`);
});

test("grpc-js is told the same", async (t) => {
  const { port } = await served(t, { next: mirror }, { routes: [] });
  const { code, details } = await grpcClient(t, port).unary("/a.B/C", Buffer.from("x"));
  assert.equal(code, Code.UNIMPLEMENTED);
  assert.match(details, /^no route for POST http:\/\/127\.0\.0\.1:\d+\/a\.B\/C$/);
});

test("an accepted request is an event", async (t) => {
  const { port, runtime } = await served(t, { next: mirror });
  await asked(t, port);
  assert.deepEqual(
    runtime.heard.map(({ namespace, name, event, message }) => `${namespace}:${name} ${event} ${message}`),
    [`test:north binding.http.request.accepted - POST http://127.0.0.1:${port}/p`],
  );
});

// Access control.

const cross = { credentials: false };
const PREFLIGHT = { ":method": "OPTIONS", origin: "https://page.example", "access-control-request-method": "POST" };

test("under cross-origin every response may be read by every page", async (t) => {
  const { port } = await served(t, { next: mirror }, { accessControl: cross, routes: [route("next", { ":path": "/p" })] });
  for (const headers of [
    {},
    { origin: "https://page.example" },
    { ":path": "/none" },
    { ":path": "/none", "content-type": "application/grpc" },
  ]) {
    const answer = await asked(t, port, headers);
    assert.deepEqual(
      [answer.headers["access-control-allow-origin"], answer.headers["access-control-expose-headers"]],
      ["*", "*"],
      JSON.stringify(headers),
    );
  }
});

test("without cross-origin nothing is added, and a preflight goes to the service", async (t) => {
  const { port } = await served(t, { next: mirror });
  const answer = await asked(t, port, PREFLIGHT);
  assert.equal(answer.headers["access-control-allow-origin"], undefined);
  assert.match(answer.body, /^OPTIONS /);
});

test("a preflight is answered 204 by the binding, with what was asked for", async (t) => {
  const { port } = await served(t, { next: mirror }, { accessControl: { ...cross, maxAgeSeconds: 10 } });
  const { status, headers } = await asked(t, port, { ...PREFLIGHT, "access-control-request-headers": "x-grpc-web, Content-Type" });
  assert.equal(status, 204);
  assert.equal(headers["access-control-allow-origin"], "*");
  assert.equal(headers["access-control-allow-methods"], "POST");
  assert.equal(headers["access-control-allow-headers"], "x-grpc-web, Content-Type");
  assert.equal(headers["access-control-max-age"], "10");
});

test("a preflight also works over HTTP/1.1", async (t) => {
  const { port } = await served(t, { next: mirror }, { accessControl: cross });
  const { ":method": _, ...headers } = PREFLIGHT;
  const answer = await asked1(port, "OPTIONS", headers);
  assert.deepEqual([answer.status, answer.headers["access-control-allow-methods"]], [204, "POST"]);
});

test("lists narrow it: other origins, methods and headers get 403; the listed origin is echoed", async (t) => {
  const accessControl = {
    credentials: true,
    origins: ["https://page.example"],
    methods: ["PUT"],
    headers: ["x-a"],
    expose: ["grpc-status", "x-b"],
  };
  const { port } = await served(t, { next: mirror }, { accessControl });
  const preflight = await asked(t, port, { ...PREFLIGHT, "access-control-request-method": "PUT", "access-control-request-headers": "X-A" });
  assert.equal(preflight.status, 204);
  assert.deepEqual([preflight.headers["access-control-allow-methods"], preflight.headers["access-control-allow-headers"]], ["PUT", "x-a"]);
  const simple = await asked(t, port, { origin: "https://page.example" });
  assert.equal(simple.status, 200);
  assert.equal(simple.headers["access-control-allow-origin"], "https://page.example");
  assert.equal(simple.headers["access-control-allow-credentials"], "true");
  assert.equal(simple.headers["access-control-expose-headers"], "grpc-status, x-b");
  assert.equal(simple.headers["vary"], "origin");
  for (const headers of [
    { origin: "https://other.example" },
    { ...PREFLIGHT, origin: "https://other.example" },
    { ...PREFLIGHT, "access-control-request-method": "DELETE" },
    { ...PREFLIGHT, "access-control-request-headers": "x-c" },
  ])
    assert.equal((await asked(t, port, headers)).status, 403, JSON.stringify(headers));
});

test("a page's own origin is not cross-origin", async (t) => {
  const { port } = await served(t, { next: mirror }, { accessControl: { credentials: false, origins: ["https://page.example"] } });
  assert.equal((await asked(t, port, { origin: `http://127.0.0.1:${port}` })).status, 200);
  assert.equal((await asked(t, port, { origin: "null" })).status, 403);
});

// Limits and the end.

test("the limit of streams comes from the property, else from the options", async (t) => {
  for (const [property, streams, expected] of [
    ["7", 1000, 7],
    [undefined, 9, 9],
    ["nonsense", 1000, 1000],
    ["7", 9, 9],
  ] as const) {
    const parts = property === undefined ? {} : { properties: { "zilla.binding.http.concurrent.streams": property } };
    const { port } = await served(t, { next: mirror }, { limits: { ...HTTP_LIMITS, streams } }, parts);
    const session = connect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    const [settings] = await once(session, "remoteSettings");
    assert.equal(settings.maxConcurrentStreams, expected);
    assert.equal(settings.maxHeaderListSize, 16_384);
  }
});

test("drain finishes the calls in hand, refuses new connections, and then settles", async (t) => {
  const recorder = new Recorder();
  const { port, http } = await served(t, { next: recorder.service });
  const session = connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST" });
  stream.end();
  await recorder.until("end");
  let settled = false;
  const drained = http.drain!(Date.now() + 10_000).then(() => {
    settled = true;
  });
  const late = createConnection(port, "127.0.0.1").resume();
  late.on("error", () => {});
  await new Promise((done) => late.once("close", done));
  assert.equal(settled, false);
  recorder.reply.end(OK, { status: 200, headers: [] });
  const [headers] = await once(stream, "response");
  assert.equal(headers[":status"], 200);
  await drained;
  assert.deepEqual(recorder.heard, ["open", "end"]);
});

test("what is not over when the drain's time is up is ended", async (t) => {
  const recorder = new Recorder();
  const { port, http } = await served(t, { next: recorder.service });
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST", "content-type": "application/grpc" });
  stream.on("error", () => {});
  await recorder.until("open");
  const drained = http.drain!(Date.now());
  const [headers] = await once(stream, "response");
  assert.equal(headers["grpc-status"], String(Code.UNAVAILABLE));
  await closed(stream);
  await drained;
  assert.equal(recorder.heard.at(-1), "cancel");
});

test("drain without connections settles at once", async (t) => {
  const { http } = await served(t, { next: mirror });
  await http.drain!(Date.now() + 60_000);
});

test("the peer of a request is the caller's end of the connection", async (t) => {
  const request = Promise.withResolvers<HttpRequest>();
  const { port } = await served(t, {
    next: (head, reply) => {
      request.resolve(head);
      return mirror(head, reply);
    },
  });
  await asked(t, port);
  const { peer } = await request.promise;
  assert.deepEqual([peer.address, peer.localAddress, peer.localPort], ["127.0.0.1", "127.0.0.1", port]);
});
