// Topics of Apache Kafka that lose records, are deleted, made anew, or come into being under our client and its cache.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Admin } from "@platformatic/kafka";
import { systemClock } from "../../src/core/clock.ts";
import { Code } from "../../src/core/status.ts";
import { CachedKafka } from "../../src/kafka/log/cached.ts";
import type { Kafka } from "../../src/ports/kafka.ts";
import { clientOf, type TestClient } from "../kit/client-kafka.ts";
import { Consuming, Fetching, produced } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { recordWith } from "../kit/receipts.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";

const cacheOf = ({ client }: TestClient): CachedKafka =>
  new CachedKafka({ kafka: client, source: client.source, clock: systemClock, bootstrap: [], from: () => "earliest", unread: () => {} });

describe("topics that change", needs("kafka"), () => {
  let shared: SharedKafka;
  let mine: TestClient;
  let cached: CachedKafka;
  let admin: Admin;
  before(async () => {
    shared = await sharedKafka();
    mine = clientOf(shared.bootstrap);
    await mine.client.start();
    cached = cacheOf(mine);
    admin = new Admin({ clientId: "test", bootstrapBrokers: [shared.bootstrap] });
  });
  after(async () => {
    await admin.close();
    cached.close();
    await mine.client.close();
    await shared.stop();
  });

  const write = async (topic: string, ...values: readonly string[]): Promise<void> => {
    for (const value of values) {
      const { status } = await produced(mine.client, { topic, acks: "in_sync_replicas" }, [recordWith(value)]);
      assert.deepEqual(status, { code: Code.OK, message: "" });
    }
  };
  const remake = async (topic: string): Promise<void> => {
    await admin.deleteTopics({ topics: [topic] });
    for (let round = 0; (await admin.listTopics()).includes(topic); round++) assert.ok(round < 1_000);
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
  };
  const both = (): readonly (readonly [name: string, kafka: Kafka])[] => [
    ["the client", mine.client],
    ["the cache", cached],
  ];

  test("a position whose records were deleted is OUT_OF_RANGE; from the earliest, reading begins at what is left", async () => {
    const { topic } = await shared.topics({ topic: 1 });
    await write(topic, "a", "b", "c", "d");
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 2n }] }] });
    for (const [name, kafka] of both()) {
      const status = await new Fetching(kafka, { topic, from: new Map([[0, 1]]) }).ended();
      assert.equal(status.code, Code.OUT_OF_RANGE, name);
      const reading = new Fetching(kafka, { topic });
      await reading.until(2);
      assert.deepEqual(reading.values, ["c", "d"], name);
      reading.cancel();
    }
  });

  test("a topic that is made anew: waiting calls end, produces go on, and a new reader reads the new one", {
    timeout: 60_000,
  }, async () => {
    const { topic } = await shared.topics({ topic: 1 });
    await write(topic, "old-1", "old-2", "old-3");
    const call = new Fetching(cached, { topic, from: "latest", correlated: { name: "id", value: Buffer.from("1") } });
    const reading = new Fetching(mine.client, { topic });
    await call.started();
    await reading.until(3);
    await remake(topic);
    assert.equal((await call.ended()).code, Code.UNAVAILABLE);
    const { code } = await reading.ended();
    assert.ok(code === Code.OUT_OF_RANGE || code === Code.FAILED_PRECONDITION, String(code));
    await write(topic, "new-1", "new-2");
    for (const [name, kafka] of both()) {
      const again = new Fetching(kafka, { topic });
      await again.until(2);
      assert.deepEqual(again.values, ["new-1", "new-2"], name);
      again.cancel();
    }
  });

  test("a member goes on with a topic that was made anew, from its beginning", { timeout: 60_000 }, async () => {
    const { topic } = await shared.topics({ topic: 1 });
    const group = `group-${topic}`;
    await write(topic, "old-1", "old-2");
    let member = new Consuming(mine.client, { topics: [topic], group });
    await member.until(({ records }) => records.length >= 2);
    member.send({ kind: "done", topic, partition: 0, offsets: [0, 1] });
    await remake(topic);
    await write(topic, "new-1");
    const got = (): boolean => member.records.some(({ value }) => String(value) === "new-1");
    // It may have ended in between, when the topic was seen to be gone; whoever consumes begins again then.
    for (let round = 0; round < 5 && !got(); round++) {
      await member.until(got).catch(() => {
        member = new Consuming(mine.client, { topics: [topic], group });
      });
    }
    assert.ok(got());
    member.cancel();
  });

  test("a topic that comes into being while a bootstrap waits for it is read then", { timeout: 30_000 }, async () => {
    const topic = `late-${Date.now()}-${process.pid}`;
    const told: string[] = [];
    const cache = new CachedKafka({
      kafka: mine.client,
      source: mine.client.source,
      clock: systemClock,
      bootstrap: [topic],
      from: () => "earliest",
      unread: (name, { message }) => told.push(`${name}: ${message}`),
    });
    cache.start();
    while (told.length === 0) await turn();
    assert.match(told[0]!, /does not exist/);
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
    await write(topic, "v");
    const reading = new Fetching(cache, { topic });
    await reading.until(1);
    reading.cancel();
    cache.close();
    await admin.deleteTopics({ topics: [topic] });
  });
});
