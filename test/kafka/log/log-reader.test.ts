import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, fail, OK } from "../../../src/core/status.ts";
import { TURN_BYTES_MAX, TURN_READERS_MAX } from "../../../src/kafka/log/limits.ts";
import { LogMemory } from "../../../src/kafka/log/log-memory.ts";
import { LogReader } from "../../../src/kafka/log/log-reader.ts";
import { TopicLog } from "../../../src/kafka/log/topic-log.ts";
import { Turns } from "../../../src/kafka/log/turns.ts";
import type { FetchStart, Kafka, StoredRecord } from "../../../src/ports/kafka.ts";
import type { Reply } from "../../../src/ports/service.ts";
import { Fetching } from "../../kit/kafka-callers.ts";
import { History, recordOf, TOPIC } from "./history.ts";

const turn = (): Promise<void> => new Promise((settle) => setImmediate(settle));

/** A Kafka of which only `fetch` is there, over a log with one partition. */
const scene = () => {
  const history = new History(1);
  const log = new TopicLog({ topic: TOPIC, memory: new LogMemory(), ranges: history });
  log.open(0, { offset: 0, end: 0, earliest: true });
  const turns = new Turns();
  const kafka: Pick<Kafka, "fetch"> = {
    fetch({ from }, reply) {
      const reader = new LogReader(reply, turns);
      if (typeof from === "object" && "timestampMs" in from) throw fail("UNIMPLEMENTED", "not here");
      reader.open((owner) => log.cursor({ from }, owner));
      return reader;
    },
  };
  const write = (...values: string[]): void => {
    const { records, next } = history.write(
      0,
      values.map((value) => recordOf(value)),
    );
    log.append(0, records, next);
  };
  return { log, turns, kafka, write };
};

test("a reader is told where it began, and is given what there is and what comes", async () => {
  const { kafka, write, log } = scene();
  write("a");
  const fetching = new Fetching(kafka, { topic: TOPIC });
  assert.deepEqual([...(await fetching.started())], [[0, 0]]);
  write("b", "c");
  await fetching.until(3);
  assert.deepEqual(fetching.values, ["a", "b", "c"]);
  fetching.cancel();
  assert.equal(log.readers, 0);
});

test("a slow reader is given everything, one batch each time it is ready", async () => {
  const { kafka, write } = scene();
  const fetching = new Fetching(kafka, { topic: TOPIC }, "slow");
  for (let count = 0; count < 10; count++) write(`a${count}`);
  await fetching.until(10);
  for (let count = 0; count < 10; count++) write(`b${count}`);
  await fetching.until(20);
  fetching.cancel();
});

test("a position that is gone ends the fetch, after the service has returned", async () => {
  const { kafka } = scene();
  assert.equal((await new Fetching(kafka, { topic: TOPIC, from: new Map([[0, -7]]) }).ended()).code, Code.INVALID_ARGUMENT);
  const history = new History(1);
  const log = new TopicLog({ topic: TOPIC, memory: new LogMemory(), ranges: history });
  log.open(0, { offset: 5, end: 5, earliest: true });
  const refused = new Fetching(
    {
      fetch: (_query, reply) => {
        const reader = new LogReader(reply, new Turns());
        reader.open((owner) => log.cursor({ from: new Map([[0, 1]]) }, owner));
        return reader;
      },
    },
    { topic: TOPIC },
  );
  assert.equal((await refused.ended()).code, Code.OUT_OF_RANGE);
});

/** A reply that counts, and says what it is told to. */
class Counting implements Reply<StoredRecord, FetchStart> {
  batches = 0;
  more = true;
  onWrite: () => void = () => {};
  status: number | undefined;
  headers(): void {}
  write(): boolean {
    this.batches++;
    this.onWrite();
    return this.more;
  }
  end({ code }: { code: number }): void {
    this.status = code;
  }
  ready(): void {}
}

