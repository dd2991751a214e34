// How answers are found and read: earlier ones, shared ones, echoes, several runs of one call, and records that make no sense.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyedCalls } from "../../../src/bindings/grpc-kafka/keyed-calls.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { CANCELLED, INTERNAL, OK } from "../../../src/core/status.ts";
import { ask } from "../../kit/ask.ts";
import * as kit from "./proxy-kit.ts";

const { HW, HW1, HW2, KEY, UNARY } = kit;
const ROUTES = [kit.produceRoute()];
const KEYED = [["idempotency-key", KEY]] as const;
const ID = utf8(UNARY);

/** A reply to the call with the key. */
const reply = (kafka: kit.Rig["kafka"], value: Uint8Array | null, headers: Readonly<Record<string, string | null>> = {}): void => {
  kafka.write("responses", { key: ID, value, headers: [{ name: "zilla:correlation-id", value: ID }, ...kit.headersOf(headers)] });
};

test("replies that were there before the call are its answer, and the request is recorded all the same", async () => {
  for (const slow of [false, true]) {
    const proxy = kit.proxyOf(ROUTES);
    reply(proxy.kafka, HW);
    reply(proxy.kafka, null);
    reply(proxy.kafka, HW1);
    const { status, replies } = await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW], slow });
    await kit.assertQuiet(proxy);
    assert.deepEqual([status, replies], [OK, [HW]]);
    assert.deepEqual(kit.kinds(proxy.kafka), ["value", "tombstone"]);
    assert.equal(proxy.runtime.count("sluice.grpc.kafka.replies.late"), 1);
  }
});

test("a call without a key looks at nothing that was there before it", async () => {
  const proxy = kit.proxyOf(ROUTES);
  let from: unknown;
  proxy.kafka.refuseFetch = (query) => {
    from = query.from;
    return undefined;
  };
  await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [HW], leave: 1 });
  await kit.assertQuiet(proxy);
  assert.equal(from, "latest");
});

test("an answer before the half-close ends the call, and its tombstone is written then", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED));
  call.to.write([HW]);
  await kit.turns();
  reply(proxy.kafka, null, { "zilla:status": "5", "zilla:message": "no such thing" });
  await kit.assertQuiet(proxy);
  assert.deepEqual(call.status, { code: 5, message: "no such thing" });
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "tombstone"]);
});

test("an answer that was there before a single message leaves nothing on the topic", async () => {
  const proxy = kit.proxyOf(ROUTES);
  reply(proxy.kafka, null);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED));
  await kit.assertQuiet(proxy);
  assert.deepEqual(call.status, OK);
  assert.deepEqual(kit.kinds(proxy.kafka), []);
});

test("concurrent calls get their own answers and keep their own metadata", async () => {
  const proxy = kit.proxyOf(ROUTES);
  proxy.kafka.onRecord = (request) => {
    if (request.topic !== "requests" || request.value !== null) return;
    const metadata = request.header("meta:name");
    setImmediate(() => kit.answer(proxy.kafka, request, { value: metadata ?? null }));
    setImmediate(() => kit.answer(proxy.kafka, request, { value: null }));
  };
  const asked = ["a", "b", "c"].map((name) =>
    ask(proxy.grpc, kit.callOf("EchoBidiStream", [["name", name]]), { requests: [HW, HW1], slow: name === "b" }),
  );
  const answers = await Promise.all(asked);
  await kit.assertQuiet(proxy);
  assert.deepEqual(
    answers.map(({ replies }) => replies.map((value) => Buffer.from(value).toString())),
    [["a"], ["b"], ["c"]],
  );
});

test("calls that share a key get the same answer", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const calls = [0, 1].map(() => new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED)));
  for (const { to } of calls) {
    to.write([HW]);
    to.end();
  }
  await kit.turns();
  reply(proxy.kafka, HW1);
  reply(proxy.kafka, null);
  await kit.assertQuiet(proxy);
  for (const { status, messages } of calls) assert.deepEqual([status, messages], [OK, [HW1]]);
});

test("a call is not cancelled on the topic while others wait for the same answer", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const [one, other] = [0, 1].map(() => new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED))) as [kit.Conducted, kit.Conducted];
  one.to.write([HW]);
  other.to.write([HW]);
  await kit.turns();
  one.to.cancel(CANCELLED);
  await kit.turns();
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "value"]);
  other.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "value", "cancel", "tombstone"]);
});

for (const slow of [false, true]) {
  test(`with one topic for requests and replies a call is its own echo, ${slow ? "slow" : "fast"}`, async () => {
    const proxy = kit.proxyOf([kit.produceRoute({ topic: "echo", replyTo: "echo" })]);
    const call = kit.callOf("EchoBidiStream", [["a", "b"]]);
    const { status, headers, replies, trailers } = await ask(proxy.grpc, call, { requests: [HW, HW1, HW2], slow });
    await kit.assertQuiet(proxy);
    assert.deepEqual([status, headers, replies], [OK, [["a", "b"]], [HW, HW1, HW2]]);
    assert.deepEqual(trailers, [["a", "b"]]);
  });
}

