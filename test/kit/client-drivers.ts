// Clients of Kafka that share no code with us, each behind the same few actions.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import kafkajs from "kafkajs";
import { jarsOf, KAFKA_VERSION } from "../kafka-server/jars.ts";
import type { Need } from "./needs.ts";
import { isInstalled, runOrFail, start, stop } from "./processes.ts";
import { pythonWithClients } from "./python.ts";

export interface At {
  readonly bootstrap: string;
  readonly topic: string;
}

export interface ClientDriver {
  readonly name: string;
  readonly needs: readonly Need[];
  /** Why it cannot be had; undefined when it can. */
  missing(): Promise<string | undefined>;
  produce(at: At, values: readonly string[]): Promise<void>;
  /** As a member of a group that nobody else is in. */
  consume(at: At, count: number): Promise<readonly string[]>;
  /** A member that reads until the returned function is called; twice is harmless. */
  join(at: At, group: string): Promise<() => Promise<void>>;
  /** Writes `aborted` in a transaction that is aborted, then `committed` in one that is committed. Absent: it has no transactions. */
  transact?(at: At): Promise<void>;
}

const SESSION_MS = 6_000;
const TIMEOUT_MS = 60_000;
const linesOf = (output: Buffer): readonly string[] => output.toString().trim().split("\n");
const here = async (): Promise<undefined> => undefined;

const quiet = (bootstrap: string): kafkajs.Kafka => new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING });

/** Reads in a group; the function ends it. */
const kafkajsMember = async ({ bootstrap, topic }: At, groupId: string, read: (value: string) => void): Promise<() => Promise<void>> => {
  const consumer = quiet(bootstrap).consumer({ groupId, sessionTimeout: SESSION_MS, heartbeatInterval: 200, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => read(String(message.value)) });
  return () => consumer.disconnect();
};

const byKafkajs: ClientDriver = {
  name: "kafkajs",
  needs: [],
  missing: here,
  async produce({ bootstrap, topic }, values) {
    const producer = quiet(bootstrap).producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ value })) });
    await producer.disconnect();
  },
  async consume(at, count) {
    const values: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = await kafkajsMember(at, `read-${at.topic}`, (value) => values.push(value) === count && resolve());
    await promise;
    await end();
    return values;
  },
  join: (at, group) => kafkajsMember(at, group, () => {}),
  async transact({ bootstrap, topic }) {
    const producer = quiet(bootstrap).producer({ transactionalId: `tx-${topic}`, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (const [value, how] of [["aborted", "abort"] as const, ["committed", "commit"] as const]) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await transaction[how]();
    }
    await producer.disconnect();
  },
};

const platformaticMember = async ({ bootstrap, topic }: At, groupId: string) => {
  const consumer = new Consumer({
    ...{ clientId: "test", bootstrapBrokers: [bootstrap], groupId, deserializers: stringDeserializers },
    ...{ sessionTimeout: SESSION_MS, rebalanceTimeout: SESSION_MS, heartbeatInterval: 200 },
  });
  return { consumer, stream: await consumer.consume({ topics: [topic], mode: "earliest", autocommit: true }) };
};

const byPlatformatic: ClientDriver = {
  name: "@platformatic/kafka",
  needs: [],
  missing: here,
  async produce({ bootstrap, topic }, values) {
    const producer = new Producer({ clientId: "test", bootstrapBrokers: [bootstrap], serializers: stringSerializers });
    await producer.send({ messages: values.map((value) => ({ topic, key: value, value })) });
    await producer.close();
  },
  async consume(at, count) {
    const { consumer, stream } = await platformaticMember(at, `read-${at.topic}`);
    const values: string[] = [];
    for await (const { value } of stream) if (values.push(String(value)) === count) break;
    await consumer.close(true);
    return values;
  },
  async join(at, group) {
    const { consumer, stream } = await platformaticMember(at, group);
    stream.resume();
    let ending: Promise<void> | undefined;
    return () => {
      ending ??= consumer.close(true);
      return ending;
    };
  },
  async transact({ bootstrap, topic }) {
    const options = { clientId: "test", bootstrapBrokers: [bootstrap], serializers: stringSerializers };
    const producer = new Producer({ ...options, idempotent: true, transactionalId: `tx-${topic}` });
    for (const [value, how] of [["aborted", "abort"] as const, ["committed", "commit"] as const]) {
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: [{ topic, key: value, value }] });
      await transaction[how]();
    }
    await producer.close();
  },
};

