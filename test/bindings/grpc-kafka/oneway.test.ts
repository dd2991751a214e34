// Oneway calls: what they leave on the topic, and when they are answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buffer } from "../../../src/core/bytes.ts";
import { CANCELLED, fail } from "../../../src/core/status.ts";
import { ask } from "../../kit/ask.ts";
import * as kit from "./proxy-kit.ts";

const { HW, HW1, HW2 } = kit;

const { replyTo: _, ...withoutReplyTo } = kit.PRODUCE;
const ONEWAY = [{ ...kit.produceRoute(), with: withoutReplyTo }];

for (const [name, method, requests] of [
  ["P12 unary.rpc.oneway", "OnewayUnary", [HW]],
  ["P13 client.stream.rpc.oneway", "OnewayClientStream", [HW1, HW2]],
] as const) {
  for (const slow of [false, true]) {
    test(`${name}, ${slow ? "slow" : "fast"}`, async () => {
      const proxy = kit.proxyOf(ONEWAY);
      const call = kit.callOf(method, [], { service: "example.OnewayService", ...kit.ONE_REPLY, deadlineMs: Date.UTC(2026, 0, 2) });
      const answered = await ask(proxy.grpc, call, { requests, slow });
      await kit.assertQuiet(proxy);
      assert.deepEqual(answered, { status: { code: 0, message: "" }, headers: [], replies: [new Uint8Array(0)], trailers: undefined });
      const expectedRows = requests.map((value) => ["test", ["zilla:identity=test"], buffer(value).toString("hex")]);
      assert.deepEqual(kit.rows(proxy.kafka), expectedRows);
    });
  }
  test(`${name}, left half way, writes no tombstone and no cancel`, async () => {
    const proxy = kit.proxyOf(ONEWAY);
    await ask(proxy.grpc, kit.callOf(method, [], { service: "example.OnewayService" }), { requests, leave: 1 });
    await kit.assertQuiet(proxy);
    assert.ok(kit.kinds(proxy.kafka).every((kind) => kind === "value"));
  });
}

test("a oneway call whose produce fails is answered with that, and nothing follows", async () => {
  const proxy = kit.proxyOf(ONEWAY);
  proxy.kafka.refuse = (_, records) =>
    records.some(({ value }) => value === HW1) ? fail("RESOURCE_EXHAUSTED", "too large").status : undefined;
  const { status, replies } = await ask(proxy.grpc, kit.callOf("OnewayClientStream"), { requests: [HW1, HW2] });
  await kit.assertQuiet(proxy);
  assert.deepEqual(status, { code: 8, message: "too large" });
  assert.deepEqual(replies, []);
  assert.deepEqual(kit.rows(proxy.kafka), []);
});

test("a oneway call without messages is answered at once", async () => {
  const proxy = kit.proxyOf(ONEWAY);
  const { status, replies } = await ask(proxy.grpc, kit.callOf("OnewayUnary"), { requests: [] });
  assert.equal(status.code, 0);
  assert.equal(replies.length, 1);
  await kit.assertQuiet(proxy);
});

test("a oneway call is not answered before Kafka has everything", async () => {
  const proxy = kit.proxyOf(ONEWAY);
  proxy.kafka.holdAcks();
  const call = new kit.Conducted(proxy.grpc, kit.callOf("OnewayUnary"));
  call.to.write([HW]);
  call.to.end();
  await kit.turns();
  assert.equal(kit.rows(proxy.kafka).length, 1);
  assert.deepEqual(call.messages, []);
  proxy.kafka.releaseAcks();
  await kit.assertQuiet(proxy);
  assert.equal(call.status?.code, 0);
  assert.equal(call.messages.length, 1);
});

test("a oneway call that is left produces nothing more", async () => {
  const proxy = kit.proxyOf(ONEWAY);
  proxy.kafka.holdAcks();
  const call = new kit.Conducted(proxy.grpc, kit.callOf("OnewayClientStream"));
  call.to.write([HW1]);
  call.to.write([HW2]);
  call.to.cancel(CANCELLED);
  proxy.kafka.releaseAcks();
  await kit.assertQuiet(proxy);
  assert.deepEqual(kit.kinds(proxy.kafka), ["value"]);
});
