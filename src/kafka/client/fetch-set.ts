// Partitions that are read together for one reader: spread over a loop for each broker that leads some of them, and moved when leaders
// change. What is fetched, and what cannot be read on, goes to the reader's sink.
import type { Counter } from "../../core/counters.ts";
import { fail, type Status } from "../../core/status.ts";
import type { Isolation } from "../../ports/kafka.ts";
import { decodeBatches } from "../wire/decode-batch.ts";
import { kafkaError, kafkaStatus } from "../wire/errors.ts";
import type { FetchedPartition } from "../wire/fetch.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import { withoutAborted } from "../wire/transactions.ts";
import { backoffMs } from "./backoff.ts";
import { askEpochEnd, type TopicView } from "./calls.ts";
import type { ClientContext } from "./context.ts";
import { FETCH_BYTES_MAX, PARTITION_BYTES_MAX } from "./fetch-limits.ts";
import { FetchLoop } from "./fetch-loop.ts";
import { FetchPosition } from "./fetch-position.ts";
import { Life } from "./life.ts";
import { UNKNOWN_TOPIC_MS } from "./metadata.ts";

/** An open transaction that holds back committed readers is told of after so long. */
export const TRANSACTION_OPEN_MS = 5_000;

const OFFSET_OUT_OF_RANGE = 1;
const TOPIC_AUTHORIZATION_FAILED = 29;
const FENCED_LEADER_EPOCH = 74;
const UNKNOWN_LEADER_EPOCH = 75;
const UNKNOWN_TOPIC = 3;

export interface FetchSink {
  /** Records of a partition in order, perhaps none; everything before `next` has been seen now. */
  fetched(position: FetchPosition, records: readonly BatchRecord[], next: number): void;
  /** The partition is read no more. OUT_OF_RANGE: Kafka does not have what comes next. */
  failed(position: FetchPosition, status: Status): void;
}

export interface FetchSetOptions {
  readonly context: ClientContext;
  readonly isolation: Isolation;
  readonly sink: FetchSink;
  /** Of one answer; FETCH_BYTES_MAX when absent. */
  readonly bytesMax?: number;
}

export class FetchSet {
  readonly #options: FetchSetOptions;
  readonly #life: Life;
  readonly #positions = new Map<string, FetchPosition>();
  readonly #loops = new Map<number, FetchLoop>();
  readonly #watches = new Map<string, () => void>();
  readonly #missingSinceMs = new Map<string, number>();
  readonly #records: Counter;
  #paused = false;

  constructor(options: FetchSetOptions) {
    this.#options = options;
    this.#life = new Life(options.context.clock);
    this.#records = options.context.report.counter("sluice.kafka.fetch.records");
  }

  add(topic: TopicView, partition: number, offset: number): void {
    const position = new FetchPosition(topic, partition, {
      offset,
      bytesMax: Math.min(PARTITION_BYTES_MAX, this.#options.bytesMax ?? PARTITION_BYTES_MAX),
    });
    this.#positions.set(keyOf(position), position);
    if (!this.#watches.has(topic.name)) {
      this.#watches.set(
        topic.name,
        this.#options.context.metadata.watch(topic.name, (view) => this.#seen(view)),
      );
    }
    this.#place(position, this.#options.context.metadata.known(topic.name) ?? topic);
  }

  remove(topic: string, partition: number): void {
    const position = this.#positions.get(keyOf({ topic, partition }));
    if (position) this.#drop(position);
  }

  /** No more of that partition is asked for; an answer to what was asked still comes. */
  pausePartition(topic: string, partition: number): void {
    const position = this.#positions.get(keyOf({ topic, partition }));
    if (position) position.paused = true;
  }

  resumePartition(topic: string, partition: number): void {
    const position = this.#positions.get(keyOf({ topic, partition }));
    if (position === undefined) return;
    position.paused = false;
    this.#loops.get(position.leader)?.poke();
  }

