// The original's grpc-kafka scenarios over Apache Kafka, with our client alone and behind the cache. What is on the topics is read, and the
// replies are written, by kcat, which shares no code with us.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { proxy as binding } from "../../src/bindings/grpc-kafka/proxy.ts";
import { buffer, utf8 } from "../../src/core/bytes.ts";
import { systemClock } from "../../src/core/clock.ts";
import { CANCELLED } from "../../src/core/status.ts";
import { correlationDigest } from "../../src/exchange/correlation-id.ts";
import { CORRELATION_NAMES } from "../../src/exchange/names.ts";
import type { KafkaClient } from "../../src/kafka/client/client.ts";
import { CachedKafka } from "../../src/kafka/log/cached.ts";
import type { Grpc } from "../../src/ports/grpc.ts";
import type { Kafka } from "../../src/ports/kafka.ts";
import { EMPTY, fetchRoute, hexOf } from "../bindings/grpc-kafka/fetch-kit.ts";
import { type Reply, SCENARIOS, type Scenario } from "../bindings/grpc-kafka/produce-scenarios.ts";
import * as kit from "../bindings/grpc-kafka/proxy-kit.ts";
import { ask } from "../kit/ask.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { type KcatRecord, readTopic, writeRecord } from "../kit/kcat.ts";
import { needs } from "../kit/needs.ts";
import { testExits, testRuntime } from "../kit/runtime.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const { HW, HW1, HW2, KEY } = kit;

interface Subject {
  readonly name: string;
  readonly over: (client: KafkaClient) => { readonly kafka: Kafka; close(): void };
}

const SUBJECTS: readonly Subject[] = [
  { name: "the client", over: (client) => ({ kafka: client, close: () => {} }) },
  {
    name: "the cache over the client",
    over: (client) => {
      const kafka = new CachedKafka({
        kafka: client,
        source: client.source,
        clock: systemClock,
        bootstrap: [],
        from: () => "earliest",
        unread: () => {},
      });
      kafka.start();
      return { kafka, close: () => kafka.close() };
    },
  },
];

/** As a reader sees a topic that does not know our headers: its records without them, and no cancel records. */
const foreign = (records: readonly KcatRecord[]): readonly kit.Row[] =>
  records
    .filter(({ headers }) => !headers.some(([name]) => name === "sluice:cancel"))
    .map(({ key, value, headers }): kit.Row => {
      const rows = headers.filter(([name]) => !name.startsWith("sluice:")).map(([name, each]) => `${name}=${each}`);
      return [key?.toString() ?? "", rows, value?.toString("hex") ?? null];
    });

