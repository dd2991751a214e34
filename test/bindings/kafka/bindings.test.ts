// What the kafka bindings make of their configuration, and what they refuse when the graph is linked.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Ports } from "../../../src/bindings/binding.ts";
import { cacheClient } from "../../../src/bindings/kafka/cache-client.ts";
import { cacheServer } from "../../../src/bindings/kafka/cache-server.ts";
import { client } from "../../../src/bindings/kafka/client.ts";
import type { KafkaCacheClientConfig, KafkaCacheServerConfig, KafkaClientConfig, KafkaRoute } from "../../../src/bindings/kafka/config.ts";
import { patternOf } from "../../../src/config/pattern.ts";
import { ConfigError } from "../../../src/config/place.ts";
import { Code } from "../../../src/core/status.ts";
import { KafkaSource } from "../../../src/kafka/log/topic-source.ts";
import type { Connector, Dial } from "../../../src/ports/connection.ts";
import type { Kafka, OwnReplies } from "../../../src/ports/kafka.ts";
import { Fetching, produced } from "../../kit/kafka-callers.ts";
import { MemoryKafka } from "../../kit/memory-kafka.ts";
import { MemorySource } from "../../kit/memory-source.ts";
import { recordWith } from "../../kit/receipts.ts";
import { NOWHERE, testExits, testRuntime } from "../../kit/runtime.ts";

const ROUTE: KafkaRoute = { exit: "next", topics: [] };
const named = { namespace: "test", name: "kafka0", place: NOWHERE };

const connector = (dial: Partial<Dial>): Connector => ({
  connect: () => assert.fail("the client dials by itself"),
  dial: { allows: () => true, ...dial },
});

const LIMITS = { logBytes: 1_000_000, replyIndexBytes: 1_000_000 };

const clientConfig = (more: Partial<KafkaClientConfig> = {}): KafkaClientConfig => ({
  ...named,
  servers: [],
  timeoutMs: 30_000,
  decompressedBatchBytes: 1_000_000,
  produceBytes: 1_000_000,
  groupProtocol: "classic",
  routes: [ROUTE],
  ...more,
});

describe("the client", () => {
  const bind = (config: Partial<KafkaClientConfig>, dial: Partial<Dial> = {}) =>
    client.bind(clientConfig(config), testExits({ next: { connector: connector(dial) } }), testRuntime());
  const SERVERS = [{ host: "kafka", port: 9092 }];

  test("servers, or a tcp client with host and port, say where to begin", () => {
    assert.ok(bind({ servers: SERVERS }).ports.kafka);
    assert.ok(bind({}, { host: "kafka", port: 9092 }).ports.kafka);
    assert.throws(
      () => bind({}),
      (error) => error instanceof ConfigError && /names no 'servers', and 'next' has no host and port/.test(error.message),
    );
  });

  test("servers that the tcp client's routes do not allow are refused when none is left", () => {
    const allows = (host: string): boolean => host === "other";
    assert.throws(() => bind({ servers: SERVERS }, { allows }), /'next' allows none of the servers of 'kafka0': kafka:9092/);
    assert.ok(bind({ servers: [...SERVERS, { host: "other", port: 1 }] }, { allows }).ports.kafka);
  });

  for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const)
    test(`${mechanism} is taken`, () => {
      assert.ok(bind({ servers: SERVERS, sasl: { mechanism, username: "u", password: "p" } }).ports.kafka);
    });
  test("mechanisms that are not supported, and a caller's credentials, are refused by name", () => {
    const sasl = { mechanism: "scram-sha-1", username: "u", password: "p" } as const;
    assert.throws(
      () => bind({ servers: SERVERS, sasl }),
      /'scram-sha-1', which is not supported; allowed are plain, scram-sha-256, scram-sha-512/,
    );
    assert.throws(
      () => bind({ servers: SERVERS, sasl: { mechanism: "oauthbearer", token: "t" } }),
      /'oauthbearer', which is not supported/,
    );
    const callers = { mechanism: "plain", username: "{identity}", password: "{credentials}" } as const;
    assert.throws(() => bind({ servers: SERVERS, sasl: callers }), /credentials from the session of a caller/);
  });

  test("what no broker acknowledges is taken up to the limit of produces, and refused past it", { timeout: 10_000 }, async () => {
    const bound = bind({ servers: [{ host: "127.0.0.1", port: 1 }], produceBytes: 10_000 });
    await bound.start!();
    const kafka = bound.ports.kafka!;
    const record = { key: null, value: Buffer.alloc(6_000), headers: [] };
    const to = { topic: "t", acks: "leader_only", expiresMs: Date.now() + 50 } as const;
    const codes = (await Promise.all([produced(kafka, to, [record]), produced(kafka, to, [record])])).map(({ status }) => status.code);
    assert.deepEqual(codes, [Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED]);
    await bound.close!();
  });

  test("started and closed without a broker, it waits for nothing and leaves nothing", { timeout: 10_000 }, async () => {
    const bound = bind({ servers: [{ host: "127.0.0.1", port: 1 }] });
    await bound.start!();
    const { status } = await produced(bound.ports.kafka!, { topic: "t", acks: "leader_only", expiresMs: Date.now() + 20 }, [
      recordWith("v"),
    ]);
    assert.equal(status.code, Code.DEADLINE_EXCEEDED);
    await bound.close!();
    assert.throws(() => new Fetching(bound.ports.kafka!, { topic: "t" }), /the client is closed/);
  });
});

