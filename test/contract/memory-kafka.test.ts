import { MemoryKafka } from "../kit/memory-kafka.ts";
import { kafkaContract } from "./kafka.ts";

kafkaContract(
  "the memory Kafka",
  async () => {
    const topics: Record<string, number> = {};
    const kafka = new MemoryKafka({ topics });
    return {
      kafka,
      topic: async (partitions) => {
        const name = `topic-${Object.keys(topics).length}`;
        topics[name] = partitions;
        return name;
      },
      open: () => kafka.readers + kafka.members,
      close: async () => {},
    };
  },
  { timeoutMs: 5_000 },
);
