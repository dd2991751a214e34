// What a team writes by hand to have a call go through Kafka and back, as a process: a gRPC server of the usual library, a producer and a
// consumer of the usual client, and a map from correlation id to whoever waits.
//
//   node bench/peers/by-hand.ts BOOTSTRAP TOPIC
import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { serveUnary } from "./grpc-js.ts";

const [bootstrap = "", topic = ""] = process.argv.slice(2);
const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.ERROR });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: `by-hand-${randomUUID()}`, maxWaitTimeInMs: 500 });
const waiting = new Map<string, (reply: Buffer) => void>();

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic });
const joined = new Promise<void>((resolve) => consumer.on("consumer.group_join", () => resolve()));
await consumer.run({
  autoCommitInterval: 1_000,
  eachMessage: async ({ message }) => {
    const id = message.headers?.["correlation-id"]?.toString() ?? "";
    waiting.get(id)?.(message.value ?? Buffer.alloc(0));
    waiting.delete(id);
  },
});
await joined;

serveUnary(({ request }, done) => {
  const id = randomUUID();
  waiting.set(id, (reply) => done(null, reply));
  producer
    .send({ topic, acks: 1, messages: [{ key: id, value: request, headers: { "correlation-id": id } }] })
    .catch((error: unknown) => done(error instanceof Error ? error : new Error(String(error))));
});