test("a cancel record is nobody's reply, also where replies and requests share a topic", async () => {
  const proxy = kit.proxyOf([kit.produceRoute({ topic: "echo", replyTo: "echo" })]);
  const calls = [0, 1].map(() => new kit.Conducted(proxy.grpc, kit.callOf("EchoBidiStream", KEYED)));
  calls[0]!.to.write([HW]);
  await kit.turns();
  proxy.kafka.write("echo", {
    key: utf8("test"),
    value: new Uint8Array(0),
    headers: [
      { name: "zilla:correlation-id", value: proxy.kafka.records("echo")[0]!.header("zilla:correlation-id") ?? null },
      { name: "sluice:cancel", value: ID },
    ],
  });
  calls[0]!.to.end();
  await kit.assertQuiet(proxy);
  assert.deepEqual(
    calls.map(({ messages }) => messages),
    [[HW], [HW]],
  );
  assert.equal(proxy.runtime.count("sluice.grpc.kafka.replies.skipped"), 2);
  assert.deepEqual(kit.kinds(proxy.kafka, "echo"), ["value", "cancel", "tombstone"]);
});

test("an empty value is an empty message, and not the end", async () => {
  const proxy = kit.proxyOf(ROUTES);
  reply(proxy.kafka, new Uint8Array(0));
  reply(proxy.kafka, HW);
  reply(proxy.kafka, null);
  const { replies } = await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW] });
  assert.deepEqual(replies, [new Uint8Array(0), HW]);
  await kit.assertQuiet(proxy);
});

test("a slow caller gets a long answer whole", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const values = Array.from({ length: 50 }, (_, i) => new Uint8Array([i]));
  for (const value of values) reply(proxy.kafka, value);
  reply(proxy.kafka, null);
  const { status, replies } = await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW], slow: true });
  assert.deepEqual([status, replies], [OK, values]);
  await kit.assertQuiet(proxy);
});

test("a caller that leaves from inside its last message is not told the end", async () => {
  const proxy = kit.proxyOf(ROUTES);
  reply(proxy.kafka, HW);
  reply(proxy.kafka, null);
  const heard: string[] = [];
  const to = proxy.grpc(kit.callOf("EchoUnary", KEYED), {
    headers: () => {},
    write: () => {
      to.cancel(CANCELLED);
      heard.push("left");
      return true;
    },
    end: () => heard.push("end"),
    ready: () => {},
  });
  await kit.assertQuiet(proxy);
  assert.deepEqual(heard, ["left"]);
});

test("a caller that leaves while it is slow frees its reader", async () => {
  const proxy = kit.proxyOf(ROUTES);
  for (let i = 0; i < 50; i++) reply(proxy.kafka, HW);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", KEYED));
  call.go = false;
  call.to.write([HW]);
  await kit.turns();
  assert.ok(call.messages.length < 50, "the reader stops");
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

test("records without a correlation id, or with another, are nobody's", async () => {
  const proxy = kit.proxyOf(ROUTES);
  for (const value of [null, "", "x", `${UNARY}0`, UNARY.slice(1)])
    proxy.kafka.write("responses", { value: HW1, headers: kit.headersOf({ "zilla:correlation-id": value }) });
  proxy.kafka.write("responses", { value: HW1, headers: [] });
  reply(proxy.kafka, HW);
  reply(proxy.kafka, null);
  const { replies } = await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW] });
  assert.deepEqual(replies, [HW]);
  await kit.assertQuiet(proxy);
});

test("a reply that breaks the reading of it ends its call, and not the reader of others", async () => {
  const proxy = kit.proxyOf(ROUTES);
  const calls = ["a", "b"].map((key) => new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", [["idempotency-key", key]])));
  for (const { to } of calls) to.write([HW]);
  await kit.turns();
  const [first, second] = proxy.kafka.records("requests");
  const broken = [{ name: "zilla:correlation-id", value: first!.header("zilla:correlation-id") ?? null }];
  Object.defineProperty(broken, Symbol.iterator, {
    value: () => {
      throw new Error("bug");
    },
  });
  proxy.kafka.write("responses", { value: HW, headers: broken });
  kit.answer(proxy.kafka, second!, { value: null });
  await kit.assertQuiet(proxy);
  assert.deepEqual(
    calls.map(({ status }) => status),
    [INTERNAL, OK],
  );
  assert.equal(proxy.runtime.lines.length, 2, "the line and its cause");
});

test("no id is remembered once nobody waits for it", () => {
  const keyed = new KeyedCalls();
  keyed.enter(ID);
  keyed.enter(ID);
  assert.deepEqual([keyed.leave(ID), keyed.size], [true, 1]);
  assert.deepEqual([keyed.leave(ID), keyed.size], [false, 0]);
});