describe("the cache server", () => {
  const bind = (kafka: Ports["kafka"], more: Partial<KafkaCacheServerConfig> = {}) =>
    cacheServer.bind(
      { ...named, ...LIMITS, bootstrap: [], topics: [], routes: [ROUTE], ...more },
      testExits({ next: { kafka } }),
      testRuntime(),
    );
  const cacheable = (memory: MemoryKafka): Ports["kafka"] => {
    const source = new KafkaSource(() => new MemorySource(memory));
    return { produce: memory.produce, fetch: memory.fetch, consume: memory.consume, source };
  };

  test("a Kafka that cannot be cached is refused", () => {
    assert.throws(() => bind(new MemoryKafka()), /'next' is no kafka client/);
  });

  test("topics of bootstrap are read before anybody asks, and what the cache has is the same for all", async () => {
    const memory = new MemoryKafka();
    const bound = bind(cacheable(memory), { bootstrap: ["t"] });
    await bound.start!();
    assert.equal(memory.readers, 1);
    const readers = [0, 1].map(() => new Fetching(bound.ports.kafka!, { topic: "t" }));
    await produced(bound.ports.kafka!, { topic: "t", acks: "leader_only" }, [recordWith("v")]);
    for (const reader of readers) await reader.until(1);
    assert.equal(memory.readers, 1);
    assert.equal(readers[0]!.records[0], readers[1]!.records[0]);
    for (const reader of readers) reader.cancel();
    await bound.close!();
    assert.equal(memory.readers, 0);
  });

  /** Two readers of 200 records, one after the other: whether they were given the same ones, and the replies found of the first id. */
  const keptOf = async (limits: Partial<KafkaCacheServerConfig>): Promise<readonly [same: boolean, replies: number]> => {
    const memory = new MemoryKafka();
    const bound = bind(cacheable(memory), { bootstrap: ["t"], ...limits });
    await bound.start!();
    const idOf = (at: number) => ({ name: "zilla:correlation-id", value: Buffer.from(`id ${at}`) });
    for (let at = 0; at < 200; at++) memory.write("t", { key: null, value: Buffer.alloc(1_000), headers: [idOf(at)] });
    const readers: Fetching[] = [];
    for (let reader = 0; reader < 2; reader++) {
      readers.push(new Fetching(bound.ports.kafka!, { topic: "t" }));
      await readers.at(-1)!.until(200);
    }
    const recalled = new Fetching(bound.ports.kafka!, { topic: "t", from: "earliest", correlated: idOf(0) });
    await recalled.started();
    memory.write("t", { key: null, value: null, headers: [idOf(0)] });
    await recalled.until(1);
    while (recalled.values.at(-1) !== "null") await recalled.until(recalled.records.length + 1);
    const replies = recalled.records.length - 1;
    for (const reader of [...readers, recalled]) reader.cancel();
    await bound.close!();
    return [readers[0]!.records[0] === readers[1]!.records[0], replies];
  };

  test("records are kept, and replies found, as far as the limits of the log and of the index allow", async () => {
    assert.deepEqual(await keptOf({}), [true, 1]);
    assert.deepEqual(await keptOf({ logBytes: 10_000 }), [false, 1]);
    assert.deepEqual(await keptOf({ replyIndexBytes: 1 }), [true, 0]);
  });

  test("a live topic is read from its end, one that is historical from its beginning", async () => {
    const memory = new MemoryKafka();
    for (const topic of ["live", "historical"]) memory.write(topic, recordWith("before"));
    const bound = bind(cacheable(memory), { topics: [{ name: "live", defaultOffset: "live" }] });
    const live = new Fetching(bound.ports.kafka!, { topic: "live", from: "latest" });
    const historical = new Fetching(bound.ports.kafka!, { topic: "historical" });
    await live.started();
    await historical.until(1);
    memory.write("live", recordWith("after"));
    await live.until(1);
    assert.deepEqual([live.values, historical.values], [["after"], ["before"]]);
    live.cancel();
    historical.cancel();
    await bound.close!();
  });
});

