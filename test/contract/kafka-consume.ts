// The claims of `consume`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "../../src/core/status.ts";
import type { AssignedPartition, Kafka, StoredRecord, TopicPartition } from "../../src/ports/kafka.ts";
import { Consuming, produced } from "../kit/kafka-callers.ts";
import { recordOf } from "./kafka-produce.ts";
import type { Claims } from "./kafka-subject.ts";

let groups = 0;
const newGroup = (): string => `contract-${process.pid}-${groups++}`;

const assignedOf = (member: Consuming): readonly AssignedPartition[] =>
  member.events.flatMap((event) => (event.kind === "assigned" ? event.partitions : []));
const revokedOf = (member: Consuming): readonly TopicPartition[] =>
  member.events.flatMap((event) => (event.kind === "revoked" ? event.partitions : []));
const valuesOf = (records: readonly StoredRecord[]): string[] => records.map(({ value }) => Buffer.from(value ?? []).toString());

const done = (member: Consuming, topic: string, offsets: readonly number[]): void =>
  member.send({ kind: "done", topic, partition: 0, offsets });

const written = async (kafka: Kafka, topic: string, values: readonly string[]): Promise<void> => {
  for (const value of values) {
    const { status } = await produced(kafka, { topic, acks: "in_sync_replicas" }, [recordOf(value, value)]);
    assert.equal(status.code, Code.OK);
  }
};

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => String(from + index));

export const consumeClaims = ({ subject, timeoutMs }: Claims): void => {
  const claim = (name: string, run: (kafka: Kafka, topic: (partitions: number) => Promise<string>) => Promise<void>): void => {
    test(name, { timeout: timeoutMs }, () => run(subject().kafka, (partitions) => subject().topic(partitions)));
  };

  claim("a member is assigned all partitions, knows their ends, and gets every record after that", async (kafka, make) => {
    const topic = await make(2);
    await written(kafka, topic, numbers(0, 20));
    const member = new Consuming(kafka, { topics: [topic], group: newGroup() });
    await member.until(({ records }) => records.length >= 20);
    const assigned = assignedOf(member);
    assert.deepEqual(assigned.map(({ partition }) => partition).sort(), [0, 1]);
    assert.equal(assigned[0]!.end + assigned[1]!.end, 20);
    assert.deepEqual([assigned[0]!.offset, assigned[1]!.offset], [0, 0]);
    assert.equal(member.events[0]!.kind, "assigned");
    await written(kafka, topic, numbers(20, 25));
    await member.until(({ records }) => records.length >= 25);
    assert.deepEqual([...valuesOf(member.records)].sort(), numbers(0, 25).sort());
    for (const event of member.events)
      if (event.kind === "records")
        for (const record of event.records) assert.deepEqual([record.topic, record.partition], [topic, event.partition]);
    member.cancel();
  });

  claim("what is done is not delivered again, what is not done is", async (kafka, make) => {
    const topic = await make(1);
    const group = newGroup();
    await written(kafka, topic, numbers(0, 6));
    const first = new Consuming(kafka, { topics: [topic], group });
    await first.until(({ records }) => records.length >= 6);
    done(first, topic, [0, 1]);
    done(first, topic, [2]);
    first.cancel();
    const second = new Consuming(kafka, { topics: [topic], group });
    await second.until(({ records }) => records.length >= 3);
    assert.deepEqual(valuesOf(second.records), ["3", "4", "5"]);
    assert.equal(assignedOf(second)[0]!.offset, 3);
    second.cancel();
  });

  claim("offsets that are done beyond one that is not are skipped by the next owner", async (kafka, make) => {
    const topic = await make(1);
    const group = newGroup();
    await written(kafka, topic, numbers(0, 8));
    const first = new Consuming(kafka, { topics: [topic], group });
    await first.until(({ records }) => records.length >= 8);
    done(first, topic, [0, 2, 3, 6]);
    first.cancel();
    const second = new Consuming(kafka, { topics: [topic], group });
    await second.until(({ records }) => records.length >= 4);
    assert.deepEqual(valuesOf(second.records), ["1", "4", "5", "7"]);
    done(second, topic, [1]);
    second.cancel();
    const third = new Consuming(kafka, { topics: [topic], group });
    await third.until(({ records }) => records.length >= 3);
    assert.equal(assignedOf(third)[0]!.offset, 4);
    assert.deepEqual(valuesOf(third.records), ["4", "5", "7"]);
    third.cancel();
  });

  claim("of a paused partition nothing more comes until it is resumed, and the others go on", async (kafka, make) => {
    const topic = await make(2);
    const member = new Consuming(kafka, { topics: [topic], group: newGroup() });
    await member.until((of) => assignedOf(of).length === 2);
    const keyOf: string[] = []; // Of each partition.
    for (let key = 0; keyOf[0] === undefined || keyOf[1] === undefined; key++) {
      const { at } = await produced(kafka, { topic, acks: "in_sync_replicas" }, [recordOf(String(key), "first")]);
      keyOf[at!.partition] = String(key);
    }
    const write = (partition: number, value: string): Promise<unknown> =>
      produced(kafka, { topic, acks: "in_sync_replicas" }, [recordOf(keyOf[partition]!, value)]);
    const got = (value: string) => (of: Consuming) => valuesOf(of.records).includes(value);
    await Promise.all([write(0, "seen 0"), write(1, "seen 1")]);
    await member.until((of) => got("seen 0")(of) && got("seen 1")(of));
    member.send({ kind: "pause", topic, partition: 0 });
    await write(0, "waits");
    for (const value of ["a", "b", "c"]) {
      await write(1, value);
      await member.until(got(value));
    }
    assert.equal(got("waits")(member), false);
    member.send({ kind: "resume", topic, partition: 0 });
    await write(0, "after");
    await member.until(got("after"));
    const ofFirst = member.records.filter(({ partition }) => partition === 0);
    assert.deepEqual(valuesOf(ofFirst).slice(-3), ["seen 0", "waits", "after"]);
    member.cancel();
  });

  claim("a slow member gets everything in order", async (kafka, make) => {
    const topic = await make(1);
    await written(kafka, topic, numbers(0, 40));
    const member = new Consuming(kafka, { topics: [topic], group: newGroup() }, "slow");
    await member.until(({ records }) => records.length >= 40);
    assert.deepEqual(valuesOf(member.records), numbers(0, 40));
    member.cancel();
  });

  claim("a second member takes over a partition only when the first has released it, and nothing is lost", async (kafka, make) => {
    const topic = await make(2);
    const group = newGroup();
    await written(kafka, topic, numbers(0, 20));
    const first = new Consuming(kafka, { topics: [topic], group });
    await first.until(({ records }) => records.length >= 20);
    const second = new Consuming(kafka, { topics: [topic], group });
    await first.until((member) => revokedOf(member).length > 0);
    const [moved, ...none] = revokedOf(first);
    assert.equal(none.length, 0);
    const finished = first.records.filter(({ partition }) => partition === moved!.partition);
    assert.equal(assignedOf(second).length, 0);
    first.send({ kind: "done", ...moved!, offsets: finished.slice(0, 2).map(({ offset }) => offset) });
    first.send({ kind: "released", partitions: [moved!] });
    await second.until(({ records }) => records.length >= finished.length - 2);
    assert.deepEqual(
      assignedOf(second).map(({ partition, offset }) => [partition, offset]),
      [[moved!.partition, 2]],
    );
    assert.deepEqual(valuesOf(second.records), valuesOf(finished.slice(2)));
    first.cancel();
    second.cancel();
  });
};
