// One topic, many readers: everything reaches everybody, in order, and a reader that comes back goes on where it left off.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Client, status } from "@grpc/grpc-js";
import { type Answered, call, channelTo, hold } from "../kit/grpc-client.ts";
import { readTopic, writeRecord, writeValues } from "../kit/kcat.ts";
import { startLoad } from "../kit/load/load.ts";
import { needs } from "../kit/needs.ts";
import { type Scenario, startScenario } from "../kit/scenario.ts";
import { type SharedKafka, sharedKafka } from "../kit/shared-kafka.ts";
import { deleteRecords } from "../kit/topics.ts";

const PATH = "/example.FanoutService/FanoutServerStream";
const EMPTY = Buffer.alloc(0);
/** Field 32767, length-delimited. */
const ID_TAG = Buffer.from("faff0f", "hex");

type Pairs = readonly (readonly [string, string | Buffer])[];
interface Message {
  readonly value: Buffer;
  readonly id: Buffer;
}

const split = (message: Buffer): Message => {
  const at = message.lastIndexOf(ID_TAG);
  return { value: message.subarray(0, at), id: message.subarray(at + ID_TAG.length + 1) };
};

/** Reads `count` messages and leaves. */
const readBy = async (client: Client, count: number, metadata: Pairs = []): Promise<Message[]> => {
  const { stream, next } = hold(client, { path: PATH, metadata });
  stream.write(EMPTY);
  stream.end();
  const messages: Message[] = [];
  while (messages.length < count) {
    const message = await next();
    assert.ok(message, `the stream ended after ${messages.length} messages`);
    messages.push(split(message));
  }
  stream.cancel();
  return messages;
};

describe("fan-out", needs("kafka", "kcat"), () => {
  let kafka: SharedKafka;
  let scenario: Scenario;
  let client: Client;
  before(async () => {
    kafka = await sharedKafka();
    scenario = await startScenario({ example: "grpc.kafka.fanout", kafka, topics: { messages: 3 } });
    client = channelTo(scenario.port);
  });
  after(async () => {
    client.close();
    await scenario.stop();
    await kafka.stop();
  });

  const read = (count: number, metadata: Pairs = []): Promise<Message[]> => readBy(client, count, metadata);

  test("what kcat wrote is read byte for byte, each partition in its order, and resumed without loss or repetition", async () => {
    const topic = scenario.topics["messages"] ?? "";
    const { bootstrap } = kafka;
    for (let at = 0; at < 30; at++) await writeRecord({ bootstrap, topic, partition: at % 3, value: Buffer.from(`record ${at}`) });
    const written = await readTopic({ bootstrap, topic, count: 30 });
    const all = await read(30);
    const order = (values: readonly string[], partition: number): string[] =>
      values.filter((value) => Number(value.slice("record ".length)) % 3 === partition);
    const values = all.map(({ value }) => value.toString());
    for (const partition of [0, 1, 2]) {
      const expected = written.filter((record) => record.partition === partition).map(({ value }) => value?.toString());
      assert.deepEqual(order(values, partition), expected);
    }
    for (const at of [0, 7, 28]) {
      const rest = await read(29 - at, [["last-message-id-bin", all[at]?.id ?? EMPTY]]);
      assert.deepEqual([...values.slice(0, at + 1), ...rest.map(({ value }) => value.toString())].sort(), [...values].sort());
    }
  });

  test("a hundred readers get all of two thousand records, half of them live", async () => {
    const topic = scenario.topics["messages"] ?? "";
    const already = (await readTopic({ bootstrap: kafka.bootstrap, topic })).length;
    const batch = Array.from({ length: 1_000 }, (_, at) => Buffer.from(`m${at}`));
    await writeValues({ bootstrap: kafka.bootstrap, topic }, batch);
    const load = startLoad();
    try {
      const reading = load.readers({ port: scenario.port, path: PATH, readers: 100, connections: 4, messages: already + 2_000 });
      await writeValues({ bootstrap: kafka.bootstrap, topic }, batch);
      assert.equal((await reading).delivered, 100 * (already + 2_000));
    } finally {
      await load.stop();
    }
  });

  test("a place that Kafka no longer has is OUT_OF_RANGE, and says where the topic begins; a later one is gone on from", async () => {
    const { topic } = await kafka.topics({ topic: 1 });
    const { bootstrap } = kafka;
    await writeValues(
      { bootstrap, topic },
      Array.from({ length: 20 }, (_, at) => Buffer.from(`m${at}`)),
    );
    const first = await startScenario({ example: "grpc.kafka.fanout", kafka, replace: { "topic: messages": `topic: ${topic}` } });
    const clients = [channelTo(first.port)];
    const all = await readBy(clients[0]!, 20);
    const resumed = (by: Client, at: number): Promise<Answered> =>
      call(by, { path: PATH, requests: [EMPTY], metadata: [["last-message-id-bin", all[at]!.id]], cancelAfter: 1, timeoutMs: 20_000 });
    try {
      await deleteRecords(bootstrap, topic, new Map([[0, 10]]));
      clients.push(channelTo((await first.another()).port));
      const gone = await resumed(clients[1]!, 3);
      assert.equal(gone.code, status.OUT_OF_RANGE, gone.details);
      assert.equal(gone.details, `partition 0 of topic '${topic}' begins at 10, 4 is no longer there`);
      const rest = await resumed(clients[1]!, 12);
      assert.deepEqual([rest.code, split(rest.replies[0]!).value.toString()], [status.CANCELLED, "m13"], "the caller's own cancel");
      // The first process has the records still.
      const kept = await resumed(clients[0]!, 3);
      assert.deepEqual([kept.code, split(kept.replies[0]!).value.toString()], [status.CANCELLED, "m4"]);
    } finally {
      for (const by of clients) by.close();
      await first.stop();
    }
  });

  test("a record that is written while a reader waits arrives at once", async () => {
    const { topic } = await kafka.topics({ topic: 1 });
    const own = await startScenario({ example: "grpc.kafka.fanout", kafka, replace: { "topic: messages": `topic: ${topic}` } });
    const other = channelTo(own.port);
    try {
      const { stream, next } = hold(other, { path: PATH });
      stream.write(EMPTY);
      stream.end();
      for (const text of ["first", "second"]) {
        const message = next();
        await writeRecord({ bootstrap: kafka.bootstrap, topic, value: Buffer.from(text) });
        assert.equal(split((await message) ?? EMPTY).value.toString(), text);
      }
      stream.cancel();
    } finally {
      other.close();
      await own.stop();
    }
  });
});
