// The one way out: everything that a remote call leaves goes through here. Records are produced, and when they are acknowledged the
// offsets of the requests they answer are done: never before.
import type { Status } from "../../core/status.ts";
import { Code } from "../../core/status.ts";
import type { Kafka, ProducedRecord, ProduceTo, Receipt, Written } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";

/** Offsets that become done. */
export interface Owed {
  done(): void;
}

export interface Settlement {
  readonly to: ProduceTo;
  readonly records: Batch<ProducedRecord>;
  /** Absent: the records are part of an answer, not its end. */
  readonly owed?: Owed;
  readonly receipt: Receipt;
}

export const settle = (kafka: Kafka, { to, records, owed, receipt }: Settlement): void =>
  kafka.produce(to, records, owed === undefined ? receipt : new Settled(owed, receipt));

class Settled implements Receipt {
  readonly #owed: Owed;
  readonly #receipt: Receipt;

  constructor(owed: Owed, receipt: Receipt) {
    this.#owed = owed;
    this.#receipt = receipt;
  }
  produced(status: Status, at?: Written): void {
    if (status.code === Code.OK) this.#owed.done();
    this.#receipt.produced(status, at);
  }
}
