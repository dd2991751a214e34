import assert from "node:assert/strict";
import { test } from "node:test";
import { remoteServer } from "../../../src/bindings/kafka-grpc/config.ts";
import { changed, WHOLE } from "../../config/whole.ts";
import { bindingOf, warningsOf } from "../../kit/config.ts";

const parsed = (text: string = WHOLE) => remoteServer.parse(bindingOf(text, "remote"));
const sentences = (text: string): readonly string[] => warningsOf(text).map((each) => each.replace(/^\S+ /, ""));

test("a remote server has its entry, patience and routes", () => {
  const { entry, acks, retryMs, callsMax, routes } = parsed();
  assert.deepEqual([entry, acks, retryMs, callsMax], ["cache_client", "leader_only", 10_000, 1000]);
  assert.deepEqual(routes, [
    {
      exit: "grpc_out",
      when: [{ topic: "requests", replyTo: "responses", headers: [], service: "example.EchoService" }],
      scheme: "http",
      authority: "localhost:50051",
    },
  ]);
});

test("without options the original's defaults hold", () => {
  const { acks, retryMs, correlation } = parsed(changed("    options: { acks: leader_only, retry: 10s }\n", ""));
  assert.deepEqual([acks, retryMs, correlation.replyTo], ["in_sync_replicas", 60_000, "zilla:reply-to"]);
});

test("keys and headers of records are conditions too", () => {
  const text = changed("reply-to: responses, method: example.EchoService/*", "reply-to: responses, key: k, headers: { a: b, c: d }");
  assert.deepEqual(parsed(text).routes[0]?.when, [
    {
      topic: "requests",
      replyTo: "responses",
      key: "k",
      headers: [
        ["a", "b"],
        ["c", "d"],
      ],
    },
  ]);
});

for (const [says, from, to, warning] of [
  [
    "unknown options",
    "retry: 10s",
    "retries: 3",
    "found 'retries', no such key here; allowed: acks, correlation, idempotency, limits, retry; it is ignored",
  ],
  ["idempotency", "retry: 10s", "idempotency: { metadata: x }", "'idempotency' has no effect on a kafka-grpc binding"],
  [
    "guarded",
    "exit: grpc_out\n        with",
    "exit: grpc_out\n        guarded: { jwt: [] }\n        with",
    "'guarded' has no effect on a kafka-grpc binding: records have no session",
  ],
  [
    "a route without when",
    "when: [ { topic: requests, reply-to: responses, method: example.EchoService/* } ]\n        exit",
    "exit",
    "a route without 'when' takes no records",
  ],
] as const) {
  test(`${says}: warned of, as they do nothing`, () => assert.deepEqual(sentences(changed(from, to)), [warning]));
}
