// The original's remote server scenarios as data: which call a server gets for the records of a topic, and which records its answer leaves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fail, OK, type Status } from "../../../src/core/status.ts";
import type { Message, Metadata } from "../../../src/ports/grpc.ts";
import { GROUP, type Headers, HW, HW1, HW2, type Reply, Stage } from "./stage.ts";

const K = "59410e57-3e0f-4b61-9328-f645a7968ac8";
const ID = `${K}-d41d8cd98f00b204e9800998ecf8427e`;

interface Scenario {
  readonly name: string;
  readonly method: string;
  /** Of the call. */
  readonly meta: Headers;
  /** Null is the tombstone. */
  readonly requests: readonly (Message | null)[];
  /** How often the server is not there. */
  readonly absent?: number;
  readonly answer: { readonly headers: Metadata; readonly messages: readonly Message[]; readonly status: Status };
  readonly replies: readonly Reply[];
}

const LETTERS = new Uint8Array(Buffer.concat([Buffer.from("0a80a006", "hex"), Buffer.from("x".repeat(102_400))]));
const hex = (message: Message): string => Buffer.from(message).toString("hex");

const KEY_AND_BINARY: Headers = [
  ["meta:idempotency-key", K],
  ["meta:custom-bin", "dGVzdA=="],
];
const TEXT_AND_KEY: Headers = [
  ["meta:custom", "test"],
  ["meta:idempotency-key", K],
];
const BOTH: Metadata = [
  ["custom", "value"],
  ["customproperty-bin", "dGVzdA=="],
];
const BOTH_META: Headers = [
  ["meta:custom", "value"],
  ["meta:customproperty-bin", "dGVzdA=="],
];
const CUSTOM: Metadata = [["custom", "value"]];
const CUSTOM_META: Headers = [["meta:custom", "value"]];
const END: Reply = { value: null, headers: [["zilla:status", "0"]] };

const SCENARIOS: readonly Scenario[] = [
  {
    name: "G1 unary.rpc",
    method: "EchoUnary",
    meta: KEY_AND_BINARY,
    requests: [HW, null],
    answer: { headers: BOTH, messages: [HW], status: OK },
    replies: [{ value: hex(HW), headers: BOTH_META }, END],
  },
  {
    name: "G2 unary.rpc.message.value.100k",
    method: "EchoUnary",
    meta: TEXT_AND_KEY,
    requests: [LETTERS, null],
    answer: { headers: CUSTOM, messages: [LETTERS], status: OK },
    replies: [{ value: hex(LETTERS), headers: CUSTOM_META }, END],
  },
  {
    name: "G3 client.stream.rpc",
    method: "EchoClientStream",
    meta: KEY_AND_BINARY,
    requests: [HW1, HW2, null],
    answer: { headers: BOTH, messages: [HW], status: OK },
    replies: [{ value: hex(HW), headers: BOTH_META }, END],
  },
  {
    name: "G4 server.stream.rpc",
    method: "EchoServerStream",
    meta: KEY_AND_BINARY,
    requests: [HW, null],
    answer: { headers: BOTH, messages: [HW1, HW2], status: OK },
    replies: [{ value: hex(HW1), headers: BOTH_META }, { value: hex(HW2), headers: BOTH_META }, END],
  },
  {
    name: "G5 bidi.stream.rpc",
    method: "EchoBidiStream",
    meta: KEY_AND_BINARY,
    requests: [HW1, HW2, null],
    answer: { headers: BOTH, messages: [HW1, HW2], status: OK },
    replies: [{ value: hex(HW1), headers: BOTH_META }, { value: hex(HW2), headers: BOTH_META }, END],
  },
  {
    name: "G6 retry.on.unavailable.server",
    method: "EchoUnary",
    meta: KEY_AND_BINARY,
    requests: [HW, null],
    absent: 1,
    answer: { headers: BOTH, messages: [HW], status: OK },
    replies: [{ value: hex(HW), headers: BOTH_META }, END],
  },
  {
    name: "G8 client.sent.write.abort",
    method: "EchoUnary",
    meta: TEXT_AND_KEY,
    requests: [HW, null],
    answer: { headers: CUSTOM, messages: [HW], status: fail("ABORTED", "Custom Error Message").status },
    replies: [
      { value: hex(HW), headers: CUSTOM_META },
      {
        value: null,
        headers: [
          ["zilla:status", "10"],
          ["zilla:message", "Custom Error Message"],
        ],
      },
    ],
  },
];