const reading = (log: TopicLog, turns: Turns, left?: () => void): { reader: LogReader; reply: Counting } => {
  const reply = new Counting();
  const reader = new LogReader(reply, turns, left);
  reader.open((owner) => log.cursor({ from: "earliest" }, owner));
  return { reader, reply };
};

test("a reader is given a bounded amount a turn, and the rest in later ones", async () => {
  const { log, turns, write } = scene();
  for (let count = 0; count < 10; count++) write("x".repeat(TURN_BYTES_MAX / 2));
  const { reply, reader } = reading(log, turns);
  await new Promise<void>((settle) => process.nextTick(settle));
  assert.equal(reply.batches, 2);
  while (reply.batches < 10) await turn();
  reader.cancel();
});

test("false stops a reader until it is ready, and a ready from inside the write wins", async () => {
  const { log, turns, write } = scene();
  for (let count = 0; count < 5; count++) write("v");
  const stopped = reading(log, turns);
  stopped.reply.more = false;
  const insistent = reading(log, turns);
  insistent.reply.more = false;
  insistent.reply.onWrite = () => insistent.reader.ready();
  for (let turns = 0; turns < 10; turns++) await turn();
  assert.deepEqual([stopped.reply.batches, insistent.reply.batches], [1, 5]);
  write("v");
  await turn();
  assert.equal(stopped.reply.batches, 1, "new records do not wake a reader that is full");
  stopped.reply.more = true;
  stopped.reader.ready();
  await turn();
  assert.equal(stopped.reply.batches, 6);
});

test("more readers than run in a turn all run, with others in between", async () => {
  const { log, turns, write } = scene();
  const readers = Array.from({ length: TURN_READERS_MAX + 10 }, () => reading(log, turns));
  await turn();
  await turn();
  write("v");
  await new Promise<void>((settle) => process.nextTick(settle));
  assert.equal(readers.filter(({ reply }) => reply.batches === 1).length, TURN_READERS_MAX);
  await turn();
  await turn();
  assert.ok(readers.every(({ reply }) => reply.batches === 1));
});

test("several appends wake a reader once", async () => {
  const { log, turns, write } = scene();
  const { reply } = reading(log, turns);
  await turn();
  let turnsRun = 0;
  reply.onWrite = () => {
    turnsRun += turnsRun === 0 ? 1 : 0;
  };
  for (let count = 0; count < 3; count++) write("v");
  assert.equal(reply.batches, 0, "nothing is written inside an append");
  await new Promise<void>((settle) => process.nextTick(settle));
  assert.equal(reply.batches, 3);
});

test("a cancel from inside a write, and one before the log is there, leave nothing", async () => {
  const { log, turns, write } = scene();
  write("a");
  write("b");
  let left = 0;
  const { reader, reply } = reading(log, turns, () => left++);
  reply.onWrite = () => reader.cancel();
  await turn();
  assert.deepEqual([reply.batches, log.readers, left, reply.status], [1, 0, 1, undefined]);
  reader.cancel();
  const early = new LogReader(new Counting(), turns, () => left++);
  early.cancel();
  early.open(() => assert.fail("nothing is made for a reader that has left"));
  assert.equal(left, 2);
});

test("a reply that throws ends its own fetch and no other", async () => {
  const { log, turns, write } = scene();
  const bad = reading(log, turns);
  bad.reply.onWrite = () => {
    throw new Error("a bug");
  };
  const good = reading(log, turns);
  write("v");
  await turn();
  assert.deepEqual([bad.reply.status, good.reply.batches, log.readers], [Code.INTERNAL, 1, 1]);
});

test("fail ends it once", () => {
  const { log, turns } = scene();
  const { reader, reply } = reading(log, turns);
  reader.fail(fail("UNAVAILABLE", "gone").status);
  reader.fail(OK);
  assert.deepEqual([reply.status, log.readers], [Code.UNAVAILABLE, 0]);
});
