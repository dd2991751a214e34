// Calls that are answered from a topic: what is delivered, where it resumes, and what narrows it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchWith } from "../../../src/bindings/grpc-kafka/config.ts";
import { text, utf8 } from "../../../src/core/bytes.ts";
import { CANCELLED, fail, INTERNAL } from "../../../src/core/status.ts";
import type { Metadata } from "../../../src/ports/grpc.ts";
import type { FetchQuery } from "../../../src/ports/kafka.ts";
import { ask } from "../../kit/ask.ts";
import { EMPTY, fetching, fetchRoute, hexOf } from "./fetch-kit.ts";
import * as kit from "./proxy-kit.ts";

const { HW } = kit;

test("the fan-out example: its first record has the documented bytes", async () => {
  const proxy = fetching([fetchRoute({ topic: "messages" })]);
  proxy.kafka.write("messages", { value: kit.hex("0a0474657374") });
  const { replies } = await ask(proxy.grpc, kit.callOf("FanoutServerStream"), { requests: [EMPTY], until: 1 });
  assert.deepEqual(replies.map(hexOf), ["0a0474657374faff0f0401020002"]);
  await kit.assertQuiet(proxy);
});

test("after the half-close the stream stays open and delivers what comes", async () => {
  const proxy = fetching([fetchRoute()]);
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  call.to.write([EMPTY]);
  call.to.write([EMPTY]);
  call.to.end();
  await kit.turns();
  assert.deepEqual([call.status, call.headers], [undefined, undefined]);
  proxy.kafka.write("responses", { value: HW });
  await kit.turns();
  assert.deepEqual(call.headers, []);
  proxy.clock.advance(24 * 3_600_000);
  proxy.kafka.write("responses", { value: HW });
  await kit.turns();
  assert.deepEqual([call.messages.length, call.status], [2, undefined]);
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

test("null, empty and large records are delivered", async () => {
  const proxy = fetching([fetchRoute()]);
  const large = new Uint8Array(300_000).fill(1);
  for (const value of [null, EMPTY, large, null, large]) proxy.kafka.write("responses", { value });
  for (const slow of [false, true]) {
    const { replies } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [EMPTY], slow, until: 5 });
    assert.deepEqual(
      replies.map(({ length }) => length),
      [8, 8, 300_008, 8, 300_008],
    );
    assert.deepEqual(
      replies.map((message) => hexOf(message.subarray(-4))),
      ["01020002", "01020004", "01020006", "01020008", "0102000a"],
    );
  }
  await kit.assertQuiet(proxy);
});

