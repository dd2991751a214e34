// A Kafka in memory, for tests of what uses one: produce, fetch and consume as the port says, with faults to order. Everything that a real
// Kafka answers later comes from a later turn here as well.
import type { Clock, Timer } from "../../src/core/clock.ts";
import { fail, OK, type Status } from "../../src/core/status.ts";
import { partitionFor } from "../../src/kafka/wire/murmur2.ts";
import type { FetchQuery, Kafka, ProducedRecord, ProduceTo, Receipt, StoredRecord, TopicPartition } from "../../src/ports/kafka.ts";
import type { Batch } from "../../src/ports/service.ts";
import { MemoryGroup } from "./memory-group.ts";
import { MemoryReader } from "./memory-reader.ts";
import { type MemoryRecord, MemoryTopic, noTopic } from "./memory-topic.ts";

export interface MemoryOptions {
  /** Of a topic that is not listed in `topics`. */
  readonly partitions?: number;
  /** Partitions by name. Given, no other topics exist; left out, every topic exists. */
  readonly topics?: Readonly<Record<string, number>>;
  readonly clock?: Clock;
}

interface Produce {
  readonly to: ProduceTo;
  readonly records: Batch<ProducedRecord>;
  readonly receipt: Receipt;
  timer?: Timer;
}

/** The system's time; what nobody waits for any more does not keep a test running. */
const PATIENT: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** As `kafka.timeout`. */
const PRODUCE_TIMEOUT_MS = 30_000;

export class MemoryKafka implements Kafka {
  /** Sees every record as it is stored, before any reader does: a test answers from here. */
  onRecord: (record: StoredRecord) => void = () => {};
  /** What a produce is refused with, if it is. */
  refuse: (to: ProduceTo, records: Batch<ProducedRecord>) => Status | undefined = () => undefined;
  /** What a new fetch ends with, if it does. */
  refuseFetch: (query: FetchQuery) => Status | undefined = () => undefined;

  readonly servers = "memory";
  readonly #options: MemoryOptions;
  readonly #clock: Clock;
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #readers = new Set<MemoryReader>();
  #queue: Produce[] = [];
  #acks: (() => void)[] = [];
  #holdsProduces = false;
  #holdsAcks = false;
  #down = false;
  #scheduled = false;

  constructor(options: MemoryOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? PATIENT;
  }

  readonly produce: Kafka["produce"] = (to, records, receipt) => {
    this.#queue.push({ to, records, receipt });
    this.#schedule();
  };

  readonly fetch: Kafka["fetch"] = (query, reply) => {
    const reader = new MemoryReader(this, query, reply);
    this.#readers.add(reader);
    reader.wake();
    return reader;
  };

  readonly consume: Kafka["consume"] = ({ group, topics }, reply) => {
    const known = this.#groups.get(group) ?? new MemoryGroup(this);
    this.#groups.set(group, known);
    return known.join(topics, reply);
  };

  /** All records of a topic in the order they arrived, also deleted ones. */
  records(topic: string): readonly MemoryRecord[] {
    return this.topic(topic)?.records ?? [];
  }

  /** How many fetches there are. */
  get readers(): number {
    return this.#readers.size;
  }

  /** How many members all groups have. */
  get members(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.size;
    return count;
  }

  /** Stores records at once, as somebody else's; in the key's partition unless one is given. */
  write(topic: string, record: Partial<ProducedRecord>, at: { partition?: number; timestampMs?: number } = {}): StoredRecord {
    const stored = this.#store(this.#known(topic), { key: null, value: null, headers: [], ...record }, at);
    this.wakeAll();
    return stored;
  }

