// Produce: finds the partition of each call's records, checks their size, gathers them in a queue for each partition and acks, and sees to
// it that every call gets its receipt, once.
import type { Clock, Timer } from "../../core/clock.ts";
import type { Counter } from "../../core/counters.ts";
import { fail, OK, type Status, StatusError } from "../../core/status.ts";
import type { Acks, ProducedRecord, ProduceTo, Receipt, Written } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import { BATCH_OVERHEAD_BYTES } from "../wire/encode-batch.ts";
import { partitionFor } from "../wire/murmur2.ts";
import type { ProducerIdentity, TopicView } from "./calls.ts";
import { Entry } from "./entry.ts";
import { Lane } from "./lane.ts";
import type { Link } from "./link.ts";
import { BATCH_BYTES_MAX, PartitionQueue } from "./partition-queue.ts";
import type { Report } from "./report.ts";
import { expired } from "./sent-batch.ts";

/** Past so many bytes that Kafka has not taken yet, further records are refused. */
export const PRODUCE_BYTES_MAX = 67_108_864;
/** How often what waits is looked through, while anything does. */
const TICK_MS = 50;

export interface ProducerOptions {
  readonly clock: Clock;
  readonly report: Report;
  /** Of `kafka.timeout`. */
  readonly timeoutMs: number;
  readonly produceBytesMax?: number;
  readonly topics: {
    known(name: string): TopicView | undefined;
    resolve(name: string): Promise<TopicView>;
    stale(): void;
  };
  readonly limits: { known(topic: string): number | undefined; resolve(topic: string): Promise<number> };
  /** The connection for produce requests to a broker. */
  link(broker: number): Promise<Link>;
  /** A new producer id; rejects with a StatusError. */
  identity(): Promise<ProducerIdentity>;
}

/** Produces of a topic that is not known yet, in order. */
type Parked = { readonly to: ProduceTo; readonly entry: Entry }[];

