// One partition's log: appends are checked, placed and answered with their offsets at once, and made durable by the committer; readers see
// what is durable.
import { copy } from "../../core/bytes.ts";
import { BrokerError } from "../broker-error.ts";
import { type BatchFacts, factsOf, LEADER_EPOCH, place } from "./batch-facts.ts";
import type { Committable, Committer } from "./committer.ts";
import { guarded, type InnerLog, startAt } from "./inner-log.ts";
import type { LogConfig } from "./log-config.ts";
import { type LogParts, Trouble } from "./log-parts.ts";
import type { Appended, Isolation, ReadOptions, ReadResult } from "./log-results.ts";
import type { LogState } from "./log-state.ts";
import { LogSteps } from "./log-steps.ts";
import { LogWriter } from "./log-writer.ts";
import { encodeMarker, type Marker } from "./markers.ts";
import { type AbortedRange, afterMarker, checkedAfterBatch, checkMarker, type ProducerEntry, repeatedBy } from "./producers.ts";
import { recover } from "./recovery.ts";
import { readStored, type Stored } from "./stored-reads.ts";
import { Tail } from "./tail.ts";
import { firstNotBefore, newest, type TimedOffset } from "./timestamps.ts";
import { Turns } from "./turns.ts";
import { checkProduced } from "./validate.ts";
import { Waiters } from "./waiters.ts";

export interface PartitionLogOf {
  readonly parts: LogParts;
  readonly config: LogConfig;
  readonly committer: Committer;
}

export class PartitionLog implements Committable {
  readonly #inner: InnerLog;
  readonly #committer: Committer;
  /** What is done from time to time. */
  readonly steps: LogSteps;
  readonly #waiters = new Waiters();
  #config: LogConfig;
  #phase: "open" | "closed" | "deleted" = "open";

  /** Reads what must be read to know the end of the log. Rejects with what the disk says. */
  static async open(of: PartitionLogOf): Promise<PartitionLog> {
    return new PartitionLog(of, await recover(of.parts, { gaps: of.config.cleanup.compact ? "possible" : "none" }));
  }

