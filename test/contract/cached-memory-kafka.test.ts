import { systemClock } from "../../src/core/clock.ts";
import { CachedKafka } from "../../src/kafka/log/cached.ts";
import { LogMemory } from "../../src/kafka/log/log-memory.ts";
import { KafkaSource } from "../../src/kafka/log/topic-source.ts";
import { MemoryKafka } from "../kit/memory-kafka.ts";
import { MemorySource } from "../kit/memory-source.ts";
import { kafkaContract } from "./kafka.ts";

/** With little memory, readers are behind it most of the time. */
for (const [name, bytesMax, from] of [
  ["in memory", 1 << 24, "earliest"],
  ["with hardly any memory", 1_000, "earliest"],
  ["that begins at the end, with little memory", 5_000, "latest"],
] as const)
  kafkaContract(
    `a cache ${name}`,
    async () => {
      const topics: Record<string, number> = {};
      const kafka = new MemoryKafka({ topics });
      const source = new MemorySource(kafka);
      const cached = new CachedKafka({
        kafka,
        source: new KafkaSource(() => source),
        clock: systemClock,
        bootstrap: [],
        from: () => from,
        unread: () => {},
        memory: new LogMemory(bytesMax),
      });
      return {
        kafka: cached,
        topic: async (partitions) => {
          const made = `topic-${Object.keys(topics).length}`;
          topics[made] = partitions;
          return made;
        },
        open: () => cached.open + kafka.members,
        close: async () => cached.close(),
      };
    },
    { timeoutMs: 10_000 },
  );
