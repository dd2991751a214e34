// What to do about a batch that Kafka has answered, by error code: pure, so that every case is a line of a test.
import { kafkaError } from "../wire/errors.ts";

const CORRUPT_MESSAGE = 2;
const MESSAGE_TOO_LARGE = 10;
const RECORD_LIST_TOO_LARGE = 18;
const INVALID_TIMESTAMP = 32;
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const DUPLICATE_SEQUENCE_NUMBER = 46;
const INVALID_PRODUCER_EPOCH = 47;
const UNKNOWN_PRODUCER_ID = 59;
const INVALID_RECORD = 87;

/**
 * `written`; `again`: the same batch once more; `renew`: once more, under a new epoch; `split`: one record's fault, so smaller batches
 * once more; `fail`: for good.
 */
export type Outcome = "written" | "again" | "renew" | "split" | "fail";

export interface Answered {
  readonly code: number;
  readonly idempotent: boolean;
  /** No batch of the partition before this one is unsettled. */
  readonly first: boolean;
  /** How many produces share the batch. */
  readonly entries: number;
  /** How often it was sent. */
  readonly attempts: number;
}

/** So often a batch that the broker calls corrupt is taken for one damaged on the way. */
const CORRUPT_ATTEMPTS_MAX = 3;
const ONE_RECORDS_FAULT: readonly number[] = [MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_TIMESTAMP, INVALID_RECORD, CORRUPT_MESSAGE];

export const outcomeOf = ({ code, idempotent, first, entries, attempts }: Answered): Outcome => {
  if (code === 0) return "written";
  if (idempotent) {
    if (code === DUPLICATE_SEQUENCE_NUMBER) return "written";
    // Behind a batch that is to be sent again, it is only out of order until then.
    if (code === OUT_OF_ORDER_SEQUENCE_NUMBER) return first ? "renew" : "again";
    if (code === UNKNOWN_PRODUCER_ID || code === INVALID_PRODUCER_EPOCH) return "renew";
  }
  if (code === CORRUPT_MESSAGE && attempts < CORRUPT_ATTEMPTS_MAX) return "again";
  if (ONE_RECORDS_FAULT.includes(code)) return entries > 1 ? "split" : "fail";
  return kafkaError(code).retriable ? "again" : "fail";
};
