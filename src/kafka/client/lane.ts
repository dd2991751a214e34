// The way of produce requests of one kind of acks to one broker: what is ready together goes together, and what comes while a request is
// on its way makes the next one.
import type { Clock } from "../../core/clock.ts";
import type { Counter } from "../../core/counters.ts";
import type { Acks } from "../../ports/kafka.ts";
import type { EncodedBatch } from "../wire/encode-batch.ts";
import {
  decodeProduce,
  encodeProduce,
  PRODUCE_KEY,
  PRODUCE_VERSIONS,
  type ProducePartition,
  type ProduceResponse,
} from "../wire/produce.ts";
import type { Link } from "./link.ts";
import { isStale, type PartitionQueue } from "./partition-queue.ts";
import type { Report } from "./report.ts";
import type { Sent } from "./sent-batch.ts";

/** One request holds at most about so many bytes. */
export const REQUEST_BYTES_MAX = 4_194_304;
/** While a request is on its way, the next one waits until so many bytes have gathered, or the answer is here. */
export const GATHER_BYTES = 16_384;
/** Requests on their way at once. */
const REQUESTS_MAX = 5;
/** With acks none nothing answers: no more is written while so many bytes wait in the socket. */
const SILENT_BYTES_MAX = 1_048_576;
/** How long the broker may wait for its replicas. */
const REPLICAS_TIMEOUT_MS = 10_000;

const ACKS = { none: 0, leader_only: 1, in_sync_replicas: -1 } as const;
const [VERSION_MIN, VERSION_MAX] = [PRODUCE_VERSIONS.min, PRODUCE_VERSIONS.max];

export interface LaneOptions {
  readonly acks: Acks;
  readonly clock: Clock;
  readonly report: Report;
  /** A connection to the broker, dialled if need be. */
  link(): Promise<Link>;
  /** What is known of the leaders may be old. */
  stale(): void;
  /** After an answer the queue has more to send, perhaps to another broker. */
  more(queue: PartitionQueue): void;
}

/** A queue's batch in a request. */
interface Part {
  readonly queue: PartitionQueue;
  readonly batch: Sent;
}

export class Lane {
  readonly #options: LaneOptions;
  readonly #sentRequests: Counter;
  readonly #queues = new Set<PartitionQueue>();
  #link: Link | undefined;
  #connecting = false;
  #requests = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#sentRequests = options.report.counter("sluice.kafka.produce.requests");
  }

  /** The queue has something to send; it is asked for it until it has not. */
  add(queue: PartitionQueue): void {
    this.#queues.add(queue);
  }

  /** Sends what may be sent now. */
  pump(): void {
    if (this.#queues.size === 0) return;
    const link = this.#link;
    if (!link?.open) {
      this.#connect();
      return;
    }
    while (this.#requests < REQUESTS_MAX && this.#mayAdd(link)) {
      const parts = this.#collect();
      if (parts.length === 0) return;
      this.#send(link, parts);
    }
  }

  #mayAdd(link: Link): boolean {
    if (this.#options.acks === "none") return link.queuedBytes < SILENT_BYTES_MAX;
    if (this.#requests === 0) return true;
    const nowMs = this.#options.clock.now();
    let bytes = 0;
    for (const queue of this.#queues) bytes += queue.readyBytes(nowMs);
    return bytes >= GATHER_BYTES;
  }

  /** One batch of each queue that has one; a queue without is forgotten until it is added again. */
  #collect(): Part[] {
    const nowMs = this.#options.clock.now();
    const parts: Part[] = [];
    let bytes = 0;
    for (const queue of this.#queues) {
      if (bytes >= REQUEST_BYTES_MAX) break;
      const batch = queue.next(nowMs);
      if (batch === undefined) {
        this.#queues.delete(queue);
        continue;
      }
      parts.push({ queue, batch });
      bytes += batch.bytes;
    }
    return parts;
  }

  #send(link: Link, parts: Part[]): void {
    const { acks } = this.#options;
    const topics = byTopic(parts);
    const silent = acks === "none";
    this.#requests += 1;
    this.#sentRequests.value += 1;
    link.send<ProduceResponse>(
      {
        apiKey: PRODUCE_KEY,
        version: link.version(PRODUCE_KEY, "Produce", [VERSION_MIN, VERSION_MAX]),
        flexible: true,
        pieces: encodeProduce({ acks: ACKS[acks], timeoutMs: REPLICAS_TIMEOUT_MS, topics }),
        silent,
        decode: decodeProduce,
      },
      (error, answer) => {
        this.#requests -= 1;
        if (error) this.#lost(parts);
        else if (answer === undefined) for (const { queue, batch } of parts) queue.handedOver(batch);
        else this.#answered(parts, answer);
        for (const { queue } of parts) if (!queue.empty) this.#options.more(queue);
        parts.length = 0; // The connection may remember its requests for a while.
        if (!silent) this.pump();
      },
    );
  }

  #lost(parts: readonly Part[]): void {
    const nowMs = this.#options.clock.now();
    for (const { queue, batch } of parts) queue.lost(batch, nowMs);
    this.#options.report.counter("sluice.kafka.produce.retries").value += parts.length;
    this.#options.stale();
  }

  #answered(parts: readonly Part[], { topics }: ProduceResponse): void {
    const nowMs = this.#options.clock.now();
    let stale = false;
    for (const { queue, batch } of parts) {
      const of = topics.find(({ topic }) => topic === queue.topic);
      const answer = of?.partitions.find(({ partition }) => partition === queue.partition);
      if (answer === undefined) queue.lost(batch, nowMs);
      else if (answer.errorCode === 0) queue.answered(batch, answer, nowMs);
      else {
        stale ||= isStale(answer);
        this.#tell(queue, answer.errorCode, queue.answered(batch, answer, nowMs));
      }
    }
    if (stale) this.#options.stale();
  }

  #tell(queue: PartitionQueue, code: number, outcome: string): void {
    const { report } = this.#options;
    if (outcome === "split") report.counter("sluice.kafka.produce.splits").value += 1;
    else if (outcome === "fail") report.produceFailed(queue.topic, queue.partition, code);
    else if (outcome !== "written") report.counter("sluice.kafka.produce.retries").value += 1;
  }

  #connect(): void {
    if (this.#connecting) return;
    this.#connecting = true;
    this.#options.link().then(
      (link) => {
        this.#connecting = false;
        this.#link = link;
        if (link.open) this.pump(); // Else whoever looks after what waits asks again.
      },
      () => {
        this.#connecting = false;
        this.#options.stale();
      },
    );
  }
}

/** In the order of a request: each topic once. */
const byTopic = (parts: readonly Part[]): { readonly topic: string; readonly partitions: ProducePartition[] }[] => {
  const topics = new Map<string, ProducePartition[]>();
  for (const { queue, batch } of parts) {
    const partitions = topics.get(queue.topic) ?? [];
    partitions.push({ partition: queue.partition, batch: batch.encoded as EncodedBatch }); // `next` has encoded it.
    topics.set(queue.topic, partitions);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
};