  /** No more is asked for; answers to what was asked still come. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (const loop of this.#loops.values()) loop.poke();
  }

  close(): void {
    this.#life.end();
    for (const loop of this.#loops.values()) loop.close();
    for (const unwatch of this.#watches.values()) unwatch();
    for (const position of this.#positions.values()) position.removed = true;
    this.#loops.clear();
    this.#watches.clear();
    this.#positions.clear();
  }

  #drop(position: FetchPosition): void {
    position.removed = true;
    this.#positions.delete(keyOf(position));
    this.#loops.get(position.leader)?.remove(position);
    for (const { topic } of this.#positions.values()) if (topic === position.topic) return;
    this.#watches.get(position.topic)?.();
    this.#watches.delete(position.topic);
  }

  /** A new view of a topic: leaders may have moved, or it may be gone. */
  #seen(view: TopicView): void {
    const { clock } = this.#options.context;
    const missing = view.error === UNKNOWN_TOPIC;
    if (missing && !this.#missingSinceMs.has(view.name)) this.#missingSinceMs.set(view.name, clock.monotonicMs());
    if (!missing) this.#missingSinceMs.delete(view.name);
    const sinceMs = this.#missingSinceMs.get(view.name);
    const gone = sinceMs !== undefined && clock.monotonicMs() - sinceMs >= UNKNOWN_TOPIC_MS;
    for (const position of [...this.#positions.values()]) {
      if (position.topic !== view.name) continue;
      if (gone) this.#fail(position, fail("FAILED_PRECONDITION", `kafka: topic '${view.name}' does not exist any more`).status);
      else if (view.error === 0 && view.id !== position.topicId)
        this.#fail(position, fail("OUT_OF_RANGE", `kafka: topic '${view.name}' was deleted and made anew`).status);
      else if (view.error === 0) this.#place(position, view);
    }
  }

  #place(position: FetchPosition, view: TopicView): void {
    const { leader = -1, leaderEpoch = -1 } = view.partitions[position.partition] ?? {};
    if (leaderEpoch < position.leaderEpoch) return; // An older view, from a broker that has not heard yet.
    position.leaderEpoch = leaderEpoch;
    if (leader !== position.leader) {
      this.#loops.get(position.leader)?.remove(position);
      position.leader = leader;
      position.notBeforeMs = 0;
    }
    if (leader < 0) this.#options.context.metadata.stale();
    else this.#loop(leader).add(position);
  }

