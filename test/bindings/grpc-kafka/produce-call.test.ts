// What a call writes and when, phase by phase: before the reply reader stands, before Kafka has acknowledged, after the half-close.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCELLED, DEADLINE_EXCEEDED, fail } from "../../../src/core/status.ts";
import { ask } from "../../kit/ask.ts";
import * as kit from "./proxy-kit.ts";

const { HW, KEY } = kit;
const ROUTES = [kit.produceRoute()];
const PLAIN_ROUTES = [kit.produceRoute({ extensions: false })];
const KEYED = [["idempotency-key", KEY]] as const;
const DEADLINE = Date.UTC(2026, 0, 2);

/** The proxy with one call on it that has sent HW. */
const sent = (routes = ROUTES) => {
  const proxy = kit.proxyOf(routes);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED));
  call.to.write([HW]);
  return { proxy, call };
};

test("nothing is produced before the reply reader stands", async () => {
  const proxy = kit.proxyOf(ROUTES);
  proxy.kafka.down();
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED));
  call.to.write([HW]);
  call.to.end();
  await kit.turns();
  proxy.kafka.onRecord = ({ topic }) => assert.ok(topic !== "requests" || proxy.kafka.readers === 1);
  proxy.kafka.up();
  await kit.turns();
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "tombstone"]);
  proxy.kafka.onRecord = () => {};
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

for (const [what, halfClosed] of [
  ["open", false],
  ["half-closed", true],
] as const) {
  test(`a call that is cancelled before the reply reader stands leaves nothing: ${what}`, async () => {
    const proxy = kit.proxyOf(ROUTES);
    proxy.kafka.down();
    const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED));
    call.to.write([HW]);
    if (halfClosed) call.to.end();
    await kit.turns();
    call.to.cancel(CANCELLED);
    proxy.kafka.up();
    await kit.assertQuiet(proxy);
    assert.deepEqual(kit.kinds(proxy.kafka), []);
  });
}

test("a call that is cancelled while Kafka has not acknowledged it is cancelled behind its records", async () => {
  const { proxy, call } = sent();
  proxy.kafka.holdProduces();
  await kit.turns();
  call.to.cancel(CANCELLED);
  proxy.kafka.releaseProduces();
  await kit.assertQuiet(proxy);
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "cancel", "tombstone"]);
});

test("a cancelled call writes its cancel record and then its tombstone in one batch", async () => {
  const produces: kit.Produced[] = [];
  const proxy = kit.proxyOf(ROUTES, { exit: (kafka) => kit.recording(kafka, produces) });
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED, { deadlineMs: DEADLINE }));
  call.to.write([HW]);
  await kit.turns();
  call.to.cancel(DEADLINE_EXCEEDED);
  await kit.assertQuiet(proxy);
  assert.deepEqual(
    produces.map(({ records }) => records.length),
    [1, 2],
  );
  assert.deepEqual(produces[0]!.to, { topic: "requests", acks: "leader_only", expiresMs: DEADLINE });
  assert.deepEqual(produces[1]!.to, { topic: "requests", acks: "leader_only" }, "the passed deadline is not the cancel's");
  const [first, cancel, tombstone] = kit.rows(proxy.kafka);
  assert.deepEqual(cancel, ["test", [`sluice:cancel=${kit.UNARY}`], ""]);
  assert.deepEqual(tombstone, ["test", first![1], null]);
  assert.equal(proxy.runtime.count("sluice.grpc.kafka.cancels"), 1);
});

test("a call that is cancelled after its half-close writes its cancel record only", async () => {
  const { proxy, call } = sent();
  call.to.end();
  await kit.turns();
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "tombstone", "cancel"]);
});

test("a call that is cancelled before its first message is cancelled by id, so that its tombstone is not answered", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED));
  await kit.turns();
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
  assert.deepEqual(kit.kinds(proxy.kafka), ["cancel", "tombstone"]);
});

