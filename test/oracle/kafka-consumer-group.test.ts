// Our members of groups of the consumer protocol (KIP-848) on Apache Kafka: the contract, among themselves, beside others, when they are
// cast out, when the coordinator goes away, and on brokers that do not speak the protocol.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import kafkajs from "kafkajs";
import { Code } from "../../src/core/status.ts";
import { kafkaContract } from "../contract/kafka.ts";
import { consumeClaims } from "../contract/kafka-consume.ts";
import { consumerProtocolClaims, numbers, texts, written } from "../contract/kafka-consumer-protocol.ts";
import { CONSUMER_GROUPS } from "../kafka-server/features.ts";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import { type KafkaServer, startKafka } from "../kafka-server/server.ts";
import { clientOf, type TestClient } from "../kit/client-kafka.ts";
import { held, release } from "../kit/group-members.ts";
import { Consuming } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { start, stop } from "../kit/processes.ts";
import { pythonWithClients } from "../kit/python.ts";
import { sharedKafka } from "../kit/shared-kafka.ts";
import { createTopics } from "../kit/topics.ts";

const PYTHON_MEMBER = fileURLToPath(new URL("consumer_member.py", import.meta.url));

type Command = readonly [program: string, args: readonly string[]];

/** Members that share no code with us, and print the value of each record; `command` rejects where they cannot be had. */
const FOREIGN: readonly { readonly name: string; command(bootstrap: string, topic: string): Promise<Command> }[] = [
  {
    name: "Apache Kafka's own client",
    command: async (bootstrap, topic) => [
      "java",
      [
        ...["-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", `${await jarsOf(KAFKA_VERSION)}/*`],
        ...["org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", bootstrap, "--topic", topic, "--group", topic],
        ...["--command-property", "group.protocol=consumer", "--command-property", "auto.commit.interval.ms=100"],
      ],
    ],
  },
  {
    name: "librdkafka",
    command: async (bootstrap, topic) => [await pythonWithClients(), [PYTHON_MEMBER, bootstrap, topic, topic]],
  },
];

/** A program that runs, and the lines it has printed. */
class Printing {
  readonly #child: ChildProcess;
  readonly #looks = new Set<() => void>();
  #printed = "";

