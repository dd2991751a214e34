// Groups of the embedded broker with members that share no code with it: kafkajs, librdkafka (kcat), @platformatic/kafka, and our own.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Admin, Consumer, stringDeserializers } from "@platformatic/kafka";
import kafkajs from "kafkajs";
import { type RunningBroker, startBroker } from "../../src/broker/start-broker.ts";
import { clientOf } from "../kit/client-kafka.ts";
import { Consuming } from "../kit/kafka-callers.ts";
import { needs } from "../kit/needs.ts";
import { runOrFail, start, stop } from "../kit/processes.ts";

const PARTITIONS = 4;
const PER_PARTITION = 5;
const WAIT_MS = 20_000;

let broker: RunningBroker;
let kafka: kafkajs.Kafka;
before(async () => {
  broker = await startBroker({ partitions: PARTITIONS });
  kafka = new kafkajs.Kafka({ brokers: [broker.bootstrap], logLevel: kafkajs.logLevel.NOTHING });
});
after(() => broker.close());

const withAdmin = async <T>(work: (admin: kafkajs.Admin) => Promise<T>): Promise<T> => {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

/** A topic with a few records in each partition. */
const filled = async (topic: string): Promise<void> => {
  await withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] }));
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: PARTITIONS * PER_PARTITION }, (_, at) => ({ partition: at % PARTITIONS, value: String(at) }));
  await producer.send({ topic, messages });
  await producer.disconnect();
};

/** Looks until it is so; each look asks the broker. */
const until = async (what: string, is: () => Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + WAIT_MS; !(await is()); await setImmediate())
    assert.ok(Date.now() < end, `${what}: not within ${WAIT_MS} ms`);
};

const described = async (group: string): Promise<{ readonly state: string; readonly shares: readonly number[] }> =>
  withAdmin(async (admin) => {
    const [one] = (await admin.describeGroups([group])).groups;
    const shares = (one?.members ?? []).map(({ memberAssignment }) => {
      const { assignment = {} } =
        memberAssignment.length > 0 ? (kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment) ?? {}) : {};
      return Object.values(assignment).flat().length;
    });
    return { state: one?.state ?? "", shares: shares.sort() };
  });

const isShared =
  (group: string, ...shares: number[]): (() => Promise<boolean>) =>
  async () => {
    const now = await described(group);
    return now.state === "Stable" && now.shares.join() === shares.join();
  };

/** Of each partition; -1: nothing. */
const committed = (group: string, topic: string): Promise<readonly number[]> =>
  withAdmin(async (admin) => {
    const [of] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return (of?.partitions ?? []).sort((one, other) => one.partition - other.partition).map(({ offset }) => Number(offset));
  });

const ALL = Array.from({ length: PARTITIONS }, () => PER_PARTITION);

/** A member of kafkajs that reads everything into `read`. */
const kafkajsMember = async (t: TestContext, topic: string, read: string[]): Promise<kafkajs.Consumer> => {
  const consumer = kafka.consumer({ groupId: `g-${topic}`, sessionTimeout: 6_000, heartbeatInterval: 200 });
  t.after(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void read.push(String(message.value)) });
  return consumer;
};

describe("kafkajs", () => {
  test("two members share a topic, what one leaves goes to the other, and nothing is read twice", { timeout: 60_000 }, async (t) => {
    await filled("kafkajs");
    const read: string[] = [];
    const first = await kafkajsMember(t, "kafkajs", read);
    await until("all records", async () => read.length >= PARTITIONS * PER_PARTITION);
    const second = await kafkajsMember(t, "kafkajs", read);
    await until("half each", isShared("g-kafkajs", 2, 2));
    await first.disconnect();
    await until("all for one", isShared("g-kafkajs", 4));
    await second.disconnect();
    assert.deepEqual([(await described("g-kafkajs")).state, read.length], ["Empty", PARTITIONS * PER_PARTITION]);
    assert.deepEqual(await committed("g-kafkajs", "kafkajs"), ALL);
  });

  test("a group is reset, and deleted with its offsets", { timeout: 60_000 }, async () => {
    await filled("reset");
    await withAdmin(async (admin) => {
      await admin.setOffsets({ groupId: "g-reset", topic: "reset", partitions: [{ partition: 1, offset: "3" }] });
      assert.deepEqual(await committed("g-reset", "reset"), [-1, 3, -1, -1]);
      await admin.deleteGroups(["g-reset"]);
      assert.equal(
        (await admin.listGroups()).groups.some(({ groupId }) => groupId === "g-reset"),
        false,
      );
    });
    assert.deepEqual(await committed("g-reset", "reset"), [-1, -1, -1, -1]);
  });

  test("offsets of a transaction count when it is committed, and not when it is aborted", { timeout: 60_000 }, async () => {
    await filled("sent");
    const producer = kafka.producer({ transactionalId: "tx", idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const send = async (offset: string): Promise<kafkajs.Transaction> => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: "sent", messages: [{ value: "x" }] });
      const topics = [{ topic: "sent", partitions: [{ partition: 0, offset }] }];
      await transaction.sendOffsets({ consumerGroupId: "g-sent", topics });
      return transaction;
    };
    await (await send("2")).commit();
    await until("the committed offset", async () => (await committed("g-sent", "sent"))[0] === 2);
    await (await send("4")).abort();
    assert.equal((await committed("g-sent", "sent"))[0], 2);
    await producer.disconnect();
  });
});