  private constructor({ parts, config, committer }: PartitionLogOf, state: LogState) {
    this.#config = config;
    this.#committer = committer;
    const shared = { parts, state, tail: new Tail(parts.tail), trouble: new Trouble(parts), config: () => this.#config };
    const writer = new LogWriter({ ...shared, sync: committer.mode, indexedBytes: state.active.size });
    this.#inner = { ...shared, writer, turns: new Turns() };
    this.steps = new LogSteps(this.#inner, () => this.#waiters.changed());
  }

  get name(): string {
    return this.#inner.parts.name;
  }

  get startOffset(): number {
    return this.#inner.state.startOffset;
  }

  /** After the last batch, durable or not. */
  get endOffset(): number {
    return this.#inner.writer.endOffset;
  }

  /** After the last durable batch. */
  get highWatermark(): number {
    return this.#inner.state.endOffset;
  }

  get lastStableOffset(): number {
    return this.#inner.state.lastStableOffset;
  }

  get leaderEpoch(): number {
    return LEADER_EPOCH;
  }

  /** Of its segments' files. */
  get bytes(): number {
    return this.#inner.state.bytes;
  }

  get config(): LogConfig {
    return this.#config;
  }

  /** From the next append, roll and step on. */
  configure(config: LogConfig): void {
    this.#config = config;
  }

  /**
   * One produced batch. It is the log's from now on, and is changed in place: unless it is the smaller part of its buffer, it is not
   * copied. Throws a BrokerError with Kafka's code; the log is then as it was.
   */
  append(batch: Uint8Array): Appended {
    this.#checkOpen();
    const { writer, parts } = this.#inner;
    const own = batch.length * 2 < batch.buffer.byteLength ? copy(batch) : batch;
    const { bytes, facts } = checkProduced(own, { config: this.#config, nowMs: parts.clock.now() });
    if (facts.producerId < 0) return this.#place(bytes, facts, () => undefined);
    const entry = writer.producer(facts.producerId);
    const repeated = repeatedBy(entry, facts);
    if (!repeated) return this.#place(bytes, facts, (placed) => checkedAfterBatch(entry, placed));
    const { baseOffset, lastOffset, timestampMs } = repeated;
    return { baseOffset, lastOffset, appendTimestampMs: timestampMs, repeated: true }; // As Apache Kafka, whoever sets the time.
  }

  /** Ends a transaction. Throws INVALID_PRODUCER_EPOCH or TRANSACTION_COORDINATOR_FENCED. */
  appendMarker(ending: Omit<Marker, "timestampMs">): Appended {
    this.#checkOpen();
    const { writer, parts } = this.#inner;
    const marker: Marker = { ...ending, timestampMs: parts.clock.now() };
    const entry = writer.producer(marker.producerId);
    checkMarker(entry, marker);
    const bytes = encodeMarker(marker);
    return this.#place(bytes, factsOf(bytes), () => afterMarker(entry, marker));
  }

  /**
   * When everything before the offset is durable; rejects with KAFKA_STORAGE_ERROR when the disk has refused it. To be called in the same
   * turn of the loop as the append: afterwards, offsets that were taken back may be another's.
   */
  durable(offset: number): Promise<void> {
    if (offset <= this.highWatermark) return Promise.resolve();
    if (this.#phase === "open") return this.#waiters.until(offset);
    return Promise.reject(this.#refusal());
  }

  /** Called whenever the high watermark, the last stable offset or the beginning has changed, and when the log is closed or deleted. */
  listen(call: () => void): () => void {
    return this.#waiters.listen(call);
  }

  /** Throws, or rejects with, a BrokerError: OFFSET_OUT_OF_RANGE, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR. */
  read(offset: number, { bytesMax, isolation }: ReadOptions): ReadResult | Promise<ReadResult> {
    this.#checkOpen();
    if (offset < this.startOffset || offset > this.endOffset)
      throw new BrokerError("OFFSET_OUT_OF_RANGE", `offset ${offset} is not within ${this.startOffset} and ${this.endOffset}`);
    const limit = isolation === "committed" ? this.lastStableOffset : this.highWatermark;
    if (offset >= limit) return this.#result([], { offset, isolation });
    const { tail } = this.#inner;
    if (offset < (tail.startOffset ?? Number.POSITIVE_INFINITY))
      return readStored(this.#stored, { offset, limit, bytesMax }).then((batches) => this.#result(batches, { offset, isolation }));
    const held = tail.from(offset, { limit, bytesMax }).map(({ bytes }) => bytes);
    return this.#result(held, { offset, isolation });
  }

  /** Transactions that were aborted and have records among these offsets, `to` not included. */
  abortedIn(from: number, to: number): readonly AbortedRange[] {
    return this.#inner.state.abortedIn(from, to);
  }

  /** The first record that is not older; undefined when all are. */
  offsetForTimestamp(timestampMs: number): Promise<TimedOffset | undefined> {
    this.#checkOpen();
    return firstNotBefore(this.#stored, timestampMs);
  }

  /** The first of the records with the largest timestamp; undefined when none has one. */
  maxTimestamp(): Promise<TimedOffset | undefined> {
    this.#checkOpen();
    return newest(this.#stored);
  }

  /** What is known of a producer, what is not durable yet included. */
  producer(id: number): ProducerEntry | undefined {
    return this.#inner.writer.producer(id);
  }

  producers(): Iterable<ProducerEntry> {
    return this.#inner.state.producers.values();
  }

  /** Of DeleteRecords; -1 is the high watermark. Answers where the log begins. Rejects with OFFSET_OUT_OF_RANGE or POLICY_VIOLATION. */
  async deleteRecordsBefore(offset: number): Promise<number> {
    this.#checkOpen();
    const { cleanup } = this.#config;
    if (cleanup.compact && !cleanup.delete) throw new BrokerError("POLICY_VIOLATION", "records of a compacted topic are not deleted");
    const target = offset === -1 ? this.highWatermark : offset;
    if (target < 0 || target > this.highWatermark)
      throw new BrokerError("OFFSET_OUT_OF_RANGE", `offset ${offset} is not within 0 and ${this.highWatermark}`);
    await this.#inner.turns.take(() => guarded(this.#inner, "records could not be deleted", () => startAt(this.#inner, target)));
    this.#waiters.changed();
    return this.startOffset;
  }

  get hasPending(): boolean {
    return this.#inner.writer.hasPending;
  }

  get unsyncedBytes(): number {
    return this.#inner.writer.unsyncedBytes;
  }

  commit(): Promise<void> {
    return this.#inner.turns.take(async () => {
      if (this.#phase === "deleted") return this.#inner.writer.takeBack();
      try {
        await this.#inner.writer.commit();
      } catch (reason) {
        this.#waiters.failed(reason);
        return;
      }
      this.#waiters.reached(this.highWatermark);
    });
  }

  sync(): Promise<void> {
    return this.#inner.turns.take(() => this.#inner.writer.sync());
  }

  /** Makes durable what was appended, and lets go of all files. */
  async close(): Promise<void> {
    if (this.#phase !== "open") return;
    this.#phase = "closed";
    while (this.hasPending) await this.commit();
    await this.steps.checkpoint().catch(() => {}); // It was said; a start reads the log instead.
    await this.#leave();
  }

  /** Nobody reads or writes it any more; its files are somebody else's to delete. */
  async abandon(): Promise<void> {
    this.#phase = "deleted";
    await this.#inner.turns.take(async () => {
      for (const segment of this.#inner.state.segments) segment.retired = true;
      await this.#leave();
    });
  }

  async #leave(): Promise<void> {
    const { parts, state, tail } = this.#inner;
    this.#committer.remove(this);
    tail.clear();
    this.#waiters.failed(this.#refusal());
    this.#waiters.changed();
    for (const segment of state.segments) await parts.files.drop(segment);
  }

  get #stored(): Stored {
    const { parts, state, trouble, turns } = this.#inner;
    return { parts, state, trouble, settled: () => turns.take(async () => {}) };
  }

  #place(bytes: Uint8Array, facts: BatchFacts, entryOf: (placed: BatchFacts) => ProducerEntry | undefined): Appended {
    const { writer } = this.#inner;
    const baseOffset = writer.endOffset;
    const lastOffset = baseOffset + facts.lastOffset - facts.baseOffset;
    const placed: BatchFacts = { ...facts, baseOffset, lastOffset };
    const entry = entryOf(placed);
    place(bytes, baseOffset);
    writer.append({ facts: placed, bytes, ...(entry ? { entry } : {}) });
    this.#committer.add(this);
    return { baseOffset, lastOffset, appendTimestampMs: this.#appendTime(facts.maxTimestamp), repeated: false };
  }

  #appendTime(timestampMs: number): number {
    return this.#config.timestamps === "append" ? timestampMs : -1;
  }

  #result(batches: readonly Uint8Array[], { offset, isolation }: { readonly offset: number; readonly isolation: Isolation }): ReadResult {
    const { startOffset, highWatermark, lastStableOffset } = this;
    const last = batches.at(-1);
    const aborted = last && isolation === "committed" ? this.abortedIn(offset, factsOf(last).lastOffset + 1) : [];
    const bytes = batches.reduce((sum, batch) => sum + batch.length, 0);
    return { batches, bytes, aborted, startOffset, highWatermark, lastStableOffset };
  }

  #checkOpen(): void {
    if (this.#phase !== "open") throw this.#refusal();
  }

  #refusal(): BrokerError {
    return this.#phase === "deleted"
      ? new BrokerError("UNKNOWN_TOPIC_OR_PARTITION", "the topic was deleted")
      : new BrokerError("NOT_LEADER_OR_FOLLOWER", "the broker is stopping");
  }
}
