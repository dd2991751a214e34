// Our client while Apache Kafka is killed, is away, and comes back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { utf8 } from "../../src/core/bytes.ts";
import { Code } from "../../src/core/status.ts";
import { type KafkaServer, startKafka } from "../kafka-server/server.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { Consuming, Fetching, produced } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { createTopics } from "../kit/topics.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a broker that is killed and comes back", needs("kafka"), () => {
  let kafka: KafkaServer;
  before(async () => {
    kafka = await startKafka();
  });
  after(async () => {
    await kafka.stop();
  });

  test("idempotent produces that are under way are written once each, in order, and all get their receipt", {
    timeout: 120_000,
  }, async () => {
    await createTopics(kafka.bootstrap, { produces: 2 });
    const { client } = clientOf(kafka.bootstrap, { timeoutMs: 90_000 });
    await client.start();
    const receipts: Promise<{ readonly status: { readonly code: number } }>[] = [];
    let sent = 0;
    const send = (): void => {
      const value = utf8(String(sent++));
      receipts.push(produced(client, { topic: "produces", acks: "in_sync_replicas" }, [{ key: utf8("k"), value, headers: [] }]));
    };
    for (let round = 0; round < 200; round++) {
      for (let each = 0; each < 20; each++) send();
      await turn();
    }
    await receipts[100];
    for (let each = 0; each < 500; each++) send();
    await kafka.crash();
    for (let each = 0; each < 500; each++) send();
    await kafka.resume();
    for (let each = 0; each < 500; each++) send();
    const settled = await Promise.all(receipts);
    assert.deepEqual([...new Set(settled.map(({ status }) => status.code))], [Code.OK]);
    const reading = new Fetching(client, { topic: "produces" });
    await reading.until(sent);
    assert.deepEqual(
      reading.values,
      Array.from({ length: sent }, (_, index) => String(index)),
    );
    reading.cancel();
    await client.close();
  });

  test("readers and members go on where they were", { timeout: 120_000 }, async () => {
    await createTopics(kafka.bootstrap, { reads: 2 });
    const { client, runtime } = clientOf(kafka.bootstrap, { timeoutMs: 90_000 });
    await client.start();
    const write = async (from: number, to: number): Promise<void> => {
      for (let value = from; value < to; value++) {
        const record = { key: utf8(String(value)), value: utf8(String(value)), headers: [] };
        const { status } = await produced(client, { topic: "reads", acks: "in_sync_replicas" }, [record]);
        assert.equal(status.code, Code.OK);
      }
    };
    const reading = new Fetching(client, { topic: "reads" });
    const member = new Consuming(client, { topics: ["reads"], group: "readers" });
    await write(0, 50);
    await reading.until(50);
    await member.until(({ records }) => records.length >= 50);
    await kafka.crash();
    await kafka.resume();
    await write(50, 100);
    await reading.until(100);
    await member.until(({ records }) => records.length >= 100);
    const wanted = Array.from({ length: 100 }, (_, index) => String(index)).sort();
    assert.deepEqual([...reading.values].sort(), wanted);
    assert.deepEqual(member.records.map(({ value }) => Buffer.from(value ?? []).toString()).sort(), wanted);
    assert.ok(!member.events.some(({ kind }) => kind === "revoked"));
    assert.match(runtime.lines.join(""), /cannot connect to broker .* nobody listens there; it is tried again/);
    assert.match(runtime.lines.join(""), /connected to broker .* again/);
    assert.ok(runtime.lines.length < 30, `${runtime.lines.length} lines are too many:\n${runtime.lines.join("")}`);
    reading.cancel();
    member.cancel();
    await client.close();
  });

  test("a start while Kafka is away waits for nothing, and everything works once it is there", { timeout: 120_000 }, async () => {
    await createTopics(kafka.bootstrap, { late: 1 });
    await kafka.crash();
    const { client, runtime } = clientOf(kafka.bootstrap, { timeoutMs: 90_000 });
    await client.start();
    const reading = new Fetching(client, { topic: "late" });
    const receipt = produced(client, { topic: "late", acks: "leader_only" }, [{ key: null, value: utf8("v"), headers: [] }]);
    const expired = await produced(client, { topic: "late", acks: "leader_only", expiresMs: Date.now() + 100 }, [
      { key: null, value: utf8("too late"), headers: [] },
    ]);
    assert.equal(expired.status.code, Code.DEADLINE_EXCEEDED);
    await kafka.resume();
    assert.equal((await receipt).status.code, Code.OK);
    await reading.until(1);
    assert.deepEqual(reading.values, ["v"]);
    assert.ok(runtime.heard.some(({ event }) => event === "binding.kafka.broker.connection.failed"));
    reading.cancel();
    await client.close();
  });

  test("without a time of its own, a produce is given up after the timeout", { timeout: 120_000 }, async () => {
    await kafka.crash();
    const { client } = clientOf(kafka.bootstrap, { timeoutMs: 300 });
    await client.start();
    const { status } = await produced(client, { topic: "late", acks: "leader_only" }, [{ key: null, value: utf8("v"), headers: [] }]);
    assert.equal(status.code, Code.UNAVAILABLE);
    await client.close();
    await kafka.resume();
  });
});