describe("the cache client", () => {
  const bind = (routes: readonly KafkaRoute[], exits: Readonly<Record<string, Partial<Ports>>>) => {
    const config: KafkaCacheClientConfig = { ...named, routes };
    return cacheClient.bind(config, testExits(exits), testRuntime()).ports.kafka!;
  };

  test("one route for everything hands its Kafka on as it is", () => {
    const kafka = new MemoryKafka();
    assert.equal(bind([ROUTE], { next: { kafka } }), kafka);
  });

  test("routes by topic choose the Kafka; a topic without one is refused, and named", async () => {
    const [a, b] = [new MemoryKafka(), new MemoryKafka()];
    const routes = [
      { exit: "a", topics: [patternOf("a-*")] },
      { exit: "b", topics: [patternOf("b")] },
    ];
    const kafka = bind(routes, { a: { kafka: a }, b: { kafka: b } });
    for (const topic of ["a-1", "b"])
      assert.equal((await produced(kafka, { topic, acks: "leader_only" }, [recordWith(topic)])).status.code, Code.OK);
    assert.deepEqual([a.records("a-1").length, a.records("b").length, b.records("b").length], [1, 0, 1]);
    const reading = new Fetching(kafka, { topic: "b" });
    await reading.until(1);
    reading.cancel();
    const { status } = await produced(kafka, { topic: "c", acks: "leader_only" }, [recordWith("v")]);
    assert.deepEqual(status, { code: Code.FAILED_PRECONDITION, message: "kafka: no route of 'kafka0' has topic 'c'" });
    assert.throws(() => new Fetching(kafka, { topic: "c" }), /no route of 'kafka0' has topic 'c'/);
  });

  test("what is read of replies says the Kafka of their topic", () => {
    const replies: OwnReplies = { reads: () => true, wait: () => ({ cancel: () => {} }) };
    const sharing: Kafka = { ...new MemoryKafka(), ownReplies: () => replies };
    const routes = [
      { exit: "a", topics: [patternOf("a")] },
      { exit: "b", topics: [patternOf("b")] },
    ];
    const kafka = bind(routes, { a: { kafka: sharing }, b: { kafka: new MemoryKafka() } });
    const found = ["a", "b", "c"].map((topic) => kafka.ownReplies?.(topic, { index: 0, of: 8 }));
    assert.deepEqual(found, [replies, undefined, undefined]);
  });
});
