import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, asked1, mirror, route, served } from "./http-server-kit.ts";

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
  const answer = await asked1(port, { method: "OPTIONS", headers });
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