  #loop(broker: number): FetchLoop {
    const known = this.#loops.get(broker);
    if (known) return known;
    const { context, isolation, bytesMax = FETCH_BYTES_MAX } = this.#options;
    const made = new FetchLoop({
      ...{ context, isolation, broker, bytesMax },
      paused: () => this.#paused,
      answered: (position, answer) => this.#answered(position, answer),
    });
    this.#loops.set(broker, made);
    return made;
  }

  #answered(position: FetchPosition, answer: FetchedPartition): void {
    if (position.removed) return;
    if (answer.errorCode !== 0) this.#refused(position, answer.errorCode);
    else if (answer.divergingEpoch) this.#fail(position, truncated(position, answer.divergingEpoch.endOffset));
    else this.#read(position, answer);
  }

  #read(position: FetchPosition, answer: FetchedPartition): void {
    const { sink, isolation, context } = this.#options;
    const { decompressedBytesMax } = context;
    position.failures = 0;
    const { batches, bytesWanted } = decodeBatches(answer.records, {
      topic: position.topic,
      partition: position.partition,
      decompressedBytesMax,
    });
    if (bytesWanted > position.bytesMax) position.bytesMax = bytesWanted;
    if (batches.length === 0) {
      this.#held(position, answer);
      return;
    }
    position.heldSinceMs = undefined;
    const records: BatchRecord[] = [];
    const from = position.offset;
    for (const batch of isolation === "read_committed" ? withoutAborted(batches, answer.aborted) : batches) {
      if (batch.kind === "corrupt") {
        context.report.corrupt(position.subject, batch.baseOffset, batch.reason);
        position.offset = Math.max(position.offset, batch.nextOffset);
        continue;
      }
      for (const record of batch.records) if (record.offset >= from) records.push(record);
      position.offset = Math.max(position.offset, batch.lastOffset + 1);
      position.lastEpoch = batch.leaderEpoch;
    }
    this.#records.value += records.length;
    sink.fetched(position, records, position.offset);
  }

  /** Nothing came: is it an open transaction that holds records back? */
  #held(position: FetchPosition, { lastStableOffset, highWatermark }: FetchedPartition): void {
    const { clock, report } = this.#options.context;
    if (this.#options.isolation !== "read_committed" || lastStableOffset < 0 || lastStableOffset >= highWatermark) {
      position.heldSinceMs = undefined;
      position.heldTold = false;
      return;
    }
    position.heldSinceMs ??= clock.monotonicMs();
    if (position.heldTold || clock.monotonicMs() - position.heldSinceMs < TRANSACTION_OPEN_MS) return;
    position.heldTold = true;
    const behind = highWatermark - lastStableOffset;
    report.trouble(
      "transaction.open",
      `${position.subject}: an open transaction at offset ${lastStableOffset} holds back ${behind} records`,
    );
  }

  #refused(position: FetchPosition, code: number): void {
    const { context } = this.#options;
    const { retriable, refreshMetadata, name } = kafkaError(code);
    if (code === TOPIC_AUTHORIZATION_FAILED)
      context.report.trouble("topic.authorization.failed", `kafka does not let us read topic '${position.topic}'`);
    if (code === OFFSET_OUT_OF_RANGE || !retriable) {
      this.#fail(position, kafkaStatus(code, `${position.subject} offset ${position.offset}`));
      return;
    }
    position.failures += 1;
    position.notBeforeMs = context.clock.monotonicMs() + backoffMs(position.failures);
    context.report.log.debug(`${position.subject} cannot be read at present`, { reason: name });
    if (code === FENCED_LEADER_EPOCH || code === UNKNOWN_LEADER_EPOCH) this.#doubt(position);
    if (refreshMetadata || code === UNKNOWN_LEADER_EPOCH) context.metadata.stale();
  }

  /** After a change of leader: does the new one still have what was read (KIP-320)? */
  #doubt(position: FetchPosition): void {
    if (position.lastEpoch < 0 || position.doubtful) return;
    position.doubtful = true;
    this.#ask(position).then(
      (status) => {
        position.doubtful = false;
        if (status) this.#fail(position, status);
        else this.#loops.get(position.leader)?.poke();
      },
      () => {
        position.doubtful = false; // The next fetch finds out whether it is still in doubt.
        this.#loops.get(position.leader)?.poke();
      },
    );
  }

  async #ask(position: FetchPosition): Promise<Status | undefined> {
    const { metadata, brokers } = this.#options.context;
    await this.#life.until(metadata.refresh());
    const { topic, partition, leader, leaderEpoch: currentLeaderEpoch, lastEpoch: leaderEpoch } = position;
    const link = await this.#life.until(brokers.link(leader, "admin"));
    const { error, endOffset } = await this.#life.until(askEpochEnd(link, topic, { partition, currentLeaderEpoch, leaderEpoch }));
    return error === 0 && endOffset >= 0 && endOffset < position.offset ? truncated(position, endOffset) : undefined;
  }

  #fail(position: FetchPosition, status: Status): void {
    if (position.removed) return;
    this.#drop(position);
    this.#options.sink.failed(position, status);
  }
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${partition} ${topic}`;

const truncated = ({ subject, offset }: FetchPosition, endOffset: number): Status =>
  fail("OUT_OF_RANGE", `kafka: ${subject} was cut back to offset ${endOffset} by a new leader, and had been read to ${offset}`).status;
