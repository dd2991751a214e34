// The request messages of one call on their way to Kafka. One produce of values at a time is unacknowledged and what comes meanwhile gathers,
// so that after a failed produce nothing of the call follows: a server never works on half of its requests.
import { EMPTY } from "../../core/bytes.ts";
import { Code, type Status } from "../../core/status.ts";
import { cancelHeader } from "../../exchange/extensions.ts";
import { enter } from "../../flow/enter.ts";
import type { Message } from "../../ports/grpc.ts";
import type { Kafka, ProducedRecord, ProduceTo, Receipt, RecordHeader, RecordHeaders } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import type { ProxyCounters } from "./counters.ts";

/** What a call may have given and Kafka has not acknowledged; past it the caller is told to wait. */
export const UNACKNOWLEDGED_BYTES_MAX = 256 * 1024;
/** Counted for each record beside its value, so that empty messages are bounded too. */
const RECORD_BYTES = 128;
const BATCH_RECORDS_MAX = 256;
const BATCH_BYTES_MAX = 256 * 1024;

/** How the records of one call look and where they go. */
export interface RequestPlan {
  readonly kafka: Kafka;
  readonly to: ProduceTo;
  readonly key: Uint8Array;
  readonly headers: RecordHeaders;
  /** On the tombstone as well when there were no messages. */
  readonly emptyHeader: RecordHeader | undefined;
  /** The id of the call for its cancel record; undefined: none is written. */
  readonly cancels: Uint8Array | undefined;
  /** False: neither a tombstone nor a cancel record is ever written. */
  readonly tombstone: boolean;
  readonly counters: ProxyCounters;
}

/** Who hears how it goes. */
export interface RequestOwner {
  /** Kafka has taken something. */
  acknowledged(): void;
  /** Requests are welcome again. */
  requestsReady(): void;
  /** Something was not taken. The owner closes, so nothing of the call follows. */
  refused(status: Status): void;
  /** A bug, or what Kafka threw, met on a receipt. */
  failed(reason: unknown): void;
}

/**
 * How a call ends: `answered`; `cancelled`, not to be worked on any longer; or `shared`: others wait for the same answer, and the topic
 * hears of the end from the last of them.
 */
export type Ending = "answered" | "cancelled" | "shared";

export class RequestRecords implements Receipt {
  readonly #plan: RequestPlan;
  readonly #owner: RequestOwner;
  /** Given and not produced yet. */
  #gathered: ProducedRecord[] = [];
  #gatheredBytes = 0;
  #producedBytes = 0;
  #outstanding = 0;
  /** Kafka has, or may have, a record of this call. */
  #stored = false;
  #messages = 0;
  #positioned: boolean;
  #stopped = false;
  /** The half-close was given, and whether its tombstone is on its way. */
  #ended = false;
  #tombstoned = false;
  #closed = false;

  /** `positioned` false: nothing is produced before `open`. */
  constructor(plan: RequestPlan, owner: RequestOwner, positioned: boolean) {
    this.#plan = plan;
    this.#owner = owner;
    this.#positioned = positioned;
  }

  /** Everything that was given is acknowledged. */
  get idle(): boolean {
    return this.#gathered.length === 0 && this.#outstanding === 0;
  }
  /** Something is on its way to Kafka, and Kafka has not said a word to this call yet. */
  get unanswered(): boolean {
    return !this.#stored && !this.idle;
  }

  open(): void {
    this.#positioned = true;
    this.#pump();
  }

