// What Kafka's failures are to callers, and that a Kafka that says nothing never makes a call wait for ever.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCELLED, fail, INTERNAL, OK, type Status } from "../../../src/core/status.ts";
import type { Kafka } from "../../../src/ports/kafka.ts";
import { ask } from "../../kit/ask.ts";
import * as kit from "./proxy-kit.ts";

const { HW, HW1 } = kit;
const { replyTo: _, ...oneway } = kit.PRODUCE;
const ONEWAY = [{ ...kit.produceRoute(), with: oneway }];
const FETCH = [{ exit: "kafka0", when: [], with: { capability: "fetch", topic: "messages", filters: [], narrow: true } }] as const;
const DENIED = fail("PERMISSION_DENIED", "not allowed to write topic 'requests'").status;
const DEADLINE = Date.UTC(2026, 0, 2);

test("no route is UNIMPLEMENTED, and names the method", async () => {
  const proxy = kit.proxyOf([{ ...kit.produceRoute(), when: [{ service: "other", metadata: [] }] }]);
  const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW] });
  assert.deepEqual(status, { code: 12, message: "no route takes example.EchoService/EchoUnary" });
  await kit.assertQuiet(proxy);
});

test("the first route that takes a call gets it", async () => {
  const routes = [
    { ...kit.produceRoute({ topic: "b" }), when: [{ service: "example.EchoService", method: "Other", metadata: [] }] },
    { ...kit.produceRoute({ topic: "c" }), when: [{ service: "example.EchoService", metadata: [] }] },
    kit.produceRoute({ topic: "d" }),
  ];
  const proxy = kit.proxyOf(routes);
  for (const method of ["EchoUnary", "Other"]) await ask(proxy.grpc, kit.callOf(method), { requests: [HW], leave: 1 });
  await kit.assertQuiet(proxy);
  assert.deepEqual(
    ["b", "c", "d"].map((topic) => proxy.kafka.records(topic).length > 0),
    [true, true, false],
  );
});

for (const [what, topics, missing] of [
  ["request", { responses: 1 }, "requests"],
  ["reply", { requests: 1 }, "responses"],
] as const) {
  test(`a ${what} topic that does not exist is named, and nothing is left`, async () => {
    const proxy = kit.proxyOf([kit.produceRoute()], { kafka: { topics } });
    const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW] });
    assert.equal(status.code, 9);
    assert.match(status.message, new RegExp(`'${missing}'`));
    await kit.assertQuiet(proxy);
    assert.deepEqual(proxy.kafka.records("requests"), []);
  });
}

test("a permission that the proxy lacks is INTERNAL to the caller and told once to the log", async () => {
  for (const routes of [[kit.produceRoute()], ONEWAY]) {
    const proxy = kit.proxyOf(routes);
    proxy.kafka.refuse = () => DENIED;
    for (let i = 0; i < 3; i++) {
      const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW] });
      assert.deepEqual(status, INTERNAL);
    }
    await kit.assertQuiet(proxy);
    assert.equal(proxy.runtime.lines.length, 1);
    assert.match(proxy.runtime.lines[0]!, /error .*not allowed to write topic 'requests'.*status=PERMISSION_DENIED/);
    proxy.clock.advance(10_000);
    await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW] });
    assert.equal(proxy.runtime.lines.length, 2);
  }
});

for (const [what, ended, status] of [
  ["permission", DENIED, INTERNAL],
  ["credentials", fail("UNAUTHENTICATED", "sasl").status, INTERNAL],
  ["deleted replies", fail("UNAVAILABLE", "replies may have been deleted unread").status, undefined],
  ["its end", OK, fail("UNAVAILABLE", "the reader of topic 'responses' has ended").status],
] as const satisfies readonly (readonly [string, Status, Status | undefined])[]) {
  for (const halfClosed of [false, true]) {
    test(`a reply reader that ends, ends its calls: ${what}, ${halfClosed ? "after" : "before"} the half-close`, async () => {
      const proxy = kit.proxyOf([kit.produceRoute()]);
      const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
      call.to.write([HW]);
      if (halfClosed) call.to.end();
      await kit.turns();
      proxy.kafka.failFetches(ended);
      await kit.assertQuiet(proxy);
      assert.deepEqual(call.status, status ?? ended);
      const kinds = halfClosed ? ["value", "tombstone", "cancel"] : ["value", "cancel", "tombstone"];
      assert.deepEqual(kit.kinds(proxy.kafka), kinds);
    });
  }
}

