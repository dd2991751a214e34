import assert from "node:assert/strict";
import { once } from "node:events";
import { request as request1 } from "node:http";
import { connect } from "node:http2";
import { createConnection } from "node:net";
import { test } from "node:test";
import { HTTP_LIMITS } from "../../../src/bindings/http/config.ts";
import { Code, fail, OK } from "../../../src/core/status.ts";
import type { Http, HttpRequest } from "../../../src/ports/http.ts";
import { httpServerContract } from "../../contract/http-server.ts";
import { ManualClock } from "../../kit/clock.ts";
import { PREFACE } from "../../kit/frames.ts";
import { closed, pinged, Recorder } from "../../kit/http-recorder.ts";
import { strict } from "../../kit/strict.ts";
import { asked, asked1, mirror, served } from "./http-server-kit.ts";

httpServerContract({ name: "http server", serve: async (t, service) => (await served(t, { next: service }, { versions: ["h2"] })).port });

test("HTTP/2 by prior knowledge and HTTP/1.1 are served on one port", async (t) => {
  const { port } = await served(t, { next: strict(mirror) });
  assert.equal((await asked(t, port)).body, `POST http://127.0.0.1:${port}/p`);
  const answer = await asked1(port, { method: "GET", headers: { "X-One": "1" } });
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
  assert.equal((await asked1(port, { method: "GET" })).status, 505);
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
  assert.equal((await asked1(port, { method: "POST", body })).body.length, body.length);
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
  assert.equal((await asked1(port, { method: "GET" })).status, 503);
  assert.equal((await asked1(port, { method: "POST", headers: { "content-type": "application/grpc" } })).headers["grpc-status"], "14");
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

test("the limit of streams comes from the property, else from the options", async (t) => {
  for (const [property, streams, expected] of [
    ["7", 1000, 7],
    [undefined, 9, 9],
    ["nonsense", 1000, 1000],
    ["7", 9, 9],
  ] as const) {
    const parts = property === undefined ? {} : { properties: { "zilla.binding.http.concurrent.streams": property } };
    const { port } = await served(t, { next: mirror }, { limits: { ...HTTP_LIMITS, streams }, ...parts });
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

test("a connection that is too old is asked to leave, and its calls may end", async (t) => {
  const clock = new ManualClock();
  const recorder = new Recorder();
  const { port, runtime } = await served(t, { next: recorder.service }, { age: { maxMs: 60_000, graceMs: 30_000 }, clock });
  const session = connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const stream = session.request({ ":method": "POST" });
  stream.end();
  await Promise.all([recorder.until("end"), once(session, "remoteSettings")]);
  await pinged(session);
  const left = once(session, "goaway");
  clock.advance(60_010);
  assert.equal((await left)[0], 0);
  recorder.reply.end(OK, { status: 200, headers: [] });
  const [headers] = await once(stream, "response");
  assert.equal(headers[":status"], 200);
  assert.equal(runtime.count("sluice.http.limits"), 1);
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
