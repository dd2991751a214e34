// Our client against Apache Kafka: the contract of a Kafka.
import { systemClock } from "../../src/core/clock.ts";
import { KafkaClient } from "../../src/kafka/client/client.ts";
import { Report } from "../../src/kafka/client/report.ts";
import { kafkaContract } from "../contract/kafka.ts";
import { missing } from "../kit/needs.ts";
import { testRuntime } from "../kit/runtime.ts";
import { sharedKafka } from "../kit/shared-kafka.ts";

if (!missing("kafka"))
  kafkaContract("the client over Apache Kafka", async () => {
    const shared = await sharedKafka();
    const runtime = testRuntime();
    const [host = "", port = ""] = shared.bootstrap.split(":");
    const report = new Report({ ...runtime, namespace: "test", binding: "kafka0" });
    const client = new KafkaClient({
      bootstrap: [{ host, port: Number(port) }],
      dial: { allows: () => true },
      clientId: "sluice-test",
      clock: systemClock,
      report,
    });
    await client.start();
    return {
      kafka: client,
      topic: async (partitions) => (await shared.topics({ contract: partitions })).contract,
      open: () => client.open,
      close: async () => {
        await client.close();
        await shared.stop();
        for (const line of runtime.lines) console.log(line);
      },
    };
  });
