// The correlation id against the original's vectors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { text, utf8 } from "../../src/core/bytes.ts";
import { correlationDigest, correlationId, idempotencyKey } from "../../src/exchange/correlation-id.ts";
import { CORRELATION_NAMES } from "../../src/exchange/names.ts";

const echo = { service: "example.EchoService", replyTo: "responses" };
const grpcEcho = { service: "grpc.examples.echo.Echo" };
const renamed = { ...CORRELATION_NAMES, service: "svc", method: "mth", replyTo: "rt" };

for (const [what, described, overrides, digest] of [
  ["EchoUnary", { ...echo, method: "EchoUnary" }, ["test"], "479f2c3fb58bc3f04bbe15440a657670"],
  ["EchoClientStream", { ...echo, method: "EchoClientStream" }, ["test"], "97e816c79fb6624b7d221026cc36107c"],
  ["EchoServerStream", { ...echo, method: "EchoServerStream" }, ["test"], "08085616660359db13a42b81ed633c5d"],
  ["EchoBidiStream", { ...echo, method: "EchoBidiStream" }, ["test"], "14f43bae85c2ce394c9bd81ff6fa9d77"],
  ["no overrides", { ...echo, method: "EchoUnary" }, [], "ff138647d3ace640b69cf64c3f729a30"],
  ["overrides in order", { ...echo, method: "EchoUnary" }, ["a", "b"], "ac93c422aae5b0c8e769bbbfcfdf4265"],
  ["overrides in another order", { ...echo, method: "EchoUnary" }, ["b", "a"], "1ffcf96f7f6981be8b9151892355400a"],
  ["renamed headers", { ...echo, method: "EchoUnary", names: renamed }, [], "6b55ab0360f66eaa4cf96ea0daadc2b0"],
  [
    "the grpc.kafka.proxy example",
    { ...grpcEcho, method: "BidirectionalStreamingEcho", replyTo: "echo-responses" },
    [],
    "46ae5cdb4b46cbb367cbad0bea36a56f",
  ],
  ["the grpc.kafka.echo example", { ...grpcEcho, method: "UnaryEcho", replyTo: "echo-messages" }, [], "c4c953f575814f00155600366367c25a"],
  ["another reply topic", { ...grpcEcho, method: "UnaryEcho", replyTo: "echo-responses" }, [], "132e6a3c3cd99bf490609dd2718acc8a"],
  ["oneway without overrides", { service: "a", method: "b" }, [], "d41d8cd98f00b204e9800998ecf8427e"],
  ["oneway with an override", { service: "a", method: "b" }, ["test"], "098f6bcd4621d373cade4e832627b4f6"],
] as const) {
  test(`the digest of a call is the original's: ${what}`, () => {
    assert.equal(correlationDigest({ names: CORRELATION_NAMES, ...described, overrides: overrides.map(utf8) }), digest);
  });
}

test("an id is the caller's key and the digest, or a random one", () => {
  assert.equal(text(correlationId("K", "d41d")), "K-d41d");
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-d41d$/;
  assert.match(text(correlationId(undefined, "d41d")), uuid);
  assert.notDeepEqual(correlationId(undefined, ""), correlationId(undefined, ""));
});

test("a key keeps the bytes it was received with", () => {
  assert.deepEqual(correlationId("\u00fc", "d"), new Uint8Array([0xfc, 0x2d, 0x64]));
});

for (const [what, metadata, key] of [
  ["text", [["idempotency-key", "K"]], "K"],
  ["binary, as its text", [["idempotency-key-bin", "S0s="]], "S0s="],
  ["of another name", [["idempotency-keys", "K"]], undefined],
  ["empty", [["idempotency-key", ""]], undefined],
  [
    "twice",
    [
      ["idempotency-key", "a"],
      ["x", "y"],
      ["idempotency-key", "b"],
    ],
    "a, b",
  ],
] as const) {
  test(`an idempotency key is found: ${what}`, () => {
    assert.equal(idempotencyKey(metadata, "idempotency-key"), key);
  });
}