const kcatMember = ({ bootstrap, topic }: At, group: string, ...more: readonly string[]): readonly string[] => [
  ...["-G", group, "-q", "-b", bootstrap, "-X", "auto.offset.reset=earliest", "-X", `session.timeout.ms=${SESSION_MS}`],
  ...more,
  topic,
];

const byKcat: ClientDriver = {
  name: "librdkafka (kcat)",
  needs: ["kcat"],
  missing: here,
  async produce({ bootstrap, topic }, values) {
    await runOrFail("kcat", { args: ["-P", "-b", bootstrap, "-t", topic], input: values.join("\n") });
  },
  consume: async (at, count) => linesOf(await runOrFail("kcat", { args: kcatMember(at, `read-${at.topic}`, "-c", String(count)) })),
  async join(at, group) {
    const child = start("kcat", kcatMember(at, group), { stdio: "ignore" });
    return async () => void (await stop(child));
  },
};

const SCRIPT = fileURLToPath(new URL("../oracle/clients.py", import.meta.url));

const noPython = async (): Promise<string | undefined> => {
  if (!isInstalled("python3")) return "python3 not found";
  return pythonWithClients().then(
    () => undefined,
    (reason: unknown) => `Python's clients could not be installed: ${String(reason).slice(0, 200)}`,
  );
};

const byPython = (name: string): ClientDriver => {
  const ask = async (action: string, { bootstrap, topic }: At, { more = "", input = "" } = {}): Promise<Buffer> =>
    runOrFail(await pythonWithClients(), { args: [SCRIPT, name, action, bootstrap, topic, more], input, timeoutMs: TIMEOUT_MS });
  return {
    name,
    needs: [],
    missing: noPython,
    produce: async (at, values) => void (await ask("produce", at, { input: values.join("\n") })),
    consume: async (at, count) => linesOf(await ask("consume", at, { more: String(count) })),
    async join({ bootstrap, topic }, group) {
      const args = [SCRIPT, name, "member", bootstrap, topic, group];
      const child = start(await pythonWithClients(), args, { stdio: ["pipe", "ignore", "ignore"] });
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      return async () => {
        child.stdin?.end();
        await ended;
      };
    },
    transact: async (at) => void (await ask("transact", at)),
  };
};

const TRANSACT = fileURLToPath(new URL("../oracle/Transact.java", import.meta.url));
const TOOLS = "org.apache.kafka.tools";

const java = async (...args: readonly string[]): Promise<readonly string[]> => [
  ...["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", join(await jarsOf(KAFKA_VERSION), "*")],
  ...args,
];
const javaMember = ({ bootstrap, topic }: At, group: string, ...more: readonly string[]): Promise<readonly string[]> => {
  const properties = ["auto.offset.reset=earliest", `session.timeout.ms=${SESSION_MS}`, "heartbeat.interval.ms=200"];
  const args = ["--bootstrap-server", bootstrap, "--topic", topic, "--group", group, ...more];
  return java(`${TOOLS}.consumer.ConsoleConsumer`, ...args, ...properties.flatMap((each) => ["--command-property", each]));
};

const byJava: ClientDriver = {
  name: "Java clients",
  needs: ["kafka"],
  missing: here,
  async produce({ bootstrap, topic }, values) {
    const args = await java(`${TOOLS}.ConsoleProducer`, "--bootstrap-server", bootstrap, "--topic", topic);
    await runOrFail("java", { args, input: values.join("\n"), timeoutMs: TIMEOUT_MS });
  },
  async consume(at, count) {
    const args = await javaMember(at, `read-${at.topic}`, "--max-messages", String(count));
    return linesOf(await runOrFail("java", { args, timeoutMs: TIMEOUT_MS }));
  },
  async join(at, group) {
    const child = start("java", await javaMember(at, group), { stdio: "ignore" });
    return async () => void (await stop(child));
  },
  async transact({ bootstrap, topic }) {
    await runOrFail("java", { args: await java(TRANSACT, bootstrap, topic), timeoutMs: TIMEOUT_MS });
  },
};

export const DRIVERS: readonly ClientDriver[] = [
  byKafkajs,
  byPlatformatic,
  byKcat,
  byPython("confluent-kafka"),
  byPython("kafka-python"),
  byPython("aiokafka"),
  byJava,
];