describe("librdkafka", needs("kcat"), () => {
  const kcat = (group: string, topic: string, ...more: string[]): readonly string[] => [
    ...["-G", group, "-q", "-b", broker.bootstrap, "-X", "auto.offset.reset=earliest", "-X", "session.timeout.ms=6000"],
    ...more,
    topic,
  ];

  test("a member reads a topic to its end, and the next one goes on from there", { timeout: 60_000 }, async () => {
    await filled("kcat");
    const count = PARTITIONS * PER_PARTITION;
    const output = await runOrFail("kcat", { args: kcat("g-kcat", "kcat", "-c", String(count)), timeoutMs: WAIT_MS });
    assert.equal(output.toString().trim().split("\n").length, count);
    assert.deepEqual(await committed("g-kcat", "kcat"), ALL);
  });

  for (const strategy of ["range", "cooperative-sticky"])
    test(`two members share by ${strategy}, and one that is killed is missed after its session`, { timeout: 60_000 }, async () => {
      const group = `g-${strategy}`;
      await filled(group);
      const args = kcat(group, group, "-X", `partition.assignment.strategy=${strategy}`);
      const [one, other] = [start("kcat", args, { stdio: "ignore" }), start("kcat", args, { stdio: "ignore" })];
      await until("half each", isShared(group, 2, 2));
      one.kill("SIGKILL");
      await until("all for one", isShared(group, 4));
      await Promise.all([stop(one), stop(other)]);
    });

  test("a static member that comes back within its session has what it had, and nobody gathers", { timeout: 60_000 }, async () => {
    await filled("static");
    const args = kcat("g-static", "static", "-X", "group.instance.id=i");
    const one = start("kcat", args, { stdio: "ignore" });
    await until("all for one", isShared("g-static", 4));
    await stop(one);
    const other = start("kcat", args, { stdio: "ignore" });
    await until("all for one again", isShared("g-static", 4));
    await stop(other);
  });

  test("our own client shares with it, and has all when it has gone", { timeout: 60_000 }, async (t) => {
    await filled("own");
    const { client } = clientOf(broker.bootstrap);
    await client.start();
    t.after(() => client.close());
    const member = new Consuming(client, { topics: ["own"], group: "g-own" });
    await member.until(({ records }) => records.length >= PARTITIONS * PER_PARTITION);
    const other = start("kcat", kcat("g-own", "own", "-X", "partition.assignment.strategy=cooperative-sticky"), { stdio: "ignore" });
    let seen = 0;
    const release = (): void => {
      for (const event of member.events.slice(seen))
        if (event.kind === "revoked" && !event.lost) member.send({ kind: "released", partitions: event.partitions });
      seen = member.events.length;
    };
    await until("half each", async () => {
      release();
      return isShared("g-own", 2, 2)();
    });
    await stop(other);
    await until("all for one again", async () => {
      release();
      return isShared("g-own", 4)();
    });
    member.cancel();
    await until("nobody", async () => (await described("g-own")).state === "Empty");
  });
});

test("@platformatic/kafka joins, reads, commits and leaves", { timeout: 60_000 }, async () => {
  await filled("platformatic");
  const consumer = new Consumer({
    clientId: "test",
    groupId: "g-platformatic",
    bootstrapBrokers: [broker.bootstrap],
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: ["platformatic"], mode: "earliest", autocommit: false });
  let read = 0;
  for await (const message of stream) {
    await message.commit();
    read += 1;
    if (read === PARTITIONS * PER_PARTITION) break;
  }
  await consumer.close(true);
  assert.deepEqual(await committed("g-platformatic", "platformatic"), ALL);
  const admin = new Admin({ clientId: "test", bootstrapBrokers: [broker.bootstrap] });
  const groups = await admin.listGroups();
  assert.equal(String(groups.get("g-platformatic")?.state).toLowerCase(), "empty");
  await admin.close();
});

test("offsets are there after the broker was restarted", { timeout: 60_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), "sluice-groups-"));
  let durable = await startBroker({ data, partitions: PARTITIONS });
  const bootstrap = durable.bootstrap;
  try {
    const other = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 20 } });
    const admin = other.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: "kept", numPartitions: PARTITIONS }] });
    await admin.setOffsets({ groupId: "g-kept", topic: "kept", partitions: [{ partition: 2, offset: "7" }] });
    await admin.disconnect();
    await durable.close();
    durable = await startBroker({ data, port: Number(bootstrap.split(":")[1]) });
    await admin.connect();
    const [of] = await admin.fetchOffsets({ groupId: "g-kept", topics: ["kept"] });
    assert.deepEqual(
      of?.partitions.filter(({ partition }) => partition === 2).map(({ offset }) => offset),
      ["7"],
    );
    await admin.disconnect();
  } finally {
    await durable.close();
    rmSync(data, { recursive: true });
  }
});
