// A batch of several produces, made to be sent together, and what becomes of its parts.
import { Code, type Status } from "../../core/status.ts";
import { BATCH_OVERHEAD_BYTES, type EncodedBatch } from "../wire/encode-batch.ts";
import type { Entry } from "./entry.ts";

/** A batch that was made. It is in flight, or it is to be sent again. */
export class Sent {
  readonly entries: readonly Entry[];
  readonly bytes: number;
  encoded: EncodedBatch | undefined;
  attempts = 0;
  inFlight = false;
  /** It was sent and nobody knows what became of it. */
  unknown = false;
  firstSentMs = 0;

  /** `of`: the batch that these entries were part of. */
  constructor(entries: readonly Entry[], of?: Sent) {
    this.entries = entries;
    this.attempts = of?.attempts ?? 0;
    this.firstSentMs = of?.firstSentMs ?? 0;
    let bytes = BATCH_OVERHEAD_BYTES;
    for (const entry of entries) bytes += entry.bytes;
    this.bytes = bytes;
  }
}

/** The outcome of a batch that was sent and never answered. */
export const UNKNOWN_OUTCOME: Status = {
  code: Code.UNAVAILABLE,
  message: "kafka: the connection to the broker was lost; whether the records were written is not known",
};

/** What a produce is told whose time has passed. `subject`: what it was waiting for. */
export const expired = ({ deadline }: Entry, subject: string): Status =>
  deadline
    ? { code: Code.DEADLINE_EXCEEDED, message: `kafka: ${subject}: the records were not written before their time had passed` }
    : { code: Code.UNAVAILABLE, message: `kafka: ${subject}: the broker did not take the records in time` };

/** Those without a record among `faulty`, and the others. */
export const apart = (entries: readonly Entry[], faulty: ReadonlySet<number>): readonly [sound: Entry[], unsound: Entry[]] => {
  const sound: Entry[] = [];
  const unsound: Entry[] = [];
  let index = 0;
  for (const entry of entries) {
    const bad = entry.records.some((_, at) => faulty.has(index + at));
    (bad ? unsound : sound).push(entry);
    index += entry.records.length;
  }
  return [sound, unsound];
};
