import assert from "node:assert/strict";
import { test } from "node:test";
import { client, HTTP_LIMITS, server } from "../../../src/bindings/http/config.ts";
import { WHOLE } from "../../config/whole.ts";
import { bindingOf } from "../../kit/config.ts";

test("a server has its versions, limits, access control and routes", () => {
  const { versions, limits, accessControl, routes, overrides } = server.parse(bindingOf(WHOLE, "http_in"));
  assert.deepEqual(versions, ["h2"]);
  assert.deepEqual(limits, { streams: 100, headerListBytes: 8192 });
  assert.deepEqual(accessControl, { origins: ["*"], credentials: false, maxAgeSeconds: 60 });
  assert.deepEqual(overrides, []);
  assert.deepEqual(routes, [{ exit: "grpc_in", when: [{ headers: [[":path", "/example.EchoService/*"]] }], overrides: [] }]);
});

const HTTP = (kind: string, keys: string): string => `name: t
bindings:
  h: { type: http, kind: ${kind}${keys}, exit: e }
  e: { type: echo, kind: server }
`;

test("without options both versions are spoken, within the usual limits, and no page of another origin may ask", () => {
  for (const part of [server, client]) {
    const config = part.parse(bindingOf(HTTP(part.kind, ""), "h"));
    assert.deepEqual([config.versions, config.limits], [["http/1.1", "h2"], HTTP_LIMITS]);
    assert.ok(!("accessControl" in config));
  }
});

test("the order of the versions in the file means nothing", () => {
  assert.deepEqual(server.parse(bindingOf(HTTP("server", ", options: { versions: [ h2, http/1.1 ] }"), "h")).versions, ["http/1.1", "h2"]);
});

test("the age of a connection has a grace, and is without limit where nothing is said", () => {
  for (const [said, age] of [
    ["connection-age: 1h", { maxMs: 3_600_000, graceMs: 30_000 }],
    ["connection-age: 5m, connection-age-grace: 2s", { maxMs: 300_000, graceMs: 2_000 }],
    ["streams: 5", undefined],
  ] as const)
    assert.deepEqual(server.parse(bindingOf(HTTP("server", `, options: { limits: { ${said} } }`), "h")).age, age);
});

test("the policy same-origin is as good as none", () => {
  assert.equal(
    server.parse(bindingOf(HTTP("server", ", options: { access-control: { policy: same-origin } }"), "h")).accessControl,
    undefined,
  );
});

test("everything that access control may say is read", () => {
  const control =
    "{ policy: cross-origin, allow: { origins: [ 'https://a' ], methods: [ POST ], headers: [ x ], credentials: true }, max-age: 0, expose: { headers: [ grpc-status ] } }";
  assert.deepEqual(server.parse(bindingOf(HTTP("server", `, options: { access-control: ${control} }`), "h")).accessControl, {
    origins: ["https://a"],
    methods: ["POST"],
    headers: ["x"],
    credentials: true,
    maxAgeSeconds: 0,
    expose: ["grpc-status"],
  });
});

test("header names are compared in lower case", () => {
  const keys =
    ", options: { overrides: { X-Name: v } }, routes: [ { when: [ { headers: { Content-Type: application/grpc } } ], with: { headers: { overrides: { X-Other: '${params.x}' } } }, exit: e } ]";
  const { overrides, routes } = server.parse(bindingOf(HTTP("server", keys), "h"));
  assert.deepEqual(overrides, [["x-name", "v"]]);
  assert.deepEqual(routes[0], {
    exit: "e",
    when: [{ headers: [["content-type", "application/grpc"]] }],
    overrides: [["x-other", "${params.x}"]],
  });
});