test("a batch of messages is never larger than 256 KiB, unless it is one message", async () => {
  const proxy = fetching([fetchRoute()]);
  for (const bytes of [100_000, 100_000, 100_000, 300_000]) proxy.kafka.write("responses", { value: new Uint8Array(bytes) });
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  await kit.turns();
  assert.deepEqual(call.batches, [2, 1, 1]);
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

test("a caller that stops reading stops the reader, and one that leaves then frees it", async () => {
  const proxy = fetching([fetchRoute()]);
  for (let i = 0; i < 100; i++) proxy.kafka.write("responses", { value: HW });
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  call.go = false;
  await kit.turns();
  const { length } = call.messages;
  assert.ok(length > 0 && length < 20, `${length} messages`);
  call.go = true;
  call.to.ready();
  await kit.turns();
  await kit.turns();
  await kit.turns();
  assert.equal(call.messages.length, 100);
  call.to.cancel(CANCELLED);
  await kit.assertQuiet(proxy);
});

test("another field carries the id", async () => {
  const proxy = fetching([fetchRoute()], { config: { reliability: { field: 15, metadata: "position" } } });
  proxy.kafka.write("responses", { value: EMPTY });
  proxy.kafka.write("responses", { value: EMPTY });
  const call = kit.callOf("EchoUnary", [["position", "AQIAAg=="]]);
  const { replies } = await ask(proxy.grpc, call, { requests: [EMPTY], until: 1 });
  assert.deepEqual(replies.map(hexOf), ["7a0401020004"]);
  await kit.assertQuiet(proxy);
});

for (const [what, metadata, from] of [
  ["text", [["last-message-id", "AQIA-AE="]], new Map([[0, 124]])],
  ["binary in the standard alphabet", [["last-message-id-bin", "AQIA+AE"]], new Map([[0, 124]])],
  ["by its documented name", [["last-event-id", "AQIA-AE"]], new Map([[0, 124]])],
  ["by its documented name, binary", [["last-event-id-bin", "AQIA+AE="]], new Map([[0, 124]])],
  [
    "by its configured name first",
    [
      ["last-event-id", "AQIAAg"],
      ["last-message-id", "AQIABA"],
    ],
    new Map([[0, 2]]),
  ],
  ["empty", [["last-message-id", ""]], "earliest"],
  [
    "empty, and the other name",
    [
      ["last-message-id-bin", ""],
      ["last-event-id", "AQIABA"],
    ],
    new Map([[0, 2]]),
  ],
  ["only new records", [["last-message-id", "AQIBAQ"]], new Map([[-1, -1]])],
] as const satisfies readonly (readonly [string, Metadata, FetchQuery["from"]])[]) {
  test(`a fetch resumes: ${what}`, async () => {
    const proxy = fetching([fetchRoute()]);
    proxy.kafka.refuseFetch = (query) => {
      assert.deepEqual(query.from, from);
      return fail("ABORTED", "seen").status;
    };
    const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary", metadata), { requests: [EMPTY] });
    assert.equal(status.message, "seen");
    await kit.assertQuiet(proxy);
  });
}

for (const id of ["*", "A", "AgIABA", "AQQABA", "AQIABf4", "=AQIABA"]) {
  test(`a position that cannot be decoded is INVALID_ARGUMENT: ${id}`, async () => {
    const proxy = fetching([fetchRoute()]);
    const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary", [["last-message-id-bin", id]]), { requests: [EMPTY] });
    assert.deepEqual(status, { code: 3, message: "the metadata 'last-message-id-bin' is not a message id" });
    assert.deepEqual(proxy.queries, []);
    await kit.assertQuiet(proxy);
  });
}

test("a position that Kafka no longer has is OUT_OF_RANGE", async () => {
  const proxy = fetching([fetchRoute()]);
  for (let i = 0; i < 3; i++) proxy.kafka.write("responses", { value: HW });
  proxy.kafka.truncate({ topic: "responses", partition: 0 }, 2);
  const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary", [["last-message-id", "AQIAAg=="]]), { requests: [EMPTY] });
  assert.equal(status.code, 11);
  await kit.assertQuiet(proxy);
});

test("a topic that does not exist is FAILED_PRECONDITION and named; a missing permission is INTERNAL", async () => {
  const missing = fetching([fetchRoute()], { kafka: { topics: {} } });
  const { status } = await ask(missing.grpc, kit.callOf("EchoUnary"), { requests: [EMPTY] });
  assert.equal(status.code, 9);
  assert.match(status.message, /'responses'/);
  await kit.assertQuiet(missing);
  const denied = kit.proxyOf([fetchRoute()]);
  denied.kafka.refuseFetch = () => fail("PERMISSION_DENIED", "not allowed to read").status;
  assert.deepEqual((await ask(denied.grpc, kit.callOf("EchoUnary"), { requests: [EMPTY] })).status, INTERNAL);
  assert.equal(denied.runtime.lines.length, 1);
  await kit.assertQuiet(denied);
});

test("a reader that ends after messages ends the call with its status", async () => {
  const proxy = fetching([fetchRoute()]);
  proxy.kafka.write("responses", { value: HW });
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  await kit.turns();
  proxy.kafka.failFetches(fail("UNAVAILABLE", "gone").status);
  assert.deepEqual([call.messages.length, call.status], [1, fail("UNAVAILABLE", "gone").status]);
  await kit.assertQuiet(proxy);
});

const keyed = (key: string, headers = kit.headersOf({})) => ({ key: utf8(key), value: utf8(key), headers });
const TWO_FILTERS = [
  { key: kit.literal("a"), headers: [] },
  {
    headers: [
      ["kind", kit.literal("x")],
      ["color", kit.literal("red")],
    ] as const,
  },
];
for (const [what, changes, metadata, delivered] of [
  ["everything without filters", {}, [], ["a", "b", "c", "d"]],
  ["what any filter wants, with all its conditions", { filters: TWO_FILTERS }, [], ["a", "c"]],
  ["one key of everything", {}, [["idempotency-key", "b"]], ["b"]],
  ["one key of a filter that does not name one", { filters: TWO_FILTERS }, [["idempotency-key", "c"]], ["c"]],
  ["the key that a filter names", { filters: TWO_FILTERS }, [["idempotency-key", "a"]], ["a"]],
  ["never what no filter wants", { filters: TWO_FILTERS }, [["idempotency-key", "b"]], []],
  ["never another key than the only filter's", { filters: [TWO_FILTERS[0]!] }, [["idempotency-key", "b"]], []],
  ["a binary key", {}, [["idempotency-key-bin", "Yg"]], ["b"]],
  ["no narrowing by an empty key", {}, [["idempotency-key", ""]], ["a", "b", "c", "d"]],
  ["no narrowing where it is switched off", { narrow: false }, [["idempotency-key", "b"]], ["a", "b", "c", "d"]],
] as const satisfies readonly (readonly [string, Partial<FetchWith>, Metadata, readonly string[]])[]) {
  for (const slow of [false, true]) {
    test(`a fetch delivers ${what}, ${slow ? "slow" : "fast"}`, async () => {
      const proxy = fetching([fetchRoute(changes)]);
      proxy.kafka.write("responses", keyed("a"));
      proxy.kafka.write("responses", keyed("b", kit.headersOf({ kind: "x" })));
      proxy.kafka.write("responses", keyed("c", kit.headersOf({ color: "red", kind: "x" })));
      proxy.kafka.write("responses", keyed("d", kit.headersOf({ color: "red" })));
      const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary", metadata));
      call.go = !slow;
      call.to.write([EMPTY]);
      call.to.end();
      await kit.turns();
      assert.deepEqual(
        call.messages.map((message) => text(message.subarray(0, 1))),
        delivered,
      );
      assert.equal(call.status, undefined);
      call.to.cancel(CANCELLED);
      await kit.assertQuiet(proxy);
    });
  }
}

test("a call that nothing can match reads nothing, and still takes empty messages only", async () => {
  const proxy = fetching([fetchRoute({ filters: [TWO_FILTERS[0]!] })]);
  const call = kit.callOf("EchoUnary", [["idempotency-key", "b"]]);
  assert.equal((await ask(proxy.grpc, call, { requests: [HW] })).status.code, 10);
  assert.deepEqual(proxy.queries, []);
  await kit.assertQuiet(proxy);
});

test("a narrowing key that is no base64 is INVALID_ARGUMENT", async () => {
  const proxy = fetching([fetchRoute()]);
  const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary", [["idempotency-key-bin", "*"]]), { requests: [EMPTY] });
  assert.equal(status.code, 3);
  await kit.assertQuiet(proxy);
});

test("filters take texts from the caller's session", async () => {
  const proxy = fetching([fetchRoute({ filters: [{ key: { kind: "identity", guard: "jwt" }, headers: [] }] })]);
  for (const key of ["", "ann"]) proxy.kafka.write("responses", keyed(key));
  const sessions = { jwt: { identity: "ann", attributes: {} } };
  const { replies } = await ask(proxy.grpc, kit.callOf("EchoUnary", [], { sessions }), { requests: [EMPTY], until: 1 });
  assert.equal(text(replies[0]!.subarray(0, 3)), "ann");
  await kit.assertQuiet(proxy);
});

test("metadata that makes no sense is counted and the record delivered", async () => {
  const proxy = fetching([fetchRoute()]);
  proxy.kafka.write("responses", {
    value: HW,
    headers: kit.headersOf({ "meta:a": "1", "meta:b c": "2", "meta:d-bin": "*", "meta:e": null }),
  });
  const { headers, replies } = await ask(proxy.grpc, kit.callOf("EchoUnary"), { requests: [EMPTY], until: 1 });
  assert.deepEqual([headers, replies.length], [[["a", "1"]], 1]);
  assert.equal(proxy.runtime.count("sluice.grpc.kafka.metadata.dropped"), 3);
  await kit.assertQuiet(proxy);
});

test("a caller that fails on one record does not fail the reader of others", async () => {
  const proxy = fetching([fetchRoute()]);
  const other = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  const call = new kit.Conducted(proxy.grpc, kit.callOf("EchoUnary"));
  await kit.turns();
  const broken = { value: HW, headers: [] };
  Object.defineProperty(broken.headers, Symbol.iterator, {
    value: () => {
      throw new Error("bug");
    },
  });
  proxy.kafka.write("responses", broken);
  await kit.turns();
  assert.deepEqual([call.status, other.status], [INTERNAL, INTERNAL]);
  assert.equal(proxy.runtime.lines.filter((line) => line.includes("a call failed")).length, 2);
  await kit.assertQuiet(proxy);
});
