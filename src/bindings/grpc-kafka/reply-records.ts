// From the records that answer a call to its reply: metadata of the first, a message for each value, status and trailers of the final one.
import { fail, type Status } from "../../core/status.ts";
import { attemptOf, cancelOf, initialOf } from "../../exchange/extensions.ts";
import { statusOf } from "../../exchange/final.ts";
import { headersMetadata, type MetadataRange } from "../../exchange/metadata.ts";
import { enter } from "../../flow/enter.ts";
import type { GrpcReply, Message, Metadata } from "../../ports/grpc.ts";
import type { FetchStart, StoredRecord } from "../../ports/kafka.ts";
import type { Batch, Reply, Requests } from "../../ports/service.ts";
import type { ProxyCounters } from "./counters.ts";

/** Who hears how the answer goes on. Messages and initial metadata are at the caller by then. */
export interface AnswerOwner {
  /** Whatever is answered from now on will be seen. */
  positioned(): void;
  answered(status: Status, trailers?: Metadata): void;
  /** The answer cannot be read, or not be trusted, any longer. */
  broken(status: Status): void;
  /** The reader of the topic has ended. */
  unread(status: Status): void;
  /** A bug, or what Kafka threw. */
  failed(reason: unknown): void;
}

export interface AnswerPlan {
  readonly reply: GrpcReply;
  /** The method has one reply: a second run of the call can be told from the first by counting. */
  readonly oneReply: boolean;
  readonly counters: ProxyCounters;
}

interface Final {
  readonly status: Status;
  readonly trailers?: Metadata;
}

const BEGUN_TWICE = fail("ABORTED", "the answer was begun twice").status;

export class ReplyRecords implements Reply<StoredRecord, FetchStart>, MetadataRange {
  readonly #plan: AnswerPlan;
  readonly #owner: AnswerOwner;
  #fetch: Requests<never> | undefined;
  #over = false;
  /** The run of the call that is followed: null before its first record. */
  #attempt: string | undefined | null = null;
  #delivered = 0;
  /** So many values of this run are at the caller already, from an earlier one. */
  #repeated = 0;

  constructor(plan: AnswerPlan, owner: AnswerOwner) {
    this.#plan = plan;
    this.#owner = owner;
  }

  /** A header that should be metadata and is none. */
  dropped(): void {
    this.#plan.counters.dropped.value += 1;
  }

  /** The reader that this is the reply of. */
  opened(fetch: Requests<never>): void {
    this.#fetch = fetch;
  }

  /** Nothing is read any more. */
  close(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#fetch?.cancel(status);
  }

  /** Replies are welcome again. */
  resume(): void {
    if (!this.#over) this.#fetch?.ready();
  }

  headers(): void {
    enter(
      () => this.#over || this.#owner.positioned(),
      (error) => this.#owner.failed(error),
    );
  }

  write(batch: Batch<StoredRecord>): boolean {
    if (this.#over) return true;
    try {
      return this.#deliver(batch);
    } catch (reason) {
      this.#owner.failed(reason); // The reader is shared: its other readers go on.
      return true;
    }
  }

  end(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.unread(status);
  }

  ready(): void {} // A fetch takes no requests.

  #deliver(batch: Batch<StoredRecord>): boolean {
    const messages: Message[] = [];
    let outcome: Final | "begun twice" | undefined;
    let at = 0;
    while (at < batch.length && outcome === undefined) outcome = this.#take(batch[at++]!, messages);
    const go = messages.length === 0 || this.#plan.reply.write(messages);
    if (outcome === undefined || this.#over) return go; // The caller may have left from inside `write`.
    this.#plan.counters.late.value += batch.length - at;
    if (outcome === "begun twice") this.#owner.broken(BEGUN_TWICE);
    else this.#owner.answered(outcome.status, outcome.trailers);
    return true;
  }

  /** Adds the record's message, if it is one; a result ends the answer. */
  #take(record: StoredRecord, messages: Message[]): Final | "begun twice" | undefined {
    if (cancelOf(record) !== undefined) return this.#skip();
    if (!this.#follows(attemptOf(record))) return "begun twice";
    if (record.value === null) return this.#final(record);
    if (this.#repeated > 0) {
      this.#repeated -= 1;
      return this.#skip();
    }
    if (this.#delivered === 0) this.#plan.reply.headers(headersMetadata(record, this));
    this.#delivered += 1;
    messages.push(record.value);
    return undefined;
  }

  #skip(): undefined {
    this.#plan.counters.skipped.value += 1;
  }

  /** Whether the answer can go on with this run of the call. */
  #follows(attempt: string | undefined): boolean {
    if (attempt === this.#attempt) return true;
    const first = this.#attempt === null;
    this.#attempt = attempt;
    if (first) return true;
    this.#plan.counters.restarted.value += 1;
    this.#repeated = this.#delivered;
    return this.#delivered === 0 || this.#plan.oneReply;
  }

  /** Its metadata are trailers, unless it is the only record: then the first of them, by itself all of them, are initial. */
  #final(record: StoredRecord): Final {
    const status = statusOf(record);
    const initial = this.#delivered > 0 ? 0 : (initialOf(record) ?? Number.POSITIVE_INFINITY);
    const dropped = (): void => this.dropped();
    const headers = initial > 0 ? headersMetadata(record, { dropped, to: initial }) : [];
    const trailers = headersMetadata(record, initial > 0 ? { dropped, from: initial } : this);
    if (headers.length > 0) this.#plan.reply.headers(headers);
    return trailers.length > 0 ? { status, trailers } : { status };
  }
}