  write(batch: Batch<Message>): boolean {
    if (this.#closed) return true;
    const { key, headers } = this.#plan;
    for (const value of batch) {
      this.#gathered.push({ key, value, headers });
      this.#gatheredBytes += value.length + RECORD_BYTES;
    }
    this.#messages += batch.length;
    this.#pump();
    this.#stopped = this.#unacknowledgedBytes >= UNACKNOWLEDGED_BYTES_MAX;
    return !this.#stopped;
  }

  end(): void {
    this.#ended = true;
    this.#pump();
  }

  /**
   * The call is over. What was not produced yet never is. Before the reply reader stands, after a first produce that surely failed, and of
   * a call that was answered without having asked, the topic knows nothing that had to be ended.
   */
  close(how: Ending): void {
    if (this.#closed) return;
    this.#closed = true;
    const asked = this.#messages > 0 || this.#tombstoned;
    const known = asked ? this.#stored || this.#outstanding > 0 : how === "cancelled";
    this.#gathered = [];
    const { tombstone, cancels, key, headers } = this.#plan;
    if (!tombstone || !this.#positioned || !known || how === "shared") return;
    const records: ProducedRecord[] = [];
    if (how === "cancelled" && cancels) records.push({ key, value: EMPTY, headers: [cancelHeader(cancels)] });
    if (!this.#tombstoned) records.push({ key, value: null, headers });
    if (records.length > 0) this.#farewell(records);
  }

  produced(status: Status): void {
    enter(
      () => this.#answered(status),
      (error) => this.#owner.failed(error),
    );
  }

  get #unacknowledgedBytes(): number {
    return this.#gatheredBytes + this.#producedBytes;
  }

  #answered(status: Status): void {
    this.#outstanding -= 1;
    if (this.#outstanding === 0) this.#producedBytes = 0;
    if (this.#closed) return;
    if (status.code !== Code.OK) {
      // Unless it is known, the outcome of a produce may still be a stored record, which the farewell then is for.
      if (status.code === Code.UNAVAILABLE || status.code === Code.DEADLINE_EXCEEDED) this.#stored ||= status.unprocessed !== true;
      this.#owner.refused(status);
      return;
    }
    this.#stored = true;
    this.#pump();
    this.#owner.acknowledged();
    if (!this.#stopped || this.#closed || this.#unacknowledgedBytes >= UNACKNOWLEDGED_BYTES_MAX) return;
    this.#stopped = false;
    this.#owner.requestsReady();
  }

  get #owesHalfClose(): boolean {
    return this.#ended && !this.#tombstoned && this.#plan.tombstone;
  }

  #pump(): void {
    if (!this.#positioned || this.#closed) return;
    if (this.#outstanding === 0) {
      if (this.#gathered.length > 0) this.#produce(this.#take());
      else if (this.#owesHalfClose) this.#produce([]);
      return;
    }
    // Behind the very first values the half-close need not wait: alone it starts no call.
    if (this.#owesHalfClose && !this.#stored && this.#gathered.length === 0) this.#produce([]);
  }

  #produce(records: ProducedRecord[]): void {
    const { kafka, to, key, headers, emptyHeader } = this.#plan;
    if (this.#owesHalfClose && this.#gathered.length === 0 && records.length < BATCH_RECORDS_MAX) {
      this.#tombstoned = true;
      records.push({ key, value: null, headers: this.#messages === 0 && emptyHeader ? [...headers, emptyHeader] : headers });
    }
    this.#outstanding += 1;
    kafka.produce(to, records, this);
  }

  /** As much of what was gathered as goes into one batch. */
  #take(): ProducedRecord[] {
    let count = 0;
    let bytes = 0;
    for (const { value } of this.#gathered) {
      const next = bytes + (value?.length ?? 0) + RECORD_BYTES;
      if (count === BATCH_RECORDS_MAX || (count > 0 && next > BATCH_BYTES_MAX)) break;
      bytes = next;
      count += 1;
    }
    const all = count === this.#gathered.length;
    const taken = all ? this.#gathered : this.#gathered.slice(0, count);
    this.#gathered = all ? [] : this.#gathered.slice(count);
    this.#gatheredBytes -= bytes;
    this.#producedBytes += bytes;
    return taken;
  }

  #farewell(records: readonly ProducedRecord[]): void {
    const { kafka, to, counters } = this.#plan;
    const { topic, acks } = to; // Without the call's deadline, which may be why it is over.
    const failed = (): void => {
      counters.farewellsFailed.value += 1;
    };
    if (records[0]?.value !== null) counters.cancels.value += 1;
    enter(
      () => kafka.produce({ topic, acks }, records, { produced: (status) => (status.code === Code.OK ? undefined : failed()) }),
      failed,
    );
  }
}
