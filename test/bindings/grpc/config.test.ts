import assert from "node:assert/strict";
import { test } from "node:test";
import { client, GRPC_LIMITS, server } from "../../../src/bindings/grpc/config.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { changed, WHOLE } from "../../config/whole.ts";
import { bindingOf, warningsOf } from "../../kit/config.ts";

test("a server has its subjects, limits and routes", () => {
  const { subjects, limits, routes } = server.parse(bindingOf(WHOLE, "grpc_in"));
  assert.deepEqual(
    subjects.map(({ catalog, subject, version }) => [catalog, subject, version]),
    [["protos", "echo", "latest"]],
  );
  assert.deepEqual(limits, { ...GRPC_LIMITS, messageBytes: 1024 * 1024 });
  assert.equal(routes.length, 1);
  assert.equal(routes[0]?.exit, "mapping");
});

test("methods are patterns over service and method", () => {
  const [condition] = server.parse(bindingOf(WHOLE, "grpc_in")).routes[0]?.when ?? [];
  assert.ok(condition?.method?.matches("example.EchoService/EchoUnary"));
  assert.ok(!condition?.method?.matches("exampleXEchoService/EchoUnary"));
});

test("metadata are compared as text, or as bytes whatever their base64", () => {
  const [condition] = server.parse(bindingOf(WHOLE, "grpc_in")).routes[0]?.when ?? [];
  assert.deepEqual(condition?.metadata, [
    { name: "custom", text: "test", bytes: utf8("test") },
    { name: "bin", bytes: Buffer.from("test") },
  ]);
});

test("names of metadata stand in lower case and without -bin", () => {
  const text = changed("custom: test", "Custom-Bin: test");
  const [condition] = server.parse(bindingOf(text, "grpc_in")).routes[0]?.when ?? [];
  assert.equal(condition?.metadata[0]?.name, "custom");
  assert.deepEqual(
    warningsOf(text).map((each) => each.replace(/^\S+ /, "")),
    ["'Custom-Bin' is compared as 'custom': names stand here without '-bin'"],
  );
});

test("a client needs no more than an exit", () => {
  const { limits, routes } = client.parse(bindingOf(WHOLE, "grpc_out"));
  assert.deepEqual(limits, GRPC_LIMITS);
  assert.deepEqual(routes, [{ exit: "http_out", when: [] }]);
});
