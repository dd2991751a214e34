// The records of one partition and one kind of acks, on their way: what waits, and the batches that were sent and have no good answer
// yet. Knows nothing of connections and of time but what it is told.
import { OK, type Status } from "../../core/status.ts";
import type { Acks, ProducedRecord } from "../../ports/kafka.ts";
import { BATCH_OVERHEAD_BYTES, type EncodedBatch, encodeBatch } from "../wire/encode-batch.ts";
import type { HeaderSection } from "../wire/encode-headers.ts";
import { kafkaError, kafkaStatus } from "../wire/errors.ts";
import type { ProducedPartition } from "../wire/produce.ts";
import { backoffMs } from "./backoff.ts";
import type { ProducerIdentity } from "./calls.ts";
import type { Entry, Settle } from "./entry.ts";
import { type Outcome, outcomeOf } from "./produce-outcome.ts";
import { apart, expired, Sent, UNKNOWN_OUTCOME } from "./sent-batch.ts";

/** Records that gather become one batch of at most so many bytes, or of one produce of any size. */
export const BATCH_BYTES_MAX = 1_048_576;
/** Idempotent batches of a partition on their way at once: what a broker remembers of a producer. */
export const IN_FLIGHT_MAX = 5;
/** The broker's highest; after it, a new producer id is needed. */
const EPOCH_MAX = 32_767;

export interface QueueOptions {
  readonly topic: string;
  readonly partition: number;
  readonly acks: Acks;
  readonly settle: Settle;
}

