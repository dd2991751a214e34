import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "../../../src/core/status.ts";
import { client as grpcClient } from "./grpc-peer.ts";
import { asked, mirror, named, route, served } from "./http-server-kit.ts";

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