const SILENT = { code: 14, message: "kafka did not answer within 30000 ms" };
for (const [what, routes, hold] of [
  ["the reply reader", [kit.produceRoute()], "down"],
  ["the first acknowledgement", [kit.produceRoute()], "acks"],
  ["the first acknowledgement of a oneway call", ONEWAY, "acks"],
  ["the first record", FETCH, "down"],
] as const) {
  test(`a call without a deadline waits for Kafka so long and no longer: ${what}`, async () => {
    const proxy = kit.proxyOf(routes);
    if (hold === "down") proxy.kafka.down();
    else proxy.kafka.holdAcks();
    const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
    call.to.write([routes === FETCH ? new Uint8Array(0) : HW]);
    call.to.end();
    await kit.turns();
    proxy.clock.advance(29_000);
    assert.equal(call.status, undefined);
    proxy.clock.advance(2_000);
    assert.deepEqual(call.status, SILENT);
    proxy.kafka.up();
    proxy.kafka.releaseAcks();
    await kit.assertQuiet(proxy);
  });

  test(`a call with a deadline waits for Kafka until then: ${what}`, async () => {
    const proxy = kit.proxyOf(routes);
    if (hold === "down") proxy.kafka.down();
    else proxy.kafka.holdAcks();
    const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", [], { deadlineMs: DEADLINE }));
    call.to.write([routes === FETCH ? new Uint8Array(0) : HW]);
    call.to.end();
    await kit.turns();
    proxy.clock.advance(3_600_000);
    assert.equal(call.status, undefined);
    assert.equal(proxy.runtime.wheel.size, 0);
    call.to.cancel(CANCELLED);
    proxy.kafka.up();
    proxy.kafka.releaseAcks();
    await kit.assertQuiet(proxy);
  });
}

test("the Kafka says how long it may be silent", async () => {
  const exit = ({ produce, fetch, consume }: Kafka): Kafka => ({ produce, fetch, consume, timeoutMs: 500 });
  const proxy = kit.proxyOf([kit.produceRoute()], { exit });
  proxy.kafka.down();
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  proxy.clock.advance(490);
  assert.equal(call.status, undefined);
  proxy.clock.advance(20);
  assert.deepEqual(call.status, { code: 14, message: "kafka did not answer within 500 ms" });
  proxy.kafka.up();
  await kit.assertQuiet(proxy);
});

test("a call that Kafka has heard waits for its answer as long as it takes", async () => {
  const proxy = kit.proxyOf([kit.produceRoute()]);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  call.to.write([HW]);
  call.to.end();
  await kit.turns();
  assert.equal(proxy.runtime.wheel.size, 0);
  proxy.clock.advance(3_600_000);
  assert.equal(call.status, undefined);
  kit.answer(proxy.kafka, proxy.kafka.records("requests")[0]!, { value: null });
  await kit.assertQuiet(proxy);
  assert.deepEqual(call.status, OK);
});

test("a caller that takes its time before its first message is not hurried", async () => {
  const proxy = kit.proxyOf([kit.produceRoute()]);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  await kit.turns();
  assert.equal(proxy.runtime.wheel.size, 0);
  proxy.clock.advance(3_600_000);
  assert.equal(call.status, undefined);
  proxy.kafka.holdAcks();
  call.to.write([HW]);
  proxy.clock.advance(31_000);
  assert.equal(call.code, 14);
  proxy.kafka.releaseAcks();
  await kit.assertQuiet(proxy);
});

test("a half-close without messages is acknowledged in time or not at all", async () => {
  const proxy = kit.proxyOf([kit.produceRoute()]);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoClientStream"));
  await kit.turns();
  proxy.kafka.holdAcks();
  call.to.end();
  proxy.clock.advance(31_000);
  assert.equal(call.code, 14);
  proxy.kafka.releaseAcks();
  await kit.assertQuiet(proxy);
});

test("a produce that expires in a call without a deadline is UNAVAILABLE", async () => {
  const proxy = kit.proxyOf([kit.produceRoute()]);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoClientStream"));
  call.to.write([HW]);
  await kit.turns();
  proxy.kafka.refuse = (_, records) => (records[0]?.value === HW1 ? fail("DEADLINE_EXCEEDED", "not in time").status : undefined);
  call.to.write([HW1]);
  await kit.assertQuiet(proxy);
  assert.deepEqual(call.status, SILENT);
});

/** A Kafka with one thing that throws. */
const throwing = (kafka: Kafka, what: "produce" | "fetch", reason: unknown): Kafka => ({
  produce: kafka.produce,
  fetch: kafka.fetch,
  consume: kafka.consume,
  [what]: () => {
    throw reason;
  },
});

test("a Kafka that throws ends the call with that, and leaves nothing", async () => {
  for (const [what, reason, status] of [
    ["fetch", fail("UNAVAILABLE", "closing"), fail("UNAVAILABLE", "closing").status],
    ["fetch", new Error("bug"), INTERNAL],
    ["produce", fail("RESOURCE_EXHAUSTED", "full"), fail("RESOURCE_EXHAUSTED", "full").status],
    ["produce", new Error("bug"), INTERNAL],
  ] as const) {
    for (const routes of [[kit.produceRoute()], ...(what === "produce" ? [ONEWAY] : [])]) {
      const proxy = kit.proxyOf(routes, { exit: (kafka) => throwing(kafka, what, reason) });
      const answered = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW] });
      assert.deepEqual(answered.status, status);
      await kit.assertQuiet(proxy);
    }
  }
});
