import assert from "node:assert/strict";
import { test } from "node:test";
import { proxy } from "../../../src/bindings/grpc-kafka/config.ts";
import { changed, WHOLE } from "../../config/whole.ts";
import { bindingOf, mistakesOf, warningsOf } from "../../kit/config.ts";

const parsed = (text: string = WHOLE) => proxy.parse(bindingOf(text, "mapping"));
const sentences = (text: string): readonly string[] => warningsOf(text).map((each) => each.replace(/^\S+ /, ""));

test("options fall back one by one", () => {
  const { reliability, idempotency, correlation } = parsed(changed('headers: { service: "zilla:service" }', "headers: { service: svc }"));
  assert.deepEqual(reliability, { field: 32767, metadata: "last-message-id" });
  assert.deepEqual(idempotency, { metadata: "idempotency-key" });
  assert.deepEqual(correlation, {
    service: "svc",
    method: "zilla:method",
    correlationId: "zilla:correlation-id",
    replyTo: "zilla:reply-to",
  });
});

test("a produce has everything that its route says", () => {
  const [route] = parsed().routes;
  assert.equal(route?.exit, "cache_client");
  assert.deepEqual(route?.when, [{ service: "example.EchoService", method: "EchoUnary", metadata: [] }]);
  assert.deepEqual(route?.with, {
    capability: "produce",
    topic: "requests",
    acks: "leader_only",
    key: { kind: "identity", guard: "jwt" },
    overrides: [["zilla:identity", { kind: "attribute", guard: "jwt", name: "sub" }]],
    replyTo: "responses",
    metadata: ["authorization"],
    extensions: false,
    replies: "all",
  });
});

test("a fetch has everything that its route says", () => {
  const route = parsed().routes[1];
  assert.deepEqual(route?.when, [{ service: "example.EchoService", metadata: [] }]);
  assert.deepEqual(route?.with, {
    capability: "fetch",
    topic: "messages",
    filters: [{ key: { kind: "literal", text: "a" }, headers: [] }, { headers: [["b", { kind: "literal", text: "c" }]] }],
    narrow: false,
  });
});

test("a produce needs no more than its topic, and a fetch neither", () => {
  const text = `name: t
bindings:
  mapping:
    type: grpc-kafka
    kind: proxy
    routes:
      - { exit: k, with: { capability: produce, topic: a } }
      - { exit: k, with: { capability: fetch, topic: b } }
  k: { type: kafka, kind: cache_client, exit: k }
`;
  assert.deepEqual(
    parsed(text).routes.map((route) => [route.when, route.with]),
    [
      [[], { capability: "produce", topic: "a", acks: "in_sync_replicas", overrides: [], metadata: [], extensions: true, replies: "all" }],
      [[], { capability: "fetch", topic: "b", filters: [], narrow: true }],
    ],
  );
});

test("a field that protobuf reserves is replaced, with a warning", () => {
  const text = changed("field: 32767", "field: 19500");
  assert.equal(parsed(text).reliability.field, 32767);
  assert.deepEqual(sentences(text), ["19500 is reserved by protobuf; 32767 is taken instead"]);
});

test("a star that is no wildcard here is warned of", () => {
  assert.deepEqual(sentences(changed("EchoService/EchoUnary", "EchoService/Echo*")), [
    "'Echo*' is compared literally: '*' stands for a whole method only",
  ]);
  assert.deepEqual(sentences(changed("example.EchoService/EchoUnary", "example.*/EchoUnary")), [
    "'example.*' is compared literally: '*' stands for a whole method only",
  ]);
});

test("an expression with text around it is taken literally, with a warning", () => {
  const text = changed(`"\${guarded['jwt'].identity}"`, `"user-\${guarded['jwt'].identity}"`);
  const [route] = parsed(text).routes;
  assert.deepEqual(route?.with.capability === "produce" && route.with.key, { kind: "literal", text: "user-${guarded['jwt'].identity}" });
  assert.deepEqual(sentences(text), ["'user-${guarded['jwt'].identity}' is taken literally: an expression must be the whole text"]);
});

test("a text that reads like a number is a mistake where a text is needed, but a key out of the environment is not", () => {
  const node = bindingOf(changed(`"\${guarded['jwt'].identity}"`, "${{env.KEY}}"), "mapping", { KEY: "007" });
  const [route] = proxy.parse(node).routes;
  assert.deepEqual(route?.with.capability === "produce" && route.with.key, { kind: "literal", text: "007" });
});

const produced = (form: string): string => `name: t
bindings:
  mapping:
    type: grpc-kafka
    kind: proxy
    routes: [ { exit: k, with: { capability: produce, topic: a, ${form} } } ]
  k: { type: kafka, kind: cache_client, exit: k }
`;

test("a process reads its own share of the replies where the route says so", () => {
  const [route] = parsed(produced("reply-to: b, key: k, replies: own")).routes;
  assert.equal(route?.with.capability === "produce" && route.with.replies, "own");
  assert.deepEqual(sentences(produced("reply-to: a, replies: own")), []);
});

test("replies that are known to have another key than the id of their call cannot be shared; without replies there is nothing to share", () => {
  assert.deepEqual(mistakesOf(produced("reply-to: a, key: k, replies: own")), [
    "6:95 'own' needs replies that are keyed by the correlation id; here requests are the replies, and have the route's 'key'",
  ]);
  assert.deepEqual(sentences(produced("replies: own")), ["without 'reply-to' there are no replies, so 'own' has no effect"]);
});
