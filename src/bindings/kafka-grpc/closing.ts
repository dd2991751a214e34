// The end of an answer: the final record, tried until it stands or until nobody can be waiting for it any more. Never given up in silence.
import { Code, codeName, type Status } from "../../core/status.ts";
import { type Deadline, NO_DEADLINE } from "../../flow/wheel.ts";
import type { ProducedRecord, ProduceTo, Receipt } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import { pauseMs, SETTLE_PAUSES } from "./pauses.ts";
import { type Owed, settle } from "./settle.ts";
import { later, type Shared } from "./shared.ts";

const TRANSIENT: ReadonlySet<number> = new Set([Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.ABORTED, Code.CANCELLED]);
/** Kafka may take it later; else it refused these records for good. */
export const isTransient = ({ code }: Status): boolean => TRANSIENT.has(code);

/** What the caller is told of a reply that Kafka does not take. What Kafka said is for the log: it names topics. */
export const refusalOf = (status: Status): Status => {
  if (status.code === Code.RESOURCE_EXHAUSTED) return { code: Code.RESOURCE_EXHAUSTED, message: "the reply is too large to be written" };
  return { code: isTransient(status) ? Code.UNAVAILABLE : Code.INTERNAL, message: "the reply could not be written" };
};

export interface ClosingOptions {
  readonly shared: Shared;
  readonly to: ProduceTo;
  /** The last values that are still to be written, if any, and then the final record: one batch, all or nothing. */
  readonly records: Batch<ProducedRecord>;
  /** The least final record of a status. */
  readonly bare: (status: Status) => ProducedRecord;
  readonly owed: Owed;
  /** Unix milliseconds: nobody waits beyond. */
  readonly deadlineMs: number;
  /** Once, unless closed: the final record stands, or has been given up; what was owed is done. */
  readonly settled: () => void;
}

export class Closing implements Receipt {
  readonly #options: ClosingOptions;
  readonly #refusedUntilMs: number;
  #records: Batch<ProducedRecord>;
  #reduced = false;
  #failures = 0;
  #pause: Deadline = NO_DEADLINE;
  #over = false;

  constructor(options: ClosingOptions) {
    this.#options = options;
    this.#records = options.records;
    const { clock, limits } = options.shared;
    this.#refusedUntilMs = Math.min(options.deadlineMs, clock.now() + limits.settleMs);
  }

  begin(): void {
    const { shared, to, owed } = this.#options;
    settle(shared.kafka, { to, records: this.#records, owed, receipt: this });
  }

  /** Nobody waits for it any more. What is on its way may still arrive. */
  close(): void {
    this.#over = true;
    this.#pause.cancel();
  }

  produced(status: Status): void {
    if (this.#over) return;
    if (status.code === Code.OK) {
      this.#over = true;
      this.#options.settled();
      return;
    }
    this.#failures += 1;
    const transient = isTransient(status);
    if (!transient && !this.#reduced) this.#reduce(status);
    else this.#retry(status, transient ? this.#options.deadlineMs : this.#refusedUntilMs);
  }

  /** Without values, metadata and the server's own message it may be taken. A batch is written whole or not at all, so none of it stands. */
  #reduce(status: Status): void {
    const { shared, bare } = this.#options;
    shared.log.warn("a reply was refused by kafka", { binding: shared.binding, status: codeName(status.code), why: status.message });
    this.#reduced = true;
    this.#records = [bare(refusalOf(status))];
    this.begin();
  }

  #retry(status: Status, untilMs: number): void {
    const { shared } = this.#options;
    const nowMs = shared.clock.now();
    if (nowMs >= untilMs) {
      this.#giveUp(status);
      return;
    }
    const againMs = Math.min(untilMs, nowMs + pauseMs(SETTLE_PAUSES, this.#failures, shared.random));
    this.#pause = later(shared, againMs, () => this.begin());
  }

  #giveUp({ code, message }: Status): void {
    const { shared, to, owed, settled } = this.#options;
    this.#over = true;
    shared.tally.unanswered.value += 1;
    shared.log.error("a call could not be answered", { binding: shared.binding, topic: to.topic, status: codeName(code), why: message });
    shared.tally.event("unanswered", `a call could not be answered on topic ${to.topic}: ${message}`);
    owed.done();
    settled();
  }
}
