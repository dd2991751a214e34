import assert from "node:assert/strict";
import { test } from "node:test";
import kafkajs from "kafkajs";
import { startBroker } from "../../src/broker/start-broker.ts";

test("who looks for the coordinator of a group, then of a transaction, finds the internal topic of each; nobody writes to it", async () => {
  const broker = await startBroker();
  const kafka = new kafkajs.Kafka({ brokers: [broker.bootstrap], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ transactionalId: "tx", idempotent: true, maxInFlightRequests: 1 });
  try {
    await admin.connect();
    assert.deepEqual(await admin.listTopics(), []);
    await admin.fetchOffsets({ groupId: "g" });
    assert.deepEqual(await admin.listTopics(), ["__consumer_offsets"]);
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.abort();
    assert.deepEqual(await admin.listTopics(), ["__consumer_offsets", "__transaction_state"]);
    await assert.rejects(kafka.producer().send({ topic: "__consumer_offsets", messages: [{ value: "x" }] }));
  } finally {
    await producer.disconnect();
    await admin.disconnect();
    await broker.close();
  }
});