export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly acks: Acks;
  /** At most so many bytes in one batch of several produces: the topic's own limit, where that is lower. */
  batchBytesMax = BATCH_BYTES_MAX;
  readonly #settle: Settle;
  #waiting: Entry[] = [];
  #waitingBytes = 0;
  #sent: Sent[] = [];
  #inFlight = 0;
  #identity: ProducerIdentity | undefined;
  #lastProducerId = -1;
  #sequence = 0;
  /** Kafka has taken a batch of this identity: only then may several be on their way. */
  #confirmed = false;
  #renewing = false;
  #failures = 0;
  #notBeforeMs = 0;

  constructor({ topic, partition, acks, settle }: QueueOptions) {
    this.topic = topic;
    this.partition = partition;
    this.acks = acks;
    this.#settle = settle;
  }

  get empty(): boolean {
    return this.#waiting.length === 0 && this.#sent.length === 0;
  }
  get idempotent(): boolean {
    return this.acks === "in_sync_replicas";
  }
  /** An idempotent queue sends nothing until it has been given an identity. */
  get needsIdentity(): boolean {
    return this.idempotent && this.#identity === undefined;
  }

  /** The producer id it had last; -1 before the first. An epoch that is used up wants another. */
  get lastProducerId(): number {
    return this.#lastProducerId;
  }

  identify(identity: ProducerIdentity): void {
    this.#identity = identity;
    this.#lastProducerId = identity.id;
    this.#sequence = 0;
    this.#confirmed = false;
  }

  push(entry: Entry): void {
    this.#waiting.push(entry);
    this.#waitingBytes += entry.bytes;
  }

  /** Bytes that `next` could send now. */
  readyBytes(nowMs: number): number {
    if (nowMs < this.#notBeforeMs || this.needsIdentity) return 0;
    const again = this.#again();
    if (again !== undefined) return this.#inFlight === 0 ? again.bytes : 0;
    return this.#renewing || this.#inFlight >= this.#inFlightMax() ? 0 : this.#waitingBytes;
  }

  /** The next batch to send, marked as on its way; undefined when nothing may be sent now. */
  next(nowMs: number): Sent | undefined {
    if (this.#renewing && !this.#sent.some(({ inFlight, unknown }) => inFlight || unknown)) this.#renew();
    if (this.readyBytes(nowMs) === 0) return undefined;
    const again = this.#again();
    const batch = again ?? this.#gather(nowMs);
    if (batch === undefined) return undefined;
    if (again === undefined) this.#sent.push(batch);
    if (batch.attempts === 0) batch.firstSentMs = nowMs;
    batch.encoded ??= this.#encode(batch, nowMs);
    batch.attempts += 1;
    batch.inFlight = true;
    this.#inFlight += 1;
    return batch;
  }

  /** What Kafka answered; how it was taken. */
  answered(batch: Sent, answer: ProducedPartition, nowMs: number): Outcome {
    this.#landed(batch);
    if (!this.#sent.includes(batch)) return "fail"; // Closed meanwhile, and answered for.
    const { errorCode: code } = answer;
    const first = this.#sent[0] === batch;
    const outcome = outcomeOf({ code, idempotent: this.idempotent, first, entries: batch.entries.length, attempts: batch.attempts });
    batch.unknown = false;
    if (outcome === "written") this.#written(batch, code === 0 ? answer.baseOffset : -1);
    else if (outcome === "fail") this.#fail(batch, kafkaStatus(code, this.#subject));
    else if (outcome === "split") this.#split(batch, answer);
    else {
      if (outcome === "renew") this.#renewing = true;
      this.#later(nowMs);
    }
    return outcome;
  }

  /** The connection was lost, or no answer came in time. */
  lost(batch: Sent, nowMs: number): void {
    this.#landed(batch);
    batch.unknown = true;
    this.#later(nowMs);
  }

  /** Sent with acks none: that is all that will be known. */
  handedOver(batch: Sent): void {
    this.#landed(batch);
    this.#written(batch, -1);
  }

  /** Drops what has waited too long. `timeoutMs` bounds how long a batch that was sent is sent again. */
  expire(nowMs: number, timeoutMs: number): void {
    const late = this.#waiting.filter(({ expiresMs }) => expiresMs <= nowMs);
    if (late.length > 0) {
      this.#waiting = this.#waiting.filter(({ expiresMs }) => expiresMs > nowMs);
      for (const entry of late) {
        this.#waitingBytes -= entry.bytes;
        this.#settle(entry, expired(entry, this.#subject));
      }
    }
    for (const batch of [...this.#sent]) {
      if (batch.inFlight) continue;
      if (batch.unknown && batch.firstSentMs + timeoutMs <= nowMs) this.#fail(batch, UNKNOWN_OUTCOME);
      else if (!batch.unknown) this.#dropExpired(batch, nowMs);
    }
  }

  /** Fails everything: nothing more will be sent. */
  close(status: Status): void {
    for (const batch of this.#sent) for (const entry of batch.entries) this.#settle(entry, status);
    for (const entry of this.#waiting) this.#settle(entry, status);
    this.#sent = [];
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  get #subject(): string {
    return `topic '${this.topic}' partition ${this.partition}`;
  }

  #inFlightMax(): number {
    return this.idempotent && this.#confirmed ? IN_FLIGHT_MAX : 1;
  }

  /** The first batch that is to be sent again. Only when none is on its way: their order is kept. */
  #again(): Sent | undefined {
    return this.#sent.find(({ inFlight }) => !inFlight);
  }

  #gather(nowMs: number): Sent | undefined {
    const entries: Entry[] = [];
    let bytes = BATCH_OVERHEAD_BYTES;
    let taken = 0;
    for (const entry of this.#waiting) {
      if (entries.length > 0 && bytes + entry.bytes > this.batchBytesMax) break;
      taken += 1;
      this.#waitingBytes -= entry.bytes;
      if (entry.expiresMs <= nowMs) {
        this.#settle(entry, expired(entry, this.#subject));
        continue;
      }
      entries.push(entry);
      bytes += entry.bytes;
    }
    this.#waiting = taken === this.#waiting.length ? [] : this.#waiting.slice(taken);
    return entries.length === 0 ? undefined : new Sent(entries);
  }

  #encode({ entries }: Sent, nowMs: number): EncodedBatch {
    const records: ProducedRecord[] = [];
    const headers: HeaderSection[] = [];
    for (const entry of entries) {
      records.push(...entry.records);
      headers.push(...entry.headers);
    }
    const identity = this.#identity;
    if (!this.idempotent || identity === undefined) return encodeBatch(records, { timestampMs: nowMs }, headers);
    const sequence = this.#sequence;
    this.#sequence = (sequence + records.length) % 0x80000000;
    return encodeBatch(records, { timestampMs: nowMs, producer: { ...identity, sequence } }, headers);
  }

  #landed(batch: Sent): void {
    batch.inFlight = false;
    this.#inFlight -= 1;
  }

  #later(nowMs: number): void {
    this.#failures += 1;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, nowMs + backoffMs(this.#failures));
  }

  #written(batch: Sent, baseOffset: number): void {
    this.#remove(batch);
    this.#failures = 0;
    this.#notBeforeMs = 0;
    this.#confirmed = true;
    let offset = baseOffset;
    for (const entry of batch.entries) {
      this.#settle(entry, OK, { partition: this.partition, offset });
      if (offset >= 0) offset += entry.records.length;
    }
  }

  #fail(batch: Sent, status: Status): void {
    this.#replace(batch, []);
    for (const entry of batch.entries) this.#settle(entry, status);
  }

  #dropExpired(batch: Sent, nowMs: number): void {
    const alive = batch.entries.filter(({ expiresMs }) => expiresMs > nowMs);
    if (alive.length === batch.entries.length) return;
    this.#replace(batch, alive.length === 0 ? [] : [new Sent(alive, batch)]);
    for (const entry of batch.entries) if (entry.expiresMs <= nowMs) this.#settle(entry, expired(entry, this.#subject));
  }

  /** Fails the produces whose records are named; if none is named, tries halves. */
  #split(batch: Sent, { errorCode, recordErrors }: ProducedPartition): void {
    const parts: Entry[][] = [];
    const status = kafkaStatus(errorCode, this.#subject);
    const faulty = new Set(recordErrors.map(({ index }) => index));
    if (faulty.size > 0) {
      const [sound, unsound] = apart(batch.entries, faulty);
      for (const entry of unsound) this.#settle(entry, status);
      if (sound.length > 0) parts.push(sound);
    } else {
      const half = batch.entries.length >> 1;
      parts.push(batch.entries.slice(0, half), batch.entries.slice(half));
    }
    this.#replace(
      batch,
      parts.map((entries) => new Sent(entries, batch)),
    );
  }

  /** Then its sequence numbers are missing. */
  #replace(batch: Sent, by: readonly Sent[]): void {
    this.#sent.splice(this.#sent.indexOf(batch), 1, ...by);
    if (this.idempotent) this.#renewing = true;
  }

  #remove(batch: Sent): void {
    this.#sent = this.#sent.filter((other) => other !== batch);
  }

  /** What is to be sent again gets new sequence numbers, from 0 under the next epoch: the old ones have a gap. */
  #renew(): void {
    this.#renewing = false;
    for (const batch of this.#sent) batch.encoded = undefined;
    const identity = this.#identity;
    if (identity === undefined || identity.epoch >= EPOCH_MAX) this.#identity = undefined;
    else this.identify({ id: identity.id, epoch: identity.epoch + 1 });
  }
}

/** Whether an answer tells that what is known of the leaders is old. */
export const isStale = (answer: ProducedPartition): boolean => kafkaError(answer.errorCode).refreshMetadata;
