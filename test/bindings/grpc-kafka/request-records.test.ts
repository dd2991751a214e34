// How requests go to Kafka: one produce of values at a time, bounded, in order, and nothing after one that failed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { UNACKNOWLEDGED_BYTES_MAX } from "../../../src/bindings/grpc-kafka/request-records.ts";
import { CANCELLED, fail } from "../../../src/core/status.ts";
import * as kit from "./proxy-kit.ts";

const { HW, HW1, HW2, KEY } = kit;
const ROUTES = [kit.produceRoute()];
const KEYED = [["idempotency-key", KEY]] as const;

/** The proxy with one call on it that has sent HW. */
const sent = () => {
  const proxy = kit.proxyOf(ROUTES);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED));
  call.to.write([HW]);
  return { proxy, call };
};

test("past 256 KiB that Kafka has not acknowledged the caller waits, and goes on when it has", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoClientStream"));
  await kit.turns();
  proxy.kafka.holdAcks();
  const half = new Uint8Array(UNACKNOWLEDGED_BYTES_MAX / 2);
  assert.equal(call.to.write([half]), true);
  assert.equal(call.to.write([half]), false);
  await kit.turns();
  assert.equal(call.readied, 0);
  assert.deepEqual(kit.kinds(proxy.kafka), ["value"], "one produce at a time");
  proxy.kafka.releaseAcks();
  await kit.turns();
  assert.equal(call.readied, 1);
  assert.equal(call.to.write([HW]), true);
  call.to.end();
  await kit.turns();
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "value", "value", "tombstone"]);
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

test("many small messages keep their order, in batches of at most 256", async () => {
  const produces: kit.Produced[] = [];
  const proxy = kit.proxyOf(ROUTES, { exit: (kafka) => kit.recording(kafka, produces) });
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoClientStream"));
  const messages = Array.from({ length: 1000 }, (_, i) => new Uint8Array([i >> 8, i & 0xff]));
  for (let i = 0; i < 1000; i += 100) call.to.write(messages.slice(i, i + 100));
  call.to.end();
  await kit.turns();
  const values = kit.rows(proxy.kafka).map(([, , value]) => value);
  assert.deepEqual(values, [...messages.map((message) => Buffer.from(message).toString("hex")), null]);
  assert.deepEqual(
    produces.map(({ records }) => records.length),
    [256, 256, 256, 233],
  );
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

test("message and half-close that are there together are one batch", async () => {
  const produces: kit.Produced[] = [];
  const proxy = kit.proxyOf(ROUTES, { exit: (kafka) => kit.recording(kafka, produces) });
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  call.to.write([HW]);
  call.to.end();
  await kit.turns();
  assert.equal(produces.length, 1);
  assert.ok(produces[0]!.records[0]!.headers === produces[0]!.records[1]!.headers, "the headers are built once");
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

test("the half-close of one message does not wait for its acknowledgement, that of a later one does", async () => {
  const first = sent();
  first.proxy.kafka.holdAcks();
  await kit.turns();
  first.call.to.end();
  await kit.turns();
  assert.deepEqual(kit.kinds(first.proxy.kafka), ["value", "tombstone"]);
  first.call.to.cancel(CANCELLED);
  first.proxy.kafka.releaseAcks();
  await kit.assertQuiet(first.proxy);

  const later = sent();
  await kit.turns();
  later.proxy.kafka.holdAcks();
  later.call.to.write([HW1]);
  await kit.turns();
  later.call.to.end();
  await kit.turns();
  assert.deepEqual(kit.kinds(later.proxy.kafka), ["value", "value"], "if it fails, the stream would end too early");
  later.proxy.kafka.releaseAcks();
  await kit.turns();
  assert.deepEqual(kit.kinds(later.proxy.kafka), ["value", "value", "tombstone"]);
  later.call.to.cancel(CANCELLED);
  await kit.assertQuiet(later.proxy);
});

for (const [what, halfClosed, status] of [
  ["open", false, fail("RESOURCE_EXHAUSTED", "the record is too large").status],
  ["half-closed", true, fail("RESOURCE_EXHAUSTED", "the record is too large").status],
] as const) {
  test(`a refused first produce ends the call, and nothing of it follows: ${what}`, async () => {
    const proxy = kit.proxyOf(ROUTES);
    proxy.kafka.refuse = (_, records) => (records[0]?.value === HW1 ? status : undefined);
    const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoClientStream", KEYED));
    await kit.turns();
    call.to.write([HW1]);
    call.to.write([HW2]);
    if (halfClosed) call.to.end();
    await kit.assertQuiet(proxy);
    assert.deepEqual(call.status, status);
    assert.deepEqual(kit.kinds(proxy.kafka), []);
  });
}

test("a first produce whose outcome is unknown is cancelled on the topic", async () => {
  const { proxy, call } = sent();
  proxy.kafka.refuse = (_, records) => (records[0]?.value === HW ? fail("UNAVAILABLE", "no leader").status : undefined);
  await kit.assertQuiet(proxy);
  assert.equal(call.status?.code, 14);
  assert.deepEqual(kit.kinds(proxy.kafka), ["cancel", "tombstone"]);
});

test("a call that is cancelled while its half-close waits writes one tombstone", async () => {
  const { proxy, call } = sent();
  await kit.turns();
  proxy.kafka.holdAcks();
  call.to.write([HW1]);
  await kit.turns();
  call.to.end();
  call.to.cancel(CANCELLED);
  proxy.kafka.releaseAcks();
  await kit.assertQuiet(proxy);
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "value", "cancel", "tombstone"]);
});
