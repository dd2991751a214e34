// One produce() on its way: its records stay together in one batch until the receipt has been given.
import type { Status } from "../../core/status.ts";
import type { ProducedRecord, Receipt, Written } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import { recordBytesMax } from "../wire/encode-batch.ts";
import { type HeaderSection, headerSections } from "../wire/encode-headers.ts";

/** What is to be written, for whom, and until when. */
export class Entry {
  readonly records: Batch<ProducedRecord>;
  /** Of each record. */
  readonly headers: readonly HeaderSection[];
  readonly receipt: Receipt;
  /** At most so many bytes in a batch, without the batch's own. */
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly expiresMs: number;
  /** The caller named the time: it passes as DEADLINE_EXCEEDED; else as UNAVAILABLE. */
  readonly deadline: boolean;

  constructor(records: Batch<ProducedRecord>, receipt: Receipt, expiry: { readonly expiresMs: number; readonly deadline: boolean }) {
    this.records = records;
    this.receipt = receipt;
    this.expiresMs = expiry.expiresMs;
    this.deadline = expiry.deadline;
    this.headers = headerSections(records);
    let bytes = 0;
    for (let index = 0; index < records.length; index++) bytes += recordBytesMax(records[index]!, this.headers[index]!);
    this.bytes = bytes;
  }
}

/** Gives an entry its receipt. Called once for each. */
export type Settle = (entry: Entry, status: Status, at?: Written) => void;
