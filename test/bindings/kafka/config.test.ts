import assert from "node:assert/strict";
import { test } from "node:test";
import { cacheClient, cacheServer, client, DECOMPRESSED_BATCH_BYTES_MAX, KAFKA_TIMEOUT_MS } from "../../../src/bindings/kafka/config.ts";
import { changed, WHOLE } from "../../config/whole.ts";
import { bindingOf, mistakesOf } from "../../kit/config.ts";

test("a client has its servers, credentials and patience", () => {
  const { servers, sasl, timeoutMs, decompressedBatchBytes, routes } = client.parse(bindingOf(WHOLE, "kafka_out"));
  assert.deepEqual(servers, [
    { host: "kafka", port: 9092 },
    { host: "::1", port: 9092 },
  ]);
  assert.deepEqual(sasl, { mechanism: "plain", username: "user", password: "secret" });
  assert.deepEqual([timeoutMs, decompressedBatchBytes], [20_000, DECOMPRESSED_BATCH_BYTES_MAX]);
  assert.deepEqual(routes, [{ exit: "tcp_out", topics: [] }]);
});

test("members of groups speak the classic protocol, unless the file says otherwise", () => {
  const protocolOf = (text: string): string => client.parse(bindingOf(text, "kafka_out")).groupProtocol;
  assert.equal(protocolOf(WHOLE), "classic");
  for (const protocol of ["classic", "consumer"]) {
    assert.equal(protocolOf(changed("timeout: 20s", `timeout: 20s\n      group-protocol: ${protocol}`)), protocol);
  }
});

test("without options a client asks the tcp client where to", () => {
  const text = `name: t\nbindings:\n  k: { type: kafka, kind: client, exit: c }\n  c: { type: tcp, kind: client }\n`;
  const { servers, sasl, timeoutMs } = client.parse(bindingOf(text, "k"));
  assert.deepEqual([servers, sasl, timeoutMs], [[], undefined, KAFKA_TIMEOUT_MS]);
});

test("a token is a credential too", () => {
  const text = changed(
    'mechanism: plain, username: "{identity}", password: "{credentials}"',
    'mechanism: oauthbearer, token: "{credentials}"',
  );
  assert.deepEqual(client.parse(bindingOf(text, "kafka_out")).sasl, { mechanism: "oauthbearer", token: "secret" });
  assert.deepEqual(
    mistakesOf(text.replace(', token: "{credentials}"', "")).map((each) => each.replace(/^\S+ /, "")),
    ["missing 'token', which oauthbearer needs"],
  );
});

test("a cache has its bootstrap and where each topic begins", () => {
  const { bootstrap, topics, routes } = cacheServer.parse(bindingOf(WHOLE, "cache_server"));
  assert.deepEqual(bootstrap, ["requests"]);
  assert.deepEqual(topics, [{ name: "messages", defaultOffset: "live" }]);
  assert.deepEqual(routes, [{ exit: "kafka_out", topics: [] }]);
});

test("limits have their defaults, their units and their range, and each is its own", () => {
  const text = (binding: string, limits: string): string =>
    `name: t\nbindings:\n  s: { type: kafka, kind: cache_server, ${binding === "s" ? limits : ""} exit: k }\n  k: { type: kafka, kind: client, ${binding === "k" ? limits : ""} exit: c }\n  c: { type: tcp, kind: client }\n`;
  const plain = cacheServer.parse(bindingOf(text("", ""), "s"));
  assert.deepEqual([plain.logBytes, plain.replyIndexBytes], [128 * 2 ** 20, 256 * 2 ** 20]);
  assert.equal(client.parse(bindingOf(text("", ""), "k")).produceBytes, 64 * 2 ** 20);
  const cache = cacheServer.parse(bindingOf(text("s", "options: { limits: { log: 1GiB, reply-index: 4096 } },"), "s"));
  assert.deepEqual([cache.logBytes, cache.replyIndexBytes], [2 ** 30, 4_096]);
  assert.equal(client.parse(bindingOf(text("k", "options: { limits: { produce: 64KiB } },"), "k")).produceBytes, 65_536);
  for (const [binding, key] of [
    ["s", "log"],
    ["s", "reply-index"],
    ["k", "produce"],
  ] as const) {
    const [mistake, ...more] = mistakesOf(text(binding, `options: { limits: { ${key}: much } },`));
    assert.match(mistake ?? "", /found 'much', but a size: bytes, or with a unit such as '64KiB' or '4MiB' is needed/);
    assert.deepEqual(more, []);
  }
});

test("routes of a cache client compare topics", () => {
  const text = changed(
    "kind: cache_client\n    exit: cache_server",
    "kind: cache_client\n    routes: [ { when: [ { topic: a-* }, { topic: b } ], exit: cache_server } ]",
  );
  const [route] = cacheClient.parse(bindingOf(text, "cache_client")).routes;
  assert.deepEqual(
    ["a-1", "b", "c"].map((topic) => route?.topics.some((pattern) => pattern.matches(topic))),
    [true, true, false],
  );
});
