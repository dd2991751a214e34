// Our client, and the cache over it, against Apache Kafka: the contract of a Kafka.
import { describe } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { CachedKafka } from "../../src/kafka/log/cached.ts";
import { kafkaContract } from "../contract/kafka.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { needs } from "../kit/needs.ts";
import { sharedKafka } from "../kit/shared-kafka.ts";

describe("Apache Kafka", needs("kafka"), () => {
  kafkaContract("the client", async () => {
    const shared = await sharedKafka();
    const { client } = clientOf(shared.bootstrap);
    await client.start();
    return {
      kafka: client,
      topic: async (partitions) => (await shared.topics({ contract: partitions })).contract,
      open: () => client.open,
      close: async () => {
        await client.close();
        await shared.stop();
      },
    };
  });

  kafkaContract("the cache over the client", async () => {
    const shared = await sharedKafka();
    const { client } = clientOf(shared.bootstrap);
    await client.start();
    const cached = new CachedKafka({
      kafka: client,
      source: client.source,
      clock: systemClock,
      bootstrap: [],
      from: () => "earliest",
      unread: () => {},
    });
    cached.start();
    return {
      kafka: cached,
      topic: async (partitions) => (await shared.topics({ contract: partitions })).contract,
      open: () => client.open + cached.open,
      close: async () => {
        cached.close();
        await client.close();
        await shared.stop();
      },
    };
  });
});