const UNREACHABLE: Status = { ...fail("UNAVAILABLE", "connection refused").status, unprocessed: true };

/** The method's one reply comes with the end, or as it is written: the records are the same. */
const SHAPES: readonly Headers[] = [[], [["sluice:shape", "one-reply"]]];

for (const scenario of SCENARIOS) {
  for (const shape of SHAPES) {
    test(`${scenario.name}${shape.length > 0 ? ", the method being known to have one reply" : ""}`, () => run(scenario, shape));
  }
}

const run = async (scenario: Scenario, shape: Headers): Promise<void> => {
  const { method, meta, requests, answer, replies, absent = 0 } = scenario;
  const stage = new Stage({ when: [{ key: ID, service: "example.EchoService" }] });
  await stage.settle(); // The partition is assigned while it is empty.
  let tries = 0;
  stage.server.onCall = ({ reply }) => {
    if (tries++ < absent) setImmediate(() => reply.end(UNREACHABLE));
  };
  stage.server.onHalfClose = ({ reply }) => {
    if (tries <= absent) return;
    reply.headers(answer.headers);
    for (const message of answer.messages) reply.write([message]);
    reply.end(answer.status);
  };
  stage.record({ id: "before", headers: [], value: HW });
  const more: Headers = [["zilla:identity", "test"], ...meta, ...shape];
  for (const value of requests) stage.request({ id: ID, method, more, ...(value === null ? {} : { value }) });
  await stage.until(() => stage.server.calls.length === 1, "the first attempt");
  await stage.settle();
  if (absent > 0) await stage.pass(60);
  await stage.until(() => stage.replies().length === replies.length, "all replies");
  assert.deepEqual(stage.replies(), replies);
  const served = stage.server.calls.at(-1)!;
  assert.equal(stage.server.calls.length, absent + 1);
  assert.deepEqual(served.call, {
    service: "example.EchoService",
    method,
    scheme: "http",
    authority: "localhost:8080",
    metadata: meta.map(([name, value]) => [name.slice("meta:".length), value]),
    deadlineMs: Number.POSITIVE_INFINITY,
  });
  assert.deepEqual(
    served.messages,
    requests.filter((value) => value !== null),
  );
  assert.ok(served.halfClosed);
  await stage.until(() => stage.committed === requests.length + 1, "the commit");
  await stage.over();
};

test("G7 missing.service.and.method.headers: answered INTERNAL, with what is missing", async () => {
  const stage = new Stage({ when: [{ key: ID }] });
  await stage.settle();
  stage.record({
    id: ID,
    value: HW,
    headers: [
      ["zilla:identity", "test"],
      ["zilla:reply-to", "responses"],
      ["zilla:correlation-id", ID],
    ],
  });
  await stage.until(() => stage.replies().length === 1, "the error reply");
  assert.deepEqual(stage.replies(), [
    {
      value: null,
      headers: [
        ["zilla:status", "13"],
        ["zilla:message", "the request has no usable 'zilla:service' header"],
      ],
    },
  ]);
  assert.equal(stage.server.calls.length, 0);
  await stage.over();
});

test("the group is named as the original names it", async () => {
  const stage = new Stage();
  stage.echo();
  stage.unary("a");
  await stage.until(() => stage.kafka.committed(GROUP, { topic: "requests", partition: 0 }) === 2, "the commit of the group");
  await stage.over();
});
