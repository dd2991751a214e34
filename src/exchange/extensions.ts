// Our own headers, to and from records. Numbers are decimal text, so that a record dump can be read; what is no such thing reads as
// absent.
import { latin1, utf8 } from "../core/bytes.ts";
import type { RecordHeader, StoredRecord } from "../ports/kafka.ts";
import { ATTEMPT_HEADER, CANCEL_HEADER, DEADLINE_HEADER, INITIAL_HEADER, MESSAGES_HEADER, SHAPE_HEADER } from "./names.ts";

type Headed = Pick<StoredRecord, "header">;

/** Unix milliseconds; rounded up, so that nobody sees less time than there is. */
export const deadlineHeader = (deadlineMs: number): RecordHeader => ({
  name: DEADLINE_HEADER,
  value: utf8(String(Math.max(0, Math.ceil(deadlineMs)))),
});
export const deadlineOf = (record: Headed): number | undefined => countOf(record, DEADLINE_HEADER);

const ONE_REPLY = "one-reply";
export const ONE_REPLY_HEADER: RecordHeader = { name: SHAPE_HEADER, value: utf8(ONE_REPLY) };
/** Whether the method of this request has one reply. */
export const hasOneReply = (record: Headed): boolean => textOf(record, SHAPE_HEADER) === ONE_REPLY;

export const NO_MESSAGES_HEADER: RecordHeader = { name: MESSAGES_HEADER, value: utf8("0") };
/** Whether this tombstone is all there is of its call. */
export const hasNoMessages = (record: Headed): boolean => textOf(record, MESSAGES_HEADER) === "0";

export const cancelHeader = (correlationId: Uint8Array): RecordHeader => ({ name: CANCEL_HEADER, value: correlationId });
/** The correlation id of the call that this record cancels; undefined when it cancels none. */
export const cancelOf = (record: Headed): Uint8Array | undefined => record.header(CANCEL_HEADER) ?? undefined;

/** `attempt` is what tells one run of a call from another: any short text in ASCII. */
export const attemptHeader = (attempt: string): RecordHeader => ({ name: ATTEMPT_HEADER, value: utf8(attempt) });
/** Which run of its call wrote this reply; undefined when the call was begun once. */
export const attemptOf = (record: Headed): string | undefined => textOf(record, ATTEMPT_HEADER);

/** `count` of the `meta:` headers before it are initial metadata. */
export const initialHeader = (count: number): RecordHeader => ({ name: INITIAL_HEADER, value: utf8(String(count)) });
export const initialOf = (record: Headed): number | undefined => countOf(record, INITIAL_HEADER);

const textOf = (record: Headed, name: string): string | undefined => {
  const value = record.header(name);
  return value === undefined || value === null ? undefined : latin1(value);
};

const COUNT = /^[0-9]{1,15}$/; // Exact as a number.
const countOf = (record: Headed, name: string): number | undefined => {
  const value = textOf(record, name);
  return value !== undefined && COUNT.test(value) ? Number(value) : undefined;
};