  /** A topic that was not there when it was made. */
  create(topic: string, partitions: number): void {
    this.#topics.set(topic, new MemoryTopic(topic, partitions));
    for (const group of this.#groups.values()) group.rebalance();
  }

  addPartitions(topic: string, count: number): void {
    this.#known(topic).addPartitions(count);
    for (const group of this.#groups.values()) group.rebalance();
    this.wakeAll();
  }

  /** Deletes what is below that offset, as retention does. */
  truncate({ topic, partition }: TopicPartition, before: number): void {
    this.#known(topic).truncate(partition, before);
  }

  /** From now on produces are neither stored nor answered. */
  holdProduces(): void {
    this.#holdsProduces = true;
  }
  releaseProduces(): void {
    this.#holdsProduces = false;
    this.#schedule();
  }

  /** From now on produces are stored and not answered. */
  holdAcks(): void {
    this.#holdsAcks = true;
  }
  releaseAcks(): void {
    this.#holdsAcks = false;
    for (const ack of this.#acks.splice(0)) setImmediate(ack);
  }

  /** From now on nothing answers. */
  down(): void {
    this.#down = true;
  }
  up(): void {
    this.#down = false;
    this.#schedule();
    this.wakeAll();
    for (const group of this.#groups.values()) group.rebalance();
  }
  get isDown(): boolean {
    return this.#down;
  }

  /** Ends the fetches of a topic, or all of them. */
  failFetches(status: Status, topic?: string): void {
    for (const reader of [...this.#readers]) if (topic === undefined || reader.query.topic === topic) reader.fail(status);
  }

  /** Ends the memberships of a group. */
  failGroup(group: string, status: Status): void {
    this.#groups.get(group)?.fail(status);
  }

  /** Whoever joins the group from now on is refused; without a status they are let in again. */
  refuseGroup(group: string, status: Status | undefined): void {
    const known = this.#groups.get(group);
    if (known) known.refusal = status;
  }

  /** Takes partitions from their members; they are nobody's until `assign`. `lost`: the membership is gone already. */
  revoke(group: string, partitions: readonly TopicPartition[], lost: "lost" | "kept" = "kept"): void {
    this.#groups.get(group)?.revoke(partitions, lost === "lost");
  }

  /** Tells the owner of a partition that it may begin nothing more there, or may again. */
  crowd(group: string, partition: TopicPartition, crowded: boolean): void {
    this.#groups.get(group)?.crowd(partition, crowded);
  }

  /** Gives everything that is nobody's to the group's members again. */
  assign(group: string): void {
    this.#groups.get(group)?.assign();
  }

  /** The next offset to be read by who is assigned the partition; undefined when nothing was committed. */
  committed(group: string, partition: TopicPartition): number | undefined {
    return this.#groups.get(group)?.committed(partition);
  }

  /** For readers and groups: the topic, or undefined when it does not exist. */
  topic(name: string): MemoryTopic | undefined {
    const known = this.#topics.get(name);
    if (known) return known;
    const { topics, partitions = 1 } = this.#options;
    const count = topics ? topics[name] : partitions;
    if (count === undefined) return undefined;
    const made = new MemoryTopic(name, count);
    this.#topics.set(name, made);
    return made;
  }

  /** For readers. */
  left(reader: MemoryReader): void {
    this.#readers.delete(reader);
  }

  /** For groups too: something may be there to be read. */
  wakeAll(): void {
    for (const reader of this.#readers) reader.wake();
    for (const group of this.#groups.values()) group.wake();
  }

  #known(name: string): MemoryTopic {
    const topic = this.topic(name);
    if (!topic) throw new Error(`the test's topic '${name}' does not exist`);
    return topic;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#down || this.#holdsProduces) {
        for (const produce of this.#queue) this.#expire(produce);
        return;
      }
      for (const produce of this.#queue.splice(0)) this.#run(produce);
      this.wakeAll();
    });
  }

  #run({ to, records, receipt, timer }: Produce): void {
    timer?.cancel();
    const topic = this.topic(to.topic);
    const refused = topic ? this.refuse(to, records) : noTopic(to.topic);
    if (!topic || refused) {
      this.#answer(() => receipt.produced(refused ?? noTopic(to.topic)));
      return;
    }
    const key = records[0]!.key;
    const partition = key === null ? 0 : partitionFor(key, topic.ends.length);
    const offset = to.acks === "none" ? -1 : topic.ends[partition]!;
    for (const record of records) this.#store(topic, record, { partition });
    this.#answer(() => receipt.produced(OK, { partition, offset }));
  }

  #answer(ack: () => void): void {
    if (this.#holdsAcks) this.#acks.push(ack);
    else ack();
  }

  #store(topic: MemoryTopic, record: ProducedRecord, at: { partition?: number; timestampMs?: number }): MemoryRecord {
    const partition = at.partition ?? (record.key === null ? 0 : partitionFor(record.key, topic.ends.length));
    const stored = topic.append(partition, record, at.timestampMs ?? this.#clock.now());
    this.onRecord(stored);
    return stored;
  }

  #expire(produce: Produce): void {
    if (produce.timer) return;
    const delayMs = (produce.to.expiresMs ?? this.#clock.now() + PRODUCE_TIMEOUT_MS) - this.#clock.now();
    produce.timer = this.#clock.after(delayMs, () => {
      this.#queue = this.#queue.filter((other) => other !== produce);
      produce.receipt.produced(fail("DEADLINE_EXCEEDED", `kafka did not take the records for topic '${produce.to.topic}' in time`).status);
    });
  }
}
