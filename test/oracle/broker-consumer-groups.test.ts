// Groups of the consumer protocol (KIP-848) on the embedded broker, with members of @platformatic/kafka and of Apache Kafka's own client.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import type { KafkaClient } from "../../src/kafka/client/client.ts";
import type { GroupProtocol } from "../../src/kafka/client/group-calls.ts";
import { consumerProtocolClaims } from "../contract/kafka-consumer-protocol.ts";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { held, release } from "../kit/group-members.ts";
import { Consuming } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail } from "../kit/processes.ts";
import { createTopics } from "../kit/topics.ts";

const PARTITIONS = 4;
const RECORDS = 20;
const WAIT_MS = 40_000;

let broker: RunningBroker;
before(async () => {
  broker = await startBroker({ partitions: PARTITIONS, settings: { "group.consumer.heartbeat.interval.ms": "300" } });
});
after(() => broker.close());

const filled = async (topic: string): Promise<void> => {
  const admin = new Admin({ clientId: "test", bootstrapBrokers: [broker.bootstrap] });
  await admin.createTopics({ topics: [topic], partitions: PARTITIONS });
  await admin.close();
  const producer = new Producer({ clientId: "test", bootstrapBrokers: [broker.bootstrap], serializers: stringSerializers });
  await producer.send({ messages: Array.from({ length: RECORDS }, (_, at) => ({ topic, partition: at % PARTITIONS, value: `${at}` })) });
  await producer.close();
};

const until = async (what: string, is: () => boolean): Promise<void> => {
  for (const end = Date.now() + WAIT_MS; !is(); await setImmediate()) assert.ok(Date.now() < end, `${what}: not within ${WAIT_MS} ms`);
};

const memberOf = async (group: string, topic: string) => {
  const consumer = new Consumer({
    clientId: "test",
    groupId: group,
    groupProtocol: "consumer",
    bootstrapBrokers: [broker.bootstrap],
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest" });
  let read = 0;
  stream.on("data", () => {
    read += 1;
  });
  return {
    read: () => read,
    partitions: () => (consumer.assignments ?? []).flatMap(({ partitions }) => partitions).length,
    close: () => consumer.close(true),
  };
};

test("two members of @platformatic/kafka share a topic, and one has all when the other has left", { timeout: 120_000 }, async () => {
  await filled("shared");
  const first = await memberOf("g-shared", "shared");
  await until("all records", () => first.read() === RECORDS);
  const second = await memberOf("g-shared", "shared");
  await until("half each", () => first.partitions() === 2 && second.partitions() === 2);
  await second.close();
  await until("all for one", () => first.partitions() === PARTITIONS);
  await first.close();
});

describe("our own client", () => {
  let clients: readonly [KafkaClient, KafkaClient, KafkaClient];
  let made = 0;
  before(async () => {
    const client = (groupProtocol: GroupProtocol): KafkaClient => clientOf(broker.bootstrap, { groupProtocol }).client;
    clients = [client("consumer"), client("consumer"), client("classic")];
    await Promise.all(clients.map((each) => each.start()));
  });
  after(() => Promise.all(clients.map((each) => each.close())));

  consumerProtocolClaims({
    bootstrap: () => broker.bootstrap,
    clients: () => [clients[0], clients[1]],
    classic: () => clients[2],
    topic: async (partitions) => {
      const topic = `ours-${++made}`;
      await createTopics(broker.bootstrap, { [topic]: partitions });
      return topic;
    },
  });

  test("shares a group with a member of @platformatic/kafka, and nothing is lost", { timeout: 120_000 }, async () => {
    await filled("mixed");
    const ours = new Consuming(clients[0], { topics: ["mixed"], group: "g-mixed" });
    release(ours);
    await ours.until(({ records }) => records.length === RECORDS);
    const theirs = await memberOf("g-mixed", "mixed");
    await ours.until((member) => held(member).length === 2);
    await until("half each, and what was not done again", () => theirs.partitions() === 2 && theirs.read() === RECORDS / 2);
    await theirs.close();
    await ours.until((member) => held(member).length === PARTITIONS);
    ours.cancel();
  });
});

describe("Apache Kafka's own client", needs("kafka"), () => {
  const tool = async (name: string, ...args: readonly string[]): Promise<string> => {
    const flags = ["-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", `${await jarsOf(KAFKA_VERSION)}/*`];
    const output = await runOrFail("java", {
      args: [...flags, `org.apache.kafka.tools.consumer.${name}`, "--bootstrap-server", broker.bootstrap, ...args],
      timeoutMs: 60_000,
    });
    return output.toString();
  };

  for (const protocol of ["classic", "consumer"])
    test(`reads a topic to its end by the ${protocol} protocol, and its tools tell how far`, { timeout: 150_000 }, async () => {
      const topic = `java-${protocol}`;
      await filled(topic);
      const reading = ["--topic", topic, "--group", topic, "--from-beginning", "--max-messages", `${RECORDS}`, "--timeout-ms", "30000"];
      const read = await tool("ConsoleConsumer", ...reading, "--command-property", `group.protocol=${protocol}`);
      assert.deepEqual(
        read
          .trim()
          .split("\n")
          .map(Number)
          .sort((one, other) => one - other),
        Array.from({ length: RECORDS }, (_, at) => at),
      );
      const told = await tool("group.ConsumerGroupCommand", "--describe", "--group", topic);
      const rows = told.split("\n").filter((line) => line.startsWith(topic));
      assert.deepEqual(rows.map((row) => row.split(/\s+/).slice(2, 6).join(" ")).sort(), ["0 5 5 0", "1 5 5 0", "2 5 5 0", "3 5 5 0"]);
    });
});
