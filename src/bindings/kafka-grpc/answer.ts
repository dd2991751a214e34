// The answer of one call on its way to the reply topic: values as they come, or with the final record where the method has one reply;
// and the final record only when every value before it stands, so that no caller sees an OK with a reply missing.
import { Code, type Status } from "../../core/status.ts";
import { enter } from "../../flow/enter.ts";
import type { Message, Metadata } from "../../ports/grpc.ts";
import type { ProducedRecord, ProduceTo, Receipt } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import { Closing, refusalOf } from "./closing.ts";
import { BATCH_BYTES_MAX, BATCH_ITEMS_MAX } from "./limits.ts";
import type { ReplyRecords } from "./replies.ts";
import { type Owed, settle } from "./settle.ts";
import type { Shared } from "./shared.ts";

export interface AnswerOwner extends Owed {
  /** Replies are welcome again, after `values` said false. */
  repliesReady(): void;
  /** A value was not written, so the call has to end with this. */
  unwritable(status: Status): void;
  /** The final record stands, or was given up, and what was owed is done. */
  settled(): void;
}

export interface AnswerOptions {
  readonly shared: Shared;
  readonly owner: AnswerOwner;
  readonly records: ReplyRecords;
  readonly topic: string;
  /** Unix milliseconds. */
  readonly deadlineMs: number;
  /** Values wait for the final record. */
  readonly oneReply: boolean;
}

interface Ending {
  readonly status: Status;
  readonly trailers: Metadata | undefined;
}

export class Answer {
  readonly #options: AnswerOptions;
  readonly #to: ProduceTo;
  /** Values that are not on their way yet. */
  #waiting: ProducedRecord[] = [];
  #waitingBytes = 0;
  /** On their way and not acknowledged. */
  #produces = 0;
  #producedBytes = 0;
  #holding: boolean;
  #begun = false;
  #stopped = false;
  #flushing = false;
  #ending: Ending | undefined;
  #closing: Closing | undefined;
  #over = false;

  constructor(options: AnswerOptions) {
    this.#options = options;
    this.#holding = options.oneReply;
    this.#to = { topic: options.topic, acks: options.shared.acks };
  }

  initial(metadata: Metadata): void {
    this.#options.records.initial(metadata);
  }

  /** False: enough, until the owner hears `repliesReady`. */
  values(batch: Batch<Message>): boolean {
    if (this.#over || this.#ending !== undefined) return false;
    for (const message of batch) {
      this.#waiting.push(this.#options.records.value(message));
      this.#waitingBytes += message.length;
    }
    const { replyBytesMax, replyBytesHardMax } = this.#options.shared.limits;
    if (this.#holding && this.#waiting.length > 1 && this.#waitingBytes > replyBytesMax) this.#holding = false; // It has more than one after all.
    if (!this.#holding) this.#flushSoon();
    const bytes = this.#waitingBytes + this.#producedBytes;
    if (bytes > replyBytesHardMax && this.#waiting.length + this.#produces > 1) {
      this.#options.owner.unwritable({ code: Code.RESOURCE_EXHAUSTED, message: "the server does not wait for its replies to be written" });
      return false;
    }
    this.#stopped = bytes >= replyBytesMax;
    return !this.#stopped;
  }

  /** The server's own end: after all values. */
  end(status: Status, trailers: Metadata | undefined): void {
    if (this.#over || this.#ending !== undefined) return;
    this.#ending = { status, trailers };
    this.#advance();
  }

  /** An end of ours, in place of whatever the server would have said: values that are not on their way are dropped. */
  fail(status: Status): void {
    if (this.#over || this.#closing !== undefined) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#ending = { status, trailers: undefined };
    this.#advance();
  }

  /** Nothing more is written, and nobody is told. */
  close(): void {
    this.#over = true;
    this.#waiting = [];
    this.#closing?.close();
  }

  /** From the receipt of some values. */
  valuesProduced(status: Status, bytes: number): void {
    if (this.#over) return;
    this.#produces -= 1;
    this.#producedBytes -= bytes;
    if (status.code !== Code.OK) {
      this.#refused(status);
      return;
    }
    this.#advance();
    if (
      this.#stopped &&
      this.#ending === undefined &&
      this.#waitingBytes + this.#producedBytes < this.#options.shared.limits.replyBytesMax
    ) {
      this.#stopped = false;
      this.#options.owner.repliesReady();
    }
  }

  #refused(status: Status): void {
    const { shared, owner } = this.#options;
    shared.log.warn("a reply was not written", { binding: shared.binding, topic: this.#to.topic, why: status.message });
    if (this.#ending === undefined) owner.unwritable(refusalOf(status));
    else this.fail(refusalOf(status)); // The server has ended, but not with what the caller got.
  }

  /** What comes in one turn of the loop goes out together, the end with it. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      enter(
        () => {
          this.#flushing = false;
          if (!this.#over && this.#ending === undefined) this.#flush();
        },
        ({ status }) => this.#options.owner.unwritable(status),
      );
    });
  }

  #advance(): void {
    if (this.#ending === undefined || this.#produces > 0) return;
    // More than fits beside the final record goes ahead of it, and is waited for.
    while (this.#waiting.length >= BATCH_ITEMS_MAX || (this.#waiting.length > 1 && this.#waitingBytes > BATCH_BYTES_MAX))
      this.#produceSome();
    if (this.#produces === 0) this.#close(this.#ending);
  }

  #flush(): void {
    while (this.#waiting.length > 0) this.#produceSome();
  }

  #produceSome(): void {
    let count = 0;
    let bytes = 0;
    for (const { value } of this.#waiting) {
      const length = value?.length ?? 0;
      if (count === BATCH_ITEMS_MAX || (count > 0 && bytes + length > BATCH_BYTES_MAX)) break;
      count += 1;
      bytes += length;
    }
    const records = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    this.#producedBytes += bytes;
    this.#produces += 1;
    this.#begun = true;
    settle(this.#options.shared.kafka, { to: this.#to, records, receipt: new ValuesReceipt(this, bytes) });
  }

  #close({ status, trailers }: Ending): void {
    if (this.#closing !== undefined) return;
    const { shared, owner, records, deadlineMs } = this.#options;
    const alone = !this.#begun && this.#waiting.length === 0;
    this.#closing = new Closing({
      shared,
      to: this.#to,
      records: [...this.#waiting, records.final(status, { trailers, alone })],
      bare: (reduced) => records.bare(reduced),
      owed: owner,
      deadlineMs,
      settled: () => owner.settled(),
    });
    this.#waiting = [];
    this.#closing.begin();
  }
}

class ValuesReceipt implements Receipt {
  readonly #answer: Answer;
  readonly #bytes: number;

  constructor(answer: Answer, bytes: number) {
    this.#answer = answer;
    this.#bytes = bytes;
  }
  produced(status: Status): void {
    this.#answer.valuesProduced(status, this.#bytes);
  }
}
