// The original's produce scenarios: what a call leaves on the topic, and what its caller gets. Each is run by a fast and a slow caller, with
// our own headers and without, and by callers that leave half way.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GrpcKafkaRoute } from "../../../src/bindings/grpc-kafka/config.ts";
import { buffer, utf8 } from "../../../src/core/bytes.ts";
import { fail, INTERNAL } from "../../../src/core/status.ts";
import type { Message, Metadata } from "../../../src/ports/grpc.ts";
import type { StoredRecord } from "../../../src/ports/kafka.ts";
import { ask } from "../../kit/ask.ts";
import type { MemoryKafka } from "../../kit/memory-kafka.ts";
import * as kit from "./proxy-kit.ts";

const { HW, HW1, HW2, KEY } = kit;
const BINARY: Metadata = [["custom-bin", "dGVzdA=="]];
const TEXT: Metadata = [["custom", "test"]];
const BOTH = { "meta:custom": "value", "meta:customProperty-bin": "dGVzdA==" };
const BOTH_METADATA: Metadata = [
  ["custom", "value"],
  ["customproperty-bin", "dGVzdA=="],
];

interface Reply {
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string | null>>;
}

interface Scenario {
  readonly name: string;
  readonly method: string;
  readonly digest: string;
  readonly metadata: Metadata;
  readonly requests: readonly Message[];
  /** The caller does not half-close by itself. */
  readonly open?: true;
  /** The caller leaves after that many requests. */
  readonly leave?: number;
  /** Given once so many request records are there. */
  readonly replies?: { readonly after: number; readonly records: readonly Reply[] };
  /** What goes wrong, and when. */
  readonly fault?: (kafka: MemoryKafka) => void;
  /** Values of the records on the topic. */
  readonly records: readonly (Message | null)[];
  readonly status: { readonly code: number; readonly message?: string };
  readonly headers?: Metadata;
  readonly messages: readonly Message[];
}

