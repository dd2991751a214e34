// The original's produce scenarios: what a call leaves on the topic, and what its caller gets. Each is run by a fast and a slow caller, with
// our own headers and without, and by callers that leave half way.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GrpcKafkaRoute } from "../../../src/bindings/grpc-kafka/config.ts";
import { buffer, utf8 } from "../../../src/core/bytes.ts";
import { INTERNAL } from "../../../src/core/status.ts";
import type { StoredRecord } from "../../../src/ports/kafka.ts";
import { ask } from "../../kit/ask.ts";
import type { MemoryKafka } from "../../kit/memory-kafka.ts";
import { CLIENT, SCENARIOS, type Scenario, TEXT } from "./produce-scenarios.ts";
import * as kit from "./proxy-kit.ts";

const { HW1, HW2, KEY } = kit;
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

const asked = (scenario: Scenario, proxy: kit.Rig, how: { readonly slow: boolean; readonly leave?: number }) => {
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
