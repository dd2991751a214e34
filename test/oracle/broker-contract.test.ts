// Our client, and the cache over it, on our broker: the contract of a Kafka, as on Apache Kafka.
import { describe } from "node:test";
import { startBroker } from "../../src/broker/start-broker.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { ClientOptions } from "../../src/kafka/client/client.ts";
import { CachedKafka } from "../../src/kafka/log/cached.ts";
import { kafkaContract } from "../contract/kafka.ts";
import { consumeClaims } from "../contract/kafka-consume.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { createTopics } from "../kit/topics.ts";

/** Five seconds else. */
const QUICK = { "group.consumer.heartbeat.interval.ms": "300" };

const begin = async (options: Partial<ClientOptions> = {}) => {
  const broker = await startBroker({ autoCreate: false, settings: QUICK });
  const { client } = clientOf(broker.bootstrap, options);
  await client.start();
  let made = 0;
  return {
    client,
    topic: async (partitions: number): Promise<string> => {
      const name = `contract-${++made}`;
      await createTopics(broker.bootstrap, { [name]: partitions });
      return name;
    },
    end: async () => {
      await client.close();
      await broker.close();
    },
  };
};

describe("the embedded broker", () => {
  kafkaContract("the client", async () => {
    const { client, topic, end } = await begin();
    return { kafka: client, topic, open: () => client.open, close: end };
  });

  kafkaContract(
    "the client by the consumer group protocol",
    async () => {
      const { client, topic, end } = await begin({ groupProtocol: "consumer" });
      return { kafka: client, topic, open: () => client.open, close: end };
    },
    { suites: [consumeClaims] },
  );

  kafkaContract("the cache over the client", async () => {
    const { client, topic, end } = await begin();
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
      topic,
      open: () => client.open + cached.open,
      close: async () => {
        cached.close();
        await end();
      },
    };
  });
});
