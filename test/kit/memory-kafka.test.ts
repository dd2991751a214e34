// The faults that the memory Kafka can be told to have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../src/core/bytes.ts";
import { Code, fail } from "../../src/core/status.ts";
import type { StoredRecord } from "../../src/ports/kafka.ts";
import { ManualClock } from "./clock.ts";
import { Consuming, Fetching, produced } from "./kafka-callers.ts";
import { MemoryKafka } from "./memory-kafka.ts";

const RECORD = { key: utf8("k"), value: utf8("v"), headers: [] };
const TO = { topic: "t", acks: "leader_only" } as const;
const turn = (): Promise<void> => new Promise((settle) => setImmediate(settle));

test("a produce is refused with what the test says, and nothing is stored", async () => {
  const kafka = new MemoryKafka();
  kafka.refuse = ({ topic }) => (topic === "t" ? fail("RESOURCE_EXHAUSTED", "too large").status : undefined);
  assert.equal((await produced(kafka, TO, [RECORD])).status.code, Code.RESOURCE_EXHAUSTED);
  assert.equal(kafka.records("t").length, 0);
  assert.equal((await produced(kafka, { ...TO, topic: "u" }, [RECORD])).status.code, Code.OK);
});

test("held acknowledgements come when they are released, though the records are stored", async () => {
  const kafka = new MemoryKafka();
  const seen: StoredRecord[] = [];
  kafka.onRecord = (record) => seen.push(record);
  kafka.holdAcks();
  let answered = false;
  const receipt = produced(kafka, TO, [RECORD]).then(() => {
    answered = true;
  });
  await turn();
  await turn();
  assert.deepEqual([seen.length, answered], [1, false]);
  kafka.releaseAcks();
  await receipt;
});

test("held produces are stored in order when they are released, or expire", async () => {
  const clock = new ManualClock();
  const kafka = new MemoryKafka({ clock });
  kafka.holdProduces();
  const expiring = produced(kafka, { ...TO, expiresMs: clock.now() + 100 }, [RECORD]);
  const waiting = produced(kafka, TO, [RECORD]);
  await turn();
  assert.equal(kafka.records("t").length, 0);
  clock.advance(101);
  assert.equal((await expiring).status.code, Code.DEADLINE_EXCEEDED);
  kafka.releaseProduces();
  assert.equal((await waiting).status.code, Code.OK);
  assert.equal(kafka.records("t").length, 1);
});

test("while it is down nothing answers; when it is up everything does", async () => {
  const kafka = new MemoryKafka();
  kafka.write("t", RECORD);
  kafka.down();
  const fetching = new Fetching(kafka, { topic: "t" });
  const member = new Consuming(kafka, { topics: ["t"], group: "g" });
  const receipt = produced(kafka, TO, [RECORD]);
  for (let turns = 0; turns < 5; turns++) await turn();
  assert.deepEqual([fetching.records.length, member.events.length, kafka.records("t").length], [0, 0, 1]);
  kafka.up();
  await receipt;
  await fetching.until(2);
  await member.until(({ records }) => records.length === 2);
  fetching.cancel();
  member.cancel();
  assert.deepEqual([kafka.readers, kafka.members], [0, 0]);
});

test("a running fetch and a new one end as the test says", async () => {
  const kafka = new MemoryKafka();
  const running = new Fetching(kafka, { topic: "t" });
  await running.started();
  kafka.failFetches(fail("UNAVAILABLE", "replies may have been deleted unread").status, "t");
  assert.equal((await running.ended()).code, Code.UNAVAILABLE);
  kafka.refuseFetch = () => fail("PERMISSION_DENIED", "no").status;
  assert.equal((await new Fetching(kafka, { topic: "t" }).ended()).code, Code.PERMISSION_DENIED);
  assert.equal(kafka.readers, 0);
});

test("a lost partition is gone at once: nothing is committed for it until it is assigned again", async () => {
  const kafka = new MemoryKafka();
  for (let count = 0; count < 3; count++) kafka.write("t", RECORD);
  const member = new Consuming(kafka, { topics: ["t"], group: "g" });
  await member.until(({ records }) => records.length === 3);
  kafka.revoke("g", [{ topic: "t", partition: 0 }], "lost");
  await member.until(({ events }) => events.some((event) => event.kind === "revoked" && event.lost));
  member.send({ kind: "done", topic: "t", partition: 0, offsets: [0] });
  assert.equal(kafka.committed("g", { topic: "t", partition: 0 }), undefined);
  kafka.assign("g");
  await member.until(({ records }) => records.length === 6);
  member.send({ kind: "done", topic: "t", partition: 0, offsets: [0, 1] });
  assert.equal(kafka.committed("g", { topic: "t", partition: 0 }), 2);
  member.cancel();
});

test("records that were deleted are not read, and their position is out of range", async () => {
  const kafka = new MemoryKafka();
  for (let count = 0; count < 3; count++) kafka.write("t", RECORD);
  kafka.truncate({ topic: "t", partition: 0 }, 2);
  const fetching = new Fetching(kafka, { topic: "t" });
  await fetching.until(1);
  assert.equal(fetching.records[0]!.offset, 2);
  fetching.cancel();
  assert.equal((await new Fetching(kafka, { topic: "t", from: new Map([[0, 1]]) }).ended()).code, Code.OUT_OF_RANGE);
});

test("partitions that are added are read from their beginning", async () => {
  const kafka = new MemoryKafka();
  const fetching = new Fetching(kafka, { topic: "t", from: "latest" });
  await fetching.started();
  kafka.addPartitions("t", 1);
  kafka.write("t", RECORD, { partition: 1 });
  await fetching.until(1);
  assert.deepEqual(fetching.records[0]!.progress, [0, 1]);
  fetching.cancel();
});