for (const { name, over } of SUBJECTS) {
  describe(`the grpc-kafka scenarios over ${name}`, needs("kafka", "kcat"), () => {
    let shared: SharedKafka;
    let client: KafkaClient;
    let subject: ReturnType<Subject["over"]>;
    before(async () => {
      shared = await sharedKafka();
      client = clientOf(shared.bootstrap).client;
      await client.start();
      subject = over(client);
    });
    after(async () => {
      subject.close();
      await client.close();
      await shared.stop();
    });

    const proxyOf = (routes: Parameters<typeof kit.configOf>[0]): Grpc => {
      const { grpc } = binding.bind(kit.configOf(routes), testExits({ kafka0: { kafka: subject.kafka } }), testRuntime()).ports;
      assert.ok(grpc);
      return grpc;
    };
    const read = (topic: string, count?: number): Promise<readonly KcatRecord[]> =>
      readTopic({ bootstrap: shared.bootstrap, topic, ...(count === undefined ? {} : { count }) });
    const reply = async (topic: string, id: string, { value, headers = {} }: Reply): Promise<void> => {
      const given = Object.entries(headers).map(([each, of]): [string, string] => [each, of ?? ""]);
      const all: [string, string][] = [["zilla:correlation-id", id], ...given];
      await writeRecord({ bootstrap: shared.bootstrap, topic, key: id, value: value ?? undefined, headers: all });
    };

    /** What the scenario leaves on a topic, but for the names of the topics. */
    const expected = ({ method, metadata, records }: Scenario, replyTo: string, id: string): kit.Row[] => {
      const headers = [
        "zilla:identity=test",
        "zilla:service=example.EchoService",
        `zilla:method=${method}`,
        `zilla:reply-to=${replyTo}`,
        `zilla:correlation-id=${id}`,
        ...metadata.map(([each, value]) => `meta:${each}=${value}`),
        `meta:idempotency-key=${KEY}`,
      ];
      return records.map((value) => ["test", headers, value === null ? null : hexOf(value)]);
    };

    for (const scenario of SCENARIOS.filter(({ fault, leave }) => fault === undefined && leave === undefined)) {
      for (const slow of [false, true]) {
        test(`${scenario.name}, ${slow ? "slow" : "fast"}`, async () => {
          const { method, metadata, requests, open, replies } = scenario;
          const { requests: topic, responses: replyTo } = await shared.topics({ requests: 3, responses: 2 });
          const overrides = [utf8("test")];
          const service = "example.EchoService";
          const id = `${KEY}-${correlationDigest({ names: CORRELATION_NAMES, service, method, replyTo, overrides })}`;
          const call = kit.callOf(method, [...metadata, ["idempotency-key", KEY]], { deadlineMs: Date.now() + 60_000 });
          const answered = ask(proxyOf([kit.produceRoute({ topic, replyTo })]), call, { requests, slow, ...(open ? { open } : {}) });
          await read(topic, replies?.after);
          for (const record of replies?.records ?? []) await reply(replyTo, id, record);
          const { status, headers, replies: messages } = await answered;
          assert.equal(status.code, scenario.status.code, status.message);
          assert.deepEqual(headers, scenario.headers);
          assert.deepEqual(messages.map(hexOf), scenario.messages.map(hexOf));
          const records = await read(topic, scenario.records.length);
          assert.deepEqual(foreign(records), expected(scenario, replyTo, id));
          assert.ok(
            records.every(({ partition }) => partition === 2),
            "murmur2 of the key",
          );
        });
      }
    }

    for (const [scenario, requests] of [
      ["P12 unary.rpc.oneway", [HW]],
      ["P13 client.stream.rpc.oneway", [HW1, HW2]],
    ] as const) {
      test(scenario, async () => {
        const { requests: topic } = await shared.topics({ requests: 1 });
        const { replyTo: _, ...oneway } = kit.PRODUCE;
        const grpc = proxyOf([{ ...kit.produceRoute(), with: { ...oneway, topic } }]);
        const { status, headers, replies } = await ask(grpc, kit.callOf("OnewayUnary"), { requests });
        assert.deepEqual([status.code, headers, replies.map(hexOf)], [0, [], [""]]);
        assert.deepEqual(
          foreign(await read(topic)),
          requests.map((value) => ["test", ["zilla:identity=test"], hexOf(value)]),
        );
      });
    }

    test("P5 unary.rpc.sent.write.abort, and one that is left with a message", async () => {
      const { requests: topic, responses: replyTo } = await shared.topics({ requests: 1, responses: 1 });
      const call = new kit.Conducted(proxyOf([kit.produceRoute({ topic, replyTo })]), kit.callOf("EchoUnary"));
      call.to.write([HW]);
      await read(topic, 1);
      call.to.cancel(CANCELLED);
      const kinds = (await read(topic, 3)).map(({ value }) => value?.toString("hex") ?? null);
      assert.deepEqual(kinds, [hexOf(HW), "", null]);
    });

    test("an answer that was there before the call is found by its key", async () => {
      const { requests: topic, responses: replyTo } = await shared.topics({ requests: 1, responses: 3 });
      const service = "example.EchoService";
      const described = { names: CORRELATION_NAMES, service, method: "EchoUnary", replyTo, overrides: [utf8("test")] };
      const id = `${KEY}-${correlationDigest(described)}`;
      await reply(replyTo, id, { value: HW1 });
      await reply(replyTo, id, { value: null });
      const call = kit.callOf("EchoUnary", [["idempotency-key", KEY]], { deadlineMs: Date.now() + 60_000 });
      const { status, replies } = await ask(proxyOf([kit.produceRoute({ topic, replyTo })]), call, { requests: [HW] });
      assert.deepEqual([status.code, replies.map(hexOf)], [0, [hexOf(HW1)]]);
    });

    const fetchTopic = async (): Promise<string> => {
      const { responses: topic } = await shared.topics({ responses: 2 });
      const to = { bootstrap: shared.bootstrap, topic };
      const identity = ["zilla:identity", "test"] as const;
      await writeRecord({ ...to, key: "other", value: HW, headers: [identity], partition: 0 });
      await writeRecord({ ...to, key: "test", value: HW, partition: 1 });
      const metadata = [
        ["meta:custom", "value"],
        ["meta:customProperty-bin", "dGVzdA=="],
      ] as const;
      await writeRecord({ ...to, key: "test", value: HW, headers: [identity, ...metadata], partition: 0 });
      return topic;
    };
    const filtered = (topic: string) =>
      fetchRoute({ topic, filters: [{ key: kit.literal("test"), headers: [["zilla:identity", kit.literal("test")]] }] });

    test("F1 unreliable.unary.rpc and F2 reliable.unary.rpc", async () => {
      const topic = await fetchTopic();
      const grpc = proxyOf([filtered(topic)]);
      const first = await ask(grpc, kit.callOf("EchoUnary"), { requests: [EMPTY], until: 1 });
      assert.deepEqual(first.headers, [
        ["custom", "value"],
        ["customproperty-bin", "dGVzdA=="],
      ]);
      const [message] = first.replies.map(hexOf);
      assert.ok(message?.startsWith(`${hexOf(HW)}faff0f`), message);
      const id = buffer(first.replies[0]!)
        .subarray(HW.length + 4)
        .toString("base64");
      const headers = [["zilla:identity", "test"]] as const;
      await writeRecord({ bootstrap: shared.bootstrap, topic, key: "test", value: HW1, headers, partition: 0 });
      const next = await ask(grpc, kit.callOf("EchoUnary", [["last-message-id-bin", id]]), { requests: [EMPTY], until: 1 });
      assert.deepEqual(hexOf(next.replies[0]!.subarray(0, HW1.length)), hexOf(HW1));
    });

    test("F3 reject.request.body.unary.rpc and F4 client.sent.write.abort.unary.rpc", async () => {
      const grpc = proxyOf([filtered(await fetchTopic())]);
      assert.equal((await ask(grpc, kit.callOf("EchoUnary"), { requests: [HW] })).status.code, 10);
      assert.deepEqual((await ask(grpc, kit.callOf("EchoUnary"), { requests: [], leave: 0 })).status, CANCELLED);
    });

    test("a caller narrows what it gets to one key, and null values come with their id", async () => {
      const topic = await fetchTopic();
      await writeRecord({ bootstrap: shared.bootstrap, topic, key: "gone", value: undefined, partition: 1 });
      const call = kit.callOf("EchoUnary", [["idempotency-key", "gone"]]);
      const { replies } = await ask(proxyOf([fetchRoute({ topic })]), call, { requests: [EMPTY], until: 1 });
      assert.equal(hexOf(replies[0]!).slice(0, 6), "faff0f");
    });

    test("a topic that does not exist is named", async () => {
      for (const routes of [
        [fetchRoute({ topic: "no-such-topic" })],
        [kit.produceRoute({ topic: "no-such-topic", replyTo: "no-such-topic" })],
      ]) {
        const { status } = await ask(proxyOf(routes), kit.callOf("EchoUnary"), { requests: [EMPTY] });
        assert.equal(status.code, 9, status.message);
        assert.match(status.message, /no-such-topic/);
      }
    });

    test("nothing is left open", () => {
      assert.equal(client.open, 0);
    });
  });
}
