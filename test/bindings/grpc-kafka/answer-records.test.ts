// How the records of an answer are read: several runs of one call, metadata and trailers, and headers that make no sense.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../src/core/bytes.ts";
import { INTERNAL, OK } from "../../../src/core/status.ts";
import type { RecordHeaders } from "../../../src/ports/kafka.ts";
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

interface Run {
  readonly attempt?: string;
  readonly value: Uint8Array | null;
}
const run = (attempt: string | undefined, ...values: (Uint8Array | null)[]): Run[] =>
  values.map((value) => (attempt === undefined ? { value } : { attempt, value }));
const ABORTED = { code: 10, message: "the answer was begun twice" };

for (const [what, oneReply, runs, status, messages] of [
  ["one run, named", true, run("1", HW, null), OK, [HW]],
  ["begun by the first, whole by the second", true, [...run(undefined, HW), ...run("2", HW1, null)], OK, [HW]],
  ["whole by the second, the first late", true, [...run("2", HW, null), ...run(undefined, HW1, null)], OK, [HW]],
  ["the end of the first between", true, [...run(undefined, HW), ...run("2", HW1), ...run(undefined, null)], OK, [HW]],
  ["three runs", true, [...run("1", HW), ...run("2", HW1), ...run("3", HW2, null)], OK, [HW]],
  ["a stream that is begun twice", false, [...run(undefined, HW), ...run("2", HW, HW1, null)], ABORTED, [HW]],
  ["a stream that the second run only ends", false, [...run(undefined, HW), ...run("2", null)], ABORTED, [HW]],
  ["a stream of one run, named", false, run("7", HW, HW1, null), OK, [HW, HW1]],
  ["a stream that another run has not begun in time", false, [...run("7", HW, null), ...run("8", HW1, null)], OK, [HW]],
] as const) {
  for (const slow of [false, true]) {
    test(`runs of a call are never mixed: ${what}, ${slow ? "slow" : "fast"}`, async () => {
      const proxy = kit.proxyOf(ROUTES);
      for (const { attempt, value } of runs) reply(proxy.kafka, value, attempt === undefined ? {} : { "sluice:attempt": attempt });
      const descriptor = { requestStream: false, responseStream: !oneReply };
      const answered = await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED, { descriptor }), { requests: [HW], slow });
      await kit.assertQuiet(proxy);
      assert.deepEqual([answered.status, answered.replies], [status, messages]);
    });
  }
}

test("a call whose shape is not known counts as a stream", async () => {
  const proxy = kit.proxyOf(ROUTES);
  for (const { attempt, value } of [...run(undefined, HW), ...run("2", HW, null)])
    reply(proxy.kafka, value, attempt === undefined ? {} : { "sluice:attempt": attempt });
  const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW] });
  assert.deepEqual(status, ABORTED);
  await kit.assertQuiet(proxy);
});

const META = { "meta:a": "1", "meta:b": "2" };
const [A, B] = [
  ["a", "1"],
  ["b", "2"],
] as const;
for (const [what, records, headers, trailers] of [
  [
    "of the first value are initial",
    [
      [HW, META],
      [null, {}],
    ],
    [A, B],
    undefined,
  ],
  [
    "of later values are nothing",
    [
      [HW, { "meta:a": "1" }],
      [HW, { "meta:b": "2" }],
      [null, {}],
    ],
    [A],
    undefined,
  ],
  [
    "of a later end are trailers",
    [
      [HW, { "meta:a": "1" }],
      [null, { "meta:b": "2" }],
    ],
    [A],
    [B],
  ],
  [
    "of a later end are trailers, whatever it says of initial ones",
    [
      [HW, {}],
      [null, { ...META, "sluice:initial": "1" }],
    ],
    [],
    [A, B],
  ],
  ["of an only end are initial", [[null, META]], [A, B], undefined],
  ["of an only end are parted where it says so", [[null, { ...META, "sluice:initial": "1" }]], [A], [B]],
  ["of an only end are trailers where it says so", [[null, { ...META, "sluice:initial": "0" }]], undefined, [A, B]],
  ["of an only end are initial where it says so", [[null, { ...META, "sluice:initial": "2" }]], [A, B], undefined],
  ["of an only end are initial where it says nonsense", [[null, { ...META, "sluice:initial": "-1" }]], [A, B], undefined],
] as const) {
  test(`metadata ${what}`, async () => {
    const proxy = kit.proxyOf(ROUTES);
    for (const [value, pairs] of records) reply(proxy.kafka, value, pairs);
    const answered = await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW] });
    assert.deepEqual([answered.headers, answered.trailers], [headers, trailers]);
    await kit.assertQuiet(proxy);
  });
}

const bytes = (digits: string): Uint8Array => kit.hex(digits);
const NONSENSE: readonly RecordHeaders[] = [
  ...["", "x", "-1", "99999999999999999999", "1.5", " ", "\u0000", "0x9", "9\n", "\u00fc"].map((value) =>
    kit.headersOf({ "zilla:status": value }),
  ),
  ...[null, "", "%", "%zz", "%ff", "a\r\nb", "x".repeat(100_000)].map((value) =>
    kit.headersOf({ "zilla:status": "9", "zilla:message": value }),
  ),
  [{ name: "zilla:status", value: null }],
  [{ name: "zilla:status", value: bytes("ff00") }],
  [{ name: "zilla:message", value: bytes("c328") }],
  ...["", " ", ":path", "a b", "\u00fc", "a\n", "content-length", "grpc-status", "connection", "A"].map((name) =>
    kit.headersOf({ [`meta:${name}`]: "x" }),
  ),
  ...[null, "\u0000", "a\r\nset-cookie: b", "x".repeat(100_000)].map((value) => kit.headersOf({ "meta:a": value })),
  [{ name: "meta:a", value: bytes("ff80") }],
  ...[null, "*", "====", "a b", "\u0001"].map((value) => kit.headersOf({ "meta:a-bin": value })),
  ...[null, "", "x", "-1", "9".repeat(30)].map((value) => kit.headersOf({ "sluice:initial": value, "meta:a": "1" })),
  ...[null, "", "\u0000", "x".repeat(10_000)].map((value) => kit.headersOf({ "sluice:attempt": value })),
  [{ name: "", value: null }],
  [{ name: "sluice:cancel", value: null }],
  [{ name: "sluice:cancel", value: bytes("") }],
  Array.from({ length: 2000 }, (_, i) => ({ name: `meta:${i % 7}`, value: bytes("41") })),
];

test("no header makes a reply fail the process or hang its call", async () => {
  assert.ok(NONSENSE.length >= 40);
  for (const headers of NONSENSE) {
    for (const [first, last] of [
      [HW, null],
      [null, null],
      [new Uint8Array(0), null],
    ] as const) {
      const proxy = kit.proxyOf(ROUTES);
      const correlation = { name: "zilla:correlation-id", value: ID };
      proxy.kafka.write("responses", { key: null, value: first, headers: [...headers, correlation] });
      proxy.kafka.write("responses", { key: null, value: last, headers: [correlation, ...headers] });
      reply(proxy.kafka, null);
      const { status } = await ask(proxy.grpc, kit.callOf("EchoUnary", KEYED), { requests: [HW] });
      assert.notDeepEqual(status, INTERNAL);
      await kit.assertQuiet(proxy);
      assert.deepEqual(proxy.runtime.lines, []);
    }
  }
});