test("a route without extensions cancels by its tombstone only", async () => {
  const open = sent(PLAIN_ROUTES);
  await kit.turns();
  open.call.to.cancel(CANCELLED);
  await kit.assertQuiet(open.proxy);
  assert.deepEqual(kit.kinds(open.proxy.kafka), ["value", "tombstone"]);
  const closed = sent(PLAIN_ROUTES);
  closed.call.to.end();
  await kit.turns();
  closed.call.to.cancel(CANCELLED);
  await kit.assertQuiet(closed.proxy);
  assert.deepEqual(kit.kinds(closed.proxy.kafka), ["value", "tombstone"]);
});

test("our headers are last, and only where they are needed", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const call = kit.callOf("EchoUnary", [["a", "b"]], { ...kit.ONE_REPLY, deadlineMs: DEADLINE });
  await ask(proxy.grpc, call, { requests: [HW], until: 1, leave: 1 });
  await kit.assertQuiet(proxy);
  const [key, headers] = kit.rows(proxy.kafka)[0]!;
  assert.equal(key, "test");
  assert.deepEqual(headers.slice(-3), ["meta:a=b", `sluice:deadline=${DEADLINE}`, "sluice:shape=one-reply"]);
});

test("the tombstone of a call without messages says so", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoClientStream", KEYED));
  call.to.end();
  await kit.turns();
  const [[, headers, value]] = kit.rows(proxy.kafka) as [kit.Row];
  assert.equal(value, null);
  assert.equal(headers.at(-1), "sluice:messages=0");
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

test("a stream without an end has no shape", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const descriptor = { requestStream: false, responseStream: true };
  await ask(proxy.grpc, kit.callOf("EchoServerStream", [], { descriptor }), { requests: [HW], leave: 1 });
  await kit.assertQuiet(proxy);
  assert.ok(!kit.rows(proxy.kafka)[0]![1].some((header) => header.startsWith("sluice:")));
});

test("without a key the records have the correlation id as their key", async () => {
  const { key: _, ...keyless } = kit.PRODUCE;
  const proxy = kit.proxyOf([{ ...kit.produceRoute(), with: keyless }]);
  await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW], leave: 1 });
  await kit.assertQuiet(proxy);
  assert.ok(kit.rows(proxy.kafka).every(([key]) => key === kit.UNARY));
});

test("credentials stay off the topic unless the route names them", async () => {
  const metadata = [
    ["authorization", "Bearer x"],
    ["cookie", "y"],
    ["a", "b"],
  ] as const;
  for (const [named, expected] of [
    [[], ["meta:a=b"]],
    [["authorization"], ["meta:authorization=Bearer x", "meta:a=b"]],
  ] as const) {
    const proxy = kit.proxyOf([kit.produceRoute({ metadata: named })]);
    await ask(proxy.grpc, kit.callOf("EchoUnary", metadata), { requests: [HW], leave: 1 });
    await kit.assertQuiet(proxy);
    const headers = kit.rows(proxy.kafka)[0]![1];
    assert.deepEqual(
      headers.filter((header) => header.startsWith("meta:")),
      expected,
    );
  }
});

test("texts of the route come from the caller's session, and are empty without one", async () => {
  const guarded = { key: { kind: "attribute", guard: "jwt", name: "key" } } as const;
  const overrides = [["zilla:identity", { kind: "identity", guard: "jwt" }]] as const;
  const proxy = kit.proxyOf([kit.produceRoute({ ...guarded, overrides })]);
  const sessions = { jwt: { identity: "test", attributes: { key: "k" } } };
  await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED, { sessions }), { requests: [HW], leave: 1 });
  await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW], leave: 1 });
  await kit.assertQuiet(proxy);
  const values = kit.rows(proxy.kafka).filter(([, , value]) => value !== null && value !== "");
  assert.deepEqual(
    values.map(([key, headers]) => [key, headers[0]]),
    [
      ["k", "zilla:identity=test"],
      ["", "zilla:identity="],
    ],
  );
});

test("a farewell that Kafka does not take is counted", async () => {
  const { proxy, call } = sent();
  await kit.turns();
  proxy.kafka.refuse = () => fail("UNAVAILABLE", "no leader").status;
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
  assert.equal(proxy.runtime.count("sluice.grpc.kafka.farewells.failed"), 1);
});