const message = (field1: string): Message => {
  const length = field1.length;
  const prefix = [0x0a, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
  return new Uint8Array(Buffer.concat([Buffer.from(prefix), Buffer.from(field1)]));
};
const LETTERS = message("x".repeat(102400));
assert.equal(LETTERS.length, 102404);

const UNARY = { method: "EchoUnary", digest: "479f2c3fb58bc3f04bbe15440a657670" };
const CLIENT = { method: "EchoClientStream", digest: "97e816c79fb6624b7d221026cc36107c" };
const SERVER = { method: "EchoServerStream", digest: "08085616660359db13a42b81ed633c5d" };
const BIDI = { method: "EchoBidiStream", digest: "14f43bae85c2ce394c9bd81ff6fa9d77" };
const OK = { code: 0 };
const REFUSED = { code: 13 };

const SCENARIOS: readonly Scenario[] = [
  {
    name: "P1 unary.rpc",
    ...UNARY,
    metadata: BINARY,
    requests: [HW],
    replies: { after: 2, records: [{ value: HW, headers: BOTH }, { value: null }] },
    records: [HW, null],
    status: OK,
    headers: BOTH_METADATA,
    messages: [HW],
  },
  {
    name: "P2 unary.rpc.message.value.100k",
    ...UNARY,
    metadata: TEXT,
    requests: [LETTERS],
    replies: { after: 2, records: [{ value: LETTERS, headers: { "meta:custom": "value" } }, { value: null }] },
    records: [LETTERS, null],
    status: OK,
    headers: [["custom", "value"]],
    messages: [LETTERS],
  },
  {
    name: "P3 unary.rpc.rejected",
    ...UNARY,
    metadata: TEXT,
    requests: [],
    open: true,
    fault: (kafka) => {
      kafka.refuseFetch = () => INTERNAL;
    },
    records: [],
    status: REFUSED,
    messages: [],
  },
  {
    name: "P3 with a message whose produce is refused",
    ...UNARY,
    metadata: TEXT,
    requests: [HW],
    open: true,
    fault: (kafka) => {
      kafka.refuse = () => INTERNAL;
    },
    records: [],
    status: REFUSED,
    messages: [],
  },
  {
    name: "P4 unary.rpc.error",
    ...UNARY,
    metadata: TEXT,
    requests: [HW],
    replies: {
      after: 2,
      records: [{ value: null, headers: { "zilla:status": "9", "zilla:message": "Custom Error Message", "meta:custom": "value" } }],
    },
    records: [HW, null],
    status: { code: 9, message: "Custom Error Message" },
    headers: [["custom", "value"]],
    messages: [],
  },
  {
    name: "P5 unary.rpc.sent.write.abort",
    ...UNARY,
    metadata: TEXT,
    requests: [],
    open: true,
    leave: 0,
    records: [null],
    status: { code: 1 },
    messages: [],
  },
  {
    name: "P6 client.stream.rpc",
    ...CLIENT,
    metadata: BINARY,
    requests: [HW1, HW2],
    replies: { after: 3, records: [{ value: HW, headers: BOTH }, { value: null }] },
    records: [HW1, HW2, null],
    status: OK,
    headers: BOTH_METADATA,
    messages: [HW],
  },
  {
    name: "P7 client.stream.rpc.write.abort",
    ...CLIENT,
    metadata: TEXT,
    requests: [HW1],
    open: true,
    fault: (kafka) => {
      kafka.onRecord = ({ topic, value }) => {
        if (topic === "requests" && value !== null) setImmediate(() => kafka.failFetches(INTERNAL));
      };
    },
    records: [HW1, null],
    status: REFUSED,
    messages: [],
  },
  {
    name: "P8 server.stream.rpc",
    ...SERVER,
    metadata: BINARY,
    requests: [HW],
    replies: { after: 2, records: [{ value: HW1, headers: BOTH }, { value: HW2 }, { value: null }] },
    records: [HW, null],
    status: OK,
    headers: BOTH_METADATA,
    messages: [HW1, HW2],
  },
  {
    name: "P9 server.stream.rpc.read.aborted",
    ...SERVER,
    metadata: TEXT,
    requests: [],
    open: true,
    fault: (kafka) => void kit.turns().then(() => kafka.failFetches(INTERNAL)),
    records: [null],
    status: REFUSED,
    messages: [],
  },
  {
    name: "P10 bidi.stream.rpc",
    ...BIDI,
    metadata: BINARY,
    requests: [HW1, HW2],
    open: true,
    replies: { after: 2, records: [{ value: HW1, headers: BOTH }, { value: HW2 }, { value: null }] },
    records: [HW1, HW2, null],
    status: OK,
    headers: BOTH_METADATA,
    messages: [HW1, HW2],
  },
  {
    name: "P11 bidi.stream.rpc.write.abort",
    ...BIDI,
    metadata: TEXT,
    requests: [HW1],
    open: true,
    replies: { after: 1, records: [{ value: HW1, headers: { "meta:custom": "value" } }] },
    fault: (kafka) => void kit.turns().then(() => kafka.failFetches(INTERNAL)),
    records: [HW1, null],
    status: REFUSED,
    headers: [["custom", "value"]],
    messages: [HW1],
  },
];

const when = [{ service: "example.EchoService", metadata: [{ name: "custom", text: "test", bytes: utf8("test") }] }];
const routes = (extensions: boolean): readonly GrpcKafkaRoute[] => [{ ...kit.produceRoute({ extensions }), when }];

/** The rows that the original would leave. */
const expected = ({ method, digest, metadata, records }: Scenario): kit.Row[] => {
  const headers = [
    "zilla:identity=test",
    "zilla:service=example.EchoService",
    `zilla:method=${method}`,
    "zilla:reply-to=responses",
    `zilla:correlation-id=${KEY}-${digest}`,
    ...metadata.map(([name, value]) => `meta:${name}=${value}`),
    `meta:idempotency-key=${KEY}`,
  ];
  return records.map((value) => ["test", headers, value === null ? null : buffer(value).toString("hex")]);
};

const answering = (kafka: MemoryKafka, { replies }: Scenario): void => {
  if (replies === undefined) return;
  let seen = 0;
  kafka.onRecord = (request: StoredRecord) => {
    const isRequest = request.topic === "requests" && request.header("zilla:correlation-id") !== undefined; // And no cancel.
    if (!isRequest || ++seen !== replies.after) return;
    setImmediate(() => {
      for (const reply of replies.records) kit.answer(kafka, request, reply);
    });
  };
};

const asked = (scenario: Scenario, proxy: kit.Proxy, how: { readonly slow: boolean; readonly leave?: number }) => {
  const { method, metadata, requests, open } = scenario;
  const leave = how.leave ?? scenario.leave;
  answering(proxy.kafka, scenario);
  scenario.fault?.(proxy.kafka);
  return ask(proxy.grpc, kit.callOf(method, [...metadata, ["idempotency-key", KEY]]), {
    requests,
    slow: how.slow,
    ...(open ? { open } : {}),
    ...(leave === undefined ? {} : { leave }),
  });
};

for (const scenario of SCENARIOS) {
  for (const slow of [false, true]) {
    for (const extensions of [true, false]) {
      test(`${scenario.name}, ${slow ? "slow" : "fast"}, ${extensions ? "with" : "without"} our headers`, async () => {
        const proxy = kit.proxyOf(routes(extensions));
        const { status, headers, replies } = await asked(scenario, proxy, { slow });
        await kit.assertQuiet(proxy);
        assert.equal(status.code, scenario.status.code, status.message);
        if (scenario.status.message !== undefined) assert.equal(status.message, scenario.status.message);
        assert.deepEqual(headers, scenario.headers);
        assert.deepEqual(replies, scenario.messages);
        assert.deepEqual(extensions ? kit.foreignRows(proxy.kafka) : kit.rows(proxy.kafka), expected(scenario));
      });
    }
  }
  for (let leave = 0; leave <= scenario.requests.length; leave++) {
    test(`${scenario.name}, left after ${leave} requests`, async () => {
      const proxy = kit.proxyOf(routes(true));
      await asked(scenario, proxy, { slow: true, leave });
      await kit.assertQuiet(proxy);
      const kinds = kit.kinds(proxy.kafka);
      assert.ok(kinds.filter((kind) => kind === "tombstone").length <= 1, kinds.join());
      assert.ok(kinds.length === 0 || kinds.at(-1) === "tombstone", kinds.join());
    });
  }
}

test("P7 with a later produce that is refused: what was begun is cancelled", async () => {
  const proxy = kit.proxyOf(routes(true));
  proxy.kafka.refuse = (_, records) => (records[0]?.value === HW2 ? INTERNAL : undefined);
  const call = new kit.Conducted(proxy.grpc, kit.callOf(CLIENT.method, TEXT));
  call.to.write([HW1]);
  await kit.turns();
  call.to.write([HW2]);
  call.to.end();
  await kit.assertQuiet(proxy);
  assert.deepEqual(call.status, INTERNAL);
  assert.deepEqual(kit.kinds(proxy.kafka), ["value", "cancel", "tombstone"]);
});

const ONEWAY = [{ ...kit.produceRoute(), with: withoutReplyTo() }];
function withoutReplyTo() {
  const { replyTo: _, ...rest } = kit.PRODUCE;
  return rest;
}

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
