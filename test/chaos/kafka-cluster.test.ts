// Three brokers, each killed and brought back under load: everything that was acknowledged is there once and in order, for readers, for
// the cache's readers, for waiting calls and for members of groups of either protocol.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Admin } from "@platformatic/kafka";
import { systemClock } from "../../src/core/clock.ts";
import { Code } from "../../src/core/status.ts";
import { CachedKafka } from "../../src/kafka/log/cached.ts";
import type { Kafka, StoredRecord } from "../../src/ports/kafka.ts";
import { BROKERS, type KafkaCluster, startCluster } from "../kafka-server/cluster.ts";
import { CONSUMER_GROUPS, raiseFeatures } from "../kafka-server/features.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { Consuming, Fetching, produced, type Receipted } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";

const KEYS = 24;
const CALLS = 50;
const TOPIC = "chaos";

/** Each value once, and those of one key in the order they were written. */
const assertWhole = (what: string, records: readonly StoredRecord[], count: number): void => {
  const seen = new Set<number>();
  const last = new Map<string, number>();
  for (const { key, value } of records) {
    const number = Number(value);
    assert.ok(!seen.has(number), `${what}: ${number} twice`);
    assert.ok((last.get(String(key)) ?? -1) < number, `${what}: ${number} out of order`);
    seen.add(number);
    last.set(String(key), number);
  }
  assert.equal(seen.size, count, what);
};

/** Writes five records every few milliseconds, each with the next number. */
class Load {
  readonly #kafka: Kafka;
  readonly #receipts: Promise<Receipted>[] = [];
  readonly #running: Promise<void>;
  #on = true;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
    this.#running = this.#run();
  }

  /** Resolves when so many more have been written and acknowledged. */
  async more(count: number): Promise<void> {
    const until = this.#receipts.length + count;
    while (this.#receipts.length < until) await pause(5);
    await Promise.all(this.#receipts);
  }

  async end(): Promise<readonly Receipted[]> {
    this.#on = false;
    await this.#running;
    return Promise.all(this.#receipts);
  }

  async #run(): Promise<void> {
    for (; this.#on; await pause(5)) for (let each = 0; each < 5; each++) this.#send();
  }

  #send(): void {
    const number = this.#receipts.length;
    const headers = [{ name: "id", value: Buffer.from(String(number % CALLS)) }];
    const record = { key: Buffer.from(`key-${number % KEYS}`), value: Buffer.from(String(number)), headers };
    this.#receipts.push(produced(this.#kafka, { topic: TOPIC, acks: "in_sync_replicas" }, [record]));
  }
}

describe("a cluster whose brokers die one after the other", needs("kafka"), () => {
  let cluster: KafkaCluster;
  before(async () => {
    cluster = await startCluster();
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [...cluster.brokers] });
    await admin.createTopics({ topics: [TOPIC], partitions: 6, replicas: BROKERS });
    await admin.close();
    await raiseFeatures(cluster.brokers[0]!, CONSUMER_GROUPS.features);
  });
  after(async () => {
    await cluster.stop();
  });

  test("loses nothing that was acknowledged, doubles nothing, and keeps the order of each key", { timeout: 400_000 }, async () => {
    const bootstrap = cluster.brokers.map((broker) => ({ host: broker.split(":")[0]!, port: Number(broker.split(":")[1]) }));
    const { client, runtime } = clientOf(cluster.brokers[0]!, { timeoutMs: 120_000, bootstrap });
    const other = clientOf(cluster.brokers[0]!, { timeoutMs: 120_000, bootstrap, groupProtocol: "consumer" });
    await Promise.all([client.start(), other.client.start()]);
    const source = { kafka: client, source: client.source, clock: systemClock };
    const cached = new CachedKafka({ ...source, bootstrap: [TOPIC], from: () => "earliest", unread: () => {} });
    cached.start();
    const readers = [new Fetching(client, { topic: TOPIC }), new Fetching(cached, { topic: TOPIC })];
    const call = new Fetching(cached, { topic: TOPIC, from: "latest", correlated: { name: "id", value: Buffer.from("7") } });
    const member = new Consuming(client, { topics: [TOPIC], group: "chaos" });
    const newMember = new Consuming(other.client, { topics: [TOPIC], group: "chaos-consumer" });
    await call.started();

    const load = new Load(client);
    for (let broker = 0; broker < BROKERS; broker++) {
      await load.more(200);
      await cluster.crash(broker);
      await load.more(200); // The other two go on by themselves.
      await cluster.resume(broker);
      // Until all copies are there again, the next one must not die.
      await inSync(cluster.brokers);
    }
    const settled = await load.end();
    const count = settled.length;
    assert.deepEqual([...new Set(settled.map(({ status }) => status.code))], [Code.OK]);
    for (const reader of readers) await reader.until(count);
    for (const each of [member, newMember]) await each.until(({ records }) => records.length >= count);
    assertWhole("the client's reader", readers[0]!.records, count);
    assertWhole("the cache's reader", readers[1]!.records, count);
    assertWhole("the member", member.records, count);
    assertWhole("the member by the consumer protocol", newMember.records, count);
    const replies = Array.from({ length: count }, (_, number) => number).filter((number) => number % CALLS === 7).length;
    await call.until(replies);
    assert.equal(call.records.length, replies);
    assert.ok(runtime.lines.length < 60, `${runtime.lines.length} log lines`);
    for (const reader of [...readers, call, member, newMember]) reader.cancel();
    cached.close();
    await Promise.all([client.close(), other.client.close()]);
  });
});

/** Resolves when every partition has all its copies again. */
const inSync = async (brokers: readonly string[]): Promise<void> => {
  const admin = new Admin({ clientId: "test", bootstrapBrokers: [...brokers] });
  try {
    for (;;) {
      const { topics } = await admin.metadata({ topics: [TOPIC], forceUpdate: true });
      const partitions = topics.get(TOPIC)?.partitions ?? [];
      if (partitions.length > 0 && partitions.every(({ isr }) => isr.length === BROKERS)) return;
      await pause(200);
    }
  } finally {
    await admin.close();
  }
};