  constructor(...[program, args]: Command) {
    this.#child = start(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#printed += chunk;
      for (const look of this.#looks) look();
    });
  }

  get lines(): readonly string[] {
    return this.#printed.split("\n").filter((line) => line !== "");
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((settle) => this.#looks.add(() => void (holds() && settle())));
  }

  async end(): Promise<void> {
    await stop(this.#child);
  }
}

describe("members by the consumer protocol", needs("kafka"), () => {
  let kafka: KafkaServer;
  let mine: TestClient;
  let other: TestClient;
  let classic: TestClient;
  let made = 0;
  before(async () => {
    kafka = await startKafka(CONSUMER_GROUPS);
    mine = clientOf(kafka.bootstrap, { groupProtocol: "consumer" });
    other = clientOf(kafka.bootstrap, { groupProtocol: "consumer" });
    classic = clientOf(kafka.bootstrap);
    await Promise.all([mine, other, classic].map(({ client }) => client.start()));
  });
  after(async () => {
    await Promise.all([mine, other, classic].map(({ client }) => client.close()));
    await kafka.stop();
  });

  const newTopic = async (partitions: number): Promise<string> => {
    const topic = `topic-${++made}`;
    await createTopics(kafka.bootstrap, { [topic]: partitions });
    return topic;
  };
  const write = (topic: string, from: number, to: number): Promise<void> => written(mine.client, topic, numbers(from, to));

  kafkaContract("the client", async () => ({ kafka: mine.client, topic: newTopic, open: () => mine.client.open, close: async () => {} }), {
    suites: [consumeClaims],
  });

  consumerProtocolClaims({
    bootstrap: () => kafka.bootstrap,
    clients: () => [mine.client, other.client],
    classic: () => classic.client,
    topic: newTopic,
  });

  for (const { name, command } of FOREIGN)
    test(`partitions are shared with a member of ${name}, and nothing is lost`, { timeout: 120_000 }, async (t) => {
      const topic = await newTopic(4);
      const told = await command(kafka.bootstrap, topic).catch((reason: unknown) => String(reason).slice(0, 200));
      if (typeof told === "string") return t.skip(told);
      await write(topic, 0, 20);
      const member = new Consuming(mine.client, { topics: [topic], group: topic });
      release(member);
      await member.until(({ records }) => records.length >= 20);
      const done = (): void => {
        for (const { partition, offset } of member.records) member.send({ kind: "done", topic, partition, offsets: [offset] });
      };
      done();
      const foreign = new Printing(...told);
      await member.until((one) => held(one).length === 2);
      await write(topic, 20, 60);
      const seen = (): ReadonlySet<string> => new Set([...texts([member]), ...foreign.lines]);
      await Promise.race([member.until(() => seen().size === 60), foreign.until(() => seen().size === 60)]);
      done();
      assert.deepEqual([...seen()].sort(), [...numbers(0, 60)].sort());
      assert.ok(foreign.lines.length >= 5, "the other has had a share");
      await foreign.end();
      await member.until((one) => held(one).length === 4);
      member.cancel();
      return undefined;
    });

  for (const [whose, assigner, words] of [
    ["the original's members", "rebalance", "is still held by the original's members \\(protocol rebalance\\); stop them"],
    ["members of another kind", "foreign", "is held by members of another protocol .*set 'group-protocol: classic'"],
  ] as const)
    test(`a group that is held by ${whose} is reported as just that, and joined when they are gone`, async () => {
      const topic = await newTopic(1);
      const consumer = await holdBy(kafka.bootstrap, topic, assigner);
      const told = new Promise<string>((resolve) => {
        const unlisten = mine.runtime.events.listen(({ event, message }) => {
          if (event !== "binding.kafka.group.held") return;
          unlisten();
          resolve(message);
        });
      });
      const member = new Consuming(mine.client, { topics: [topic], group: topic });
      assert.match(await told, new RegExp(`group '${topic}' ${words}`));
      await consumer.disconnect();
      await member.until((one) => held(one).length === 1);
      member.cancel();
    });

  test("a member goes on where it was when its broker is killed and comes back", { timeout: 90_000 }, async () => {
    const topic = await newTopic(2);
    const member = new Consuming(mine.client, { topics: [topic], group: topic });
    await write(topic, 0, 30);
    await member.until(({ records }) => records.length >= 30);
    await kafka.crash();
    await kafka.resume();
    await write(topic, 30, 60);
    await member.until(() => new Set(texts([member])).size >= 60);
    assert.deepEqual([...new Set(texts([member]))].sort(), [...numbers(0, 60)].sort());
    member.cancel();
  });
});

describe("a broker without the consumer protocol", needs("kafka"), () => {
  /** Joins, and is told why it cannot. */
  const refusedBy = async (bootstrap: string): Promise<void> => {
    await createTopics(bootstrap, { "no-protocol": 1 });
    const { client, runtime } = clientOf(bootstrap, { groupProtocol: "consumer" });
    await client.start();
    const { code, message } = await new Consuming(client, { topics: ["no-protocol"], group: "g" }).ended();
    await client.close();
    assert.equal(code, Code.FAILED_PRECONDITION);
    assert.match(message, /group 'g'.*it does not speak the consumer group protocol.*set 'group-protocol: classic' in the options/);
    assert.deepEqual(
      runtime.heard.map(({ event }) => event),
      ["binding.kafka.group.protocol.unsupported"],
    );
  };

  test("is named as that where it is switched off, as Apache Kafka 4.3.1 may have it", async () => {
    const shared = await sharedKafka();
    await refusedBy(shared.bootstrap).finally(() => shared.stop());
  });

  test("is named as that where it is older, as Apache Kafka 3.9.2 is", { timeout: 90_000 }, async () => {
    const kafka = await startKafka({ version: "3.9.2" });
    await refusedBy(kafka.bootstrap).finally(() => kafka.stop());
  });
});

/** As the original subscribes, as far as a broker can tell, or with what no broker can read. */
const ASSIGNERS: Readonly<Record<"rebalance" | "foreign", kafkajs.PartitionAssigner>> = {
  rebalance: ({ cluster, groupId, logger }) => {
    const assigner = kafkajs.PartitionAssigners.roundRobin({ cluster, groupId, logger });
    return { ...assigner, name: "rebalance", protocol: (subscription) => ({ ...assigner.protocol(subscription), name: "rebalance" }) };
  },
  foreign: () => ({
    ...{ name: "foreign", version: 0 },
    protocol: () => ({ name: "foreign", metadata: Buffer.from([0, 0, 0x7f]) }),
    assign: async () => [],
  }),
};

/** A member of the classic protocol, once it has joined. */
const holdBy = async (bootstrap: string, topic: string, assigner: keyof typeof ASSIGNERS): Promise<kafkajs.Consumer> => {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: topic, partitionAssigners: [ASSIGNERS[assigner]] });
  await consumer.connect();
  await consumer.subscribe({ topic });
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  });
  await consumer.run({ eachMessage: async () => {} });
  await joined;
  return consumer;
};
