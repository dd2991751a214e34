// What a failure of Kafka is to the caller: the caller knows nothing of Kafka, so what it could not mend is not told to it.
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { Code, codeName, fail, INTERNAL, type Status, StatusError } from "../../core/status.ts";

/** How often the same complaint about Kafka is logged: every call would have it. */
const COMPLAINT_INTERVAL_MS = 10_000;
/** Topics differ by route; more than this are not told apart in the log. */
const COMPLAINTS_MAX = 1_000;

export interface Failures {
  /** The status that ends a call which Kafka failed with `status` on `topic`. */
  ofKafka(status: Status, about: { readonly topic: string; readonly deadlineMs: number }): Status;
  /** The status of what was thrown where nobody above would end the call with it. */
  ofBug(reason: unknown): Status;
  /** The status of a call without a deadline, when Kafka did not answer in time. */
  readonly silent: Status;
}

/** `timeoutMs`: how long a call without a deadline waits for Kafka. */
export const failuresOf = (log: Log, clock: Clock, timeoutMs: number): Failures => {
  const silent = fail("UNAVAILABLE", `kafka did not answer within ${timeoutMs} ms`).status;
  const complained = new Map<string, number>();
  const complain = (status: Status, topic: string): void => {
    const now = clock.monotonicMs();
    const about = `${topic} ${status.code}`;
    if (now - (complained.get(about) ?? Number.NEGATIVE_INFINITY) < COMPLAINT_INTERVAL_MS) return;
    if (complained.size >= COMPLAINTS_MAX) complained.clear();
    complained.set(about, now);
    log.error(`kafka refuses: ${status.message}`, { topic, status: codeName(status.code) });
  };
  return {
    silent,
    ofBug(reason) {
      const { status, cause } = StatusError.from(reason);
      if (cause !== undefined) log.error("a call failed", { status: codeName(status.code) }, cause);
      return status;
    },
    ofKafka(status, { topic, deadlineMs }) {
      switch (status.code) {
        case Code.PERMISSION_DENIED: // The proxy's permission, not the caller's.
        case Code.UNAUTHENTICATED:
          complain(status, topic);
          return INTERNAL;
        case Code.DEADLINE_EXCEEDED: // A produce that expired, of a call that has no deadline.
          return deadlineMs === Number.POSITIVE_INFINITY ? silent : status;
        case Code.OK: // A reader reads for ever.
          return fail("UNAVAILABLE", `the reader of topic '${topic}' has ended`).status;
        default:
          return status;
      }
    },
  };
};
