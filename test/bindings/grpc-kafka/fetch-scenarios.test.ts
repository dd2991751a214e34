// The original's fetch scenarios, each by a fast and a slow caller.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { CANCELLED } from "../../../src/core/status.ts";
import type { Metadata } from "../../../src/ports/grpc.ts";
import { ask } from "../../kit/ask.ts";
import { EMPTY, fetching, fetchRoute, hexOf } from "./fetch-kit.ts";
import * as kit from "./proxy-kit.ts";

const { HW } = kit;

const FILTERED = fetchRoute({ filters: [{ key: kit.literal("test"), headers: [["zilla:identity", kit.literal("test")]] }] });
const IDENTITY = kit.headersOf({ "zilla:identity": "test" });
const BOTH = kit.headersOf({ "zilla:identity": "test", "meta:custom": "value", "meta:customProperty-bin": "dGVzdA==" });
const BOTH_METADATA: Metadata = [
  ["custom", "value"],
  ["customproperty-bin", "dGVzdA=="],
];
const F1 = `${hexOf(HW)}faff0f06010400040202`;

/** Two partitions with one record each that the filter does not want, and then one that it does. */
const filled = () => {
  const proxy = fetching([FILTERED], { kafka: { topics: { responses: 2 } } });
  proxy.kafka.write("responses", { key: utf8("other"), value: HW, headers: IDENTITY }, { partition: 0 });
  proxy.kafka.write("responses", { key: utf8("test"), value: HW, headers: [] }, { partition: 1 });
  proxy.kafka.write("responses", { key: utf8("test"), value: HW, headers: BOTH }, { partition: 0 });
  return proxy;
};
const FILTER = { key: utf8("test"), headers: [{ name: "zilla:identity", value: utf8("test") }] };

for (const slow of [false, true]) {
  const speed = slow ? "slow" : "fast";
  test(`F1 unreliable.unary.rpc, ${speed}`, async () => {
    const proxy = filled();
    const { headers, replies } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [EMPTY], slow, until: 1 });
    await kit.assertQuiet(proxy);
    assert.deepEqual(headers, BOTH_METADATA);
    assert.deepEqual(replies.map(hexOf), [F1]);
    assert.deepEqual(proxy.queries, [{ topic: "responses", from: "earliest", filters: [FILTER], isolation: "read_committed" }]);
  });

  test(`F2 reliable.unary.rpc, ${speed}`, async () => {
    const proxy = filled();
    proxy.kafka.write("responses", { key: utf8("test"), value: HW, headers: BOTH }, { partition: 0 });
    const call = kit.callOf("EchoUnary", [["last-message-id", "AQIABA"]]);
    const { headers, replies } = await ask(proxy.grpc, call, { requests: [EMPTY], slow, until: 1 });
    await kit.assertQuiet(proxy);
    assert.deepEqual(headers, BOTH_METADATA);
    assert.deepEqual(replies.map(hexOf), [`${hexOf(HW)}faff0f06010400060202`], "what was delivered is not delivered again");
    assert.deepEqual(proxy.queries[0]?.from, new Map([[0, 2]]));
  });

  test(`F3 reject.request.body.unary.rpc, ${speed}`, async () => {
    const proxy = fetching([FILTERED]);
    const { status, replies } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW], slow });
    await kit.assertQuiet(proxy);
    assert.deepEqual([status.code, replies], [10, []]);
  });

  test(`F4 client.sent.write.abort.unary.rpc, ${speed}`, async () => {
    const proxy = filled();
    const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [], slow, leave: 0 });
    await kit.assertQuiet(proxy);
    assert.deepEqual(status, CANCELLED);
  });

  test(`F5 client.sent.read.abort.unary.rpc, ${speed}`, async () => {
    const proxy = filled();
    const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [EMPTY], slow, leave: 1 });
    await kit.assertQuiet(proxy);
    assert.deepEqual(status, CANCELLED);
  });
}