export class Producer {
  readonly #options: ProducerOptions;
  readonly #written: Counter;
  /** By topic, acks and partition. */
  readonly #queues = new Map<string, Record<Acks, PartitionQueue[]>>();
  readonly #lanes = new Map<string, Lane>();
  readonly #parked = new Map<string, Parked>();
  #ready = new Set<PartitionQueue>();
  #flushing = false;
  #tick: Timer | undefined;
  #bytes = 0;
  #turn = 0;
  #identity: ProducerIdentity | undefined;
  #identifying = false;
  #closed: Status | undefined;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#written = options.report.counter("sluice.kafka.produce.records");
  }

  produce(to: ProduceTo, records: Batch<ProducedRecord>, receipt: Receipt): void {
    const { clock, timeoutMs, topics, limits, produceBytesMax = PRODUCE_BYTES_MAX } = this.#options;
    const deadline = to.expiresMs !== undefined;
    const entry = new Entry(records, receipt, { expiresMs: to.expiresMs ?? clock.now() + timeoutMs, deadline });
    const full = this.#bytes > 0 && this.#bytes + entry.bytes > produceBytesMax;
    this.#bytes += entry.bytes;
    if (this.#closed) this.#later(entry, this.#closed);
    else if (full) this.#later(entry, fullStatus(produceBytesMax));
    else {
      const topic = topics.known(to.topic);
      const limit = limits.known(to.topic);
      if (topic === undefined || limit === undefined || this.#parked.has(to.topic)) this.#park(to, entry);
      else this.#enqueue({ to, entry }, topic, limit);
    }
  }

  /** What was produced and has no receipt yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Fails what is left; nothing is taken any more. */
  close(status: Status): void {
    this.#closed = status;
    this.#tick?.cancel();
    for (const parked of this.#parked.values()) for (const { entry } of parked) this.#settle(entry, status);
    this.#parked.clear();
    for (const queue of this.#allQueues()) queue.close(status);
    this.#queues.clear();
  }

  #park(to: ProduceTo, entry: Entry): void {
    this.#arm();
    const parked = this.#parked.get(to.topic);
    if (parked) {
      parked.push({ to, entry });
      return;
    }
    this.#parked.set(to.topic, [{ to, entry }]);
    this.#resolve(to.topic).catch((reason) => this.#options.report.error("a fault in the kafka producer", reason));
  }

  async #resolve(name: string): Promise<void> {
    const { topics, limits } = this.#options;
    try {
      const topic = await topics.resolve(name);
      const limit = await limits.resolve(name);
      for (const parked of this.#unpark(name)) this.#enqueue(parked, topic, limit);
    } catch (reason) {
      const { status } = StatusError.from(reason);
      for (const { entry } of this.#unpark(name)) this.#settle(entry, status);
    }
  }

  #unpark(name: string): Parked {
    const parked = this.#parked.get(name) ?? [];
    this.#parked.delete(name);
    return parked;
  }

  #enqueue({ to, entry }: Parked[number], topic: TopicView, limit: number): void {
    const bytes = BATCH_OVERHEAD_BYTES + entry.bytes;
    if (bytes > limit) {
      const message = `kafka: topic '${to.topic}' takes at most ${limit} bytes (max.message.bytes), and the records have ${bytes}`;
      this.#later(entry, fail("RESOURCE_EXHAUSTED", message).status);
      return;
    }
    const key = entry.records[0]?.key ?? null;
    const count = topic.partitions.length;
    const partition = key === null ? this.#turn++ % count : partitionFor(key, count);
    const queue = this.#queue(to, partition);
    queue.batchBytesMax = Math.min(BATCH_BYTES_MAX, limit);
    queue.push(entry);
    this.#more(queue);
    this.#arm();
  }

  #queue({ topic, acks }: ProduceTo, partition: number): PartitionQueue {
    const known = this.#queues.get(topic);
    const queues = known ?? { none: [], leader_only: [], in_sync_replicas: [] };
    if (!known) this.#queues.set(topic, queues);
    const queue = queues[acks][partition];
    if (queue) return queue;
    const made = new PartitionQueue({ topic, partition, acks, settle: (entry, status, at) => this.#settle(entry, status, at) });
    queues[acks][partition] = made;
    return made;
  }

  *#allQueues(): Iterable<PartitionQueue> {
    // The partitions that nothing was produced to are holes.
    for (const queues of this.#queues.values()) for (const of of Object.values(queues)) yield* of.filter(() => true);
  }

  /** At the end of the turn, so that what comes together goes together. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#guard(() => this.#flush());
    });
  }

  #flush(): void {
    const ready = this.#ready;
    this.#ready = new Set();
    const lanes = new Set<Lane>();
    for (const queue of ready) {
      const lane = this.#laneOf(queue);
      if (lane === undefined) continue; // The next tick tries again.
      lane.add(queue);
      lanes.add(lane);
    }
    for (const lane of lanes) lane.pump();
  }

  #laneOf(queue: PartitionQueue): Lane | undefined {
    if (queue.needsIdentity && !this.#identify(queue)) return undefined;
    const { topics, clock, report, link } = this.#options;
    const { acks } = queue;
    const leader = topics.known(queue.topic)?.partitions[queue.partition]?.leader ?? -1;
    if (leader < 0) {
      topics.stale();
      return undefined;
    }
    const key = `${leader} ${acks}`;
    let lane = this.#lanes.get(key);
    if (!lane) {
      const stale = (): void => topics.stale();
      lane = new Lane({ acks, clock, report, stale, link: () => link(leader), more: (behind) => this.#more(behind) });
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Whether the queue has a producer id now. One is asked for once for all; a queue that had one needs another. */
  #identify(queue: PartitionQueue): boolean {
    const identity = this.#identity;
    if (identity !== undefined && queue.lastProducerId !== identity.id) {
      queue.identify(identity);
      return true;
    }
    if (this.#identifying) return false;
    this.#identifying = true;
    this.#options.identity().then(
      (made) => {
        this.#identifying = false;
        this.#identity = made;
        this.#wake();
      },
      (reason) => {
        this.#identifying = false;
        this.#refused(StatusError.from(reason).status);
      },
    );
    return false;
  }

  /** No producer id is to be had: for good, or the next tick asks again. */
  #refused(status: Status): void {
    if (status.code === UNAVAILABLE) return;
    for (const queue of this.#allQueues()) if (queue.needsIdentity) queue.close(status);
  }

  #arm(): void {
    this.#tick ??= this.#options.clock.after(TICK_MS, () => {
      this.#tick = undefined;
      this.#guard(() => this.#look());
    });
  }

  #look(): void {
    if (this.#closed) return;
    const nowMs = this.#options.clock.now();
    for (const [name, parked] of this.#parked) {
      const late = parked.filter(({ entry }) => entry.expiresMs <= nowMs);
      if (late.length === 0) continue;
      parked.splice(0, parked.length, ...parked.filter(({ entry }) => entry.expiresMs > nowMs));
      for (const { entry } of late) this.#settle(entry, expired(entry, `topic '${name}'`));
    }
    for (const queue of this.#allQueues()) if (!queue.empty) queue.expire(nowMs, this.#options.timeoutMs);
    this.#wake();
    if (this.#bytes > 0) this.#arm();
  }

  #more(queue: PartitionQueue): void {
    this.#ready.add(queue);
    this.#flushSoon();
  }

  /** Everything that has something to send is looked at again. */
  #wake(): void {
    for (const queue of this.#allQueues()) if (!queue.empty) this.#ready.add(queue);
    this.#flush();
  }

  /** From a later turn. */
  #later(entry: Entry, status: Status): void {
    setImmediate(() => this.#settle(entry, status));
  }

  #settle(entry: Entry, status: Status, at?: Written): void {
    this.#bytes -= entry.bytes;
    if (status.code === OK.code) this.#written.value += entry.records.length;
    this.#guard(() => entry.receipt.produced(status, at));
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (reason) {
      this.#options.report.error("a fault in what waits for a produce", reason);
    }
  }
}

const UNAVAILABLE = fail("UNAVAILABLE", "").status.code;
const fullStatus = (bytesMax: number): Status =>
  fail("RESOURCE_EXHAUSTED", `kafka: more than ${bytesMax} bytes wait to be taken by the brokers`).status;
