// The facts of a call, from its first record; or why there can be no such call.
import { latin1, text } from "../../core/bytes.ts";
import { DEADLINE_EXCEEDED, fail, type Status } from "../../core/status.ts";
import { deadlineOf, hasOneReply } from "../../exchange/extensions.ts";
import { headersMetadata } from "../../exchange/metadata.ts";
import { type CorrelationNames, DEADLINE_SKEW_MS, META_PREFIX } from "../../exchange/names.ts";
import { parseTimeoutMs } from "../../exchange/timeout.ts";
import type { Metadata } from "../../ports/grpc.ts";
import type { StoredRecord } from "../../ports/kafka.ts";

export interface CallHead {
  readonly service: string;
  readonly method: string;
  readonly metadata: Metadata;
  /** Unix milliseconds; Infinity without one. */
  readonly deadlineMs: number;
  /** The method has one reply. */
  readonly oneReply: boolean;
}

export interface HeadReading {
  readonly names: CorrelationNames;
  readonly nowMs: number;
  /** Hears of metadata that is none. */
  readonly dropped: (name: string) => void;
}

/** What can stand in a path: visible ASCII without a slash. */
const NAME = /^[!-.0-~]+$/;

/** The head, or the status that the call is answered with unbegun. */
export const headOf = (record: StoredRecord, { names, nowMs, dropped }: HeadReading): CallHead | Status => {
  const service = nameOf(record, names.service);
  const method = nameOf(record, names.method);
  if (service === undefined) return missing(names.service);
  if (method === undefined) return missing(names.method);
  const deadlineMs = deadlineFrom(record);
  if (deadlineMs + DEADLINE_SKEW_MS < nowMs) return DEADLINE_EXCEEDED;
  return {
    service,
    method,
    metadata: headersMetadata(record, { dropped }),
    // Within what clocks may differ it is not believed to have passed.
    deadlineMs: deadlineMs > nowMs ? deadlineMs : deadlineMs + DEADLINE_SKEW_MS,
    oneReply: hasOneReply(record),
  };
};

export const isHead = (head: CallHead | Status): head is CallHead => "service" in head;

const missing = (name: string): Status => fail("INTERNAL", `the request has no usable '${name}' header`).status;

const nameOf = (record: StoredRecord, header: string): string | undefined => {
  const value = record.header(header);
  const name = value ? text(value) : "";
  return NAME.test(name) ? name : undefined;
};

/** Requests of the original have only the time that their caller gave them, which counts from when they were recorded. */
const deadlineFrom = (record: StoredRecord): number => {
  const deadlineMs = deadlineOf(record);
  if (deadlineMs !== undefined) return deadlineMs;
  const timeout = record.header(TIMEOUT_HEADER);
  const timeoutMs = timeout ? parseTimeoutMs(latin1(timeout)) : undefined;
  if (timeoutMs === undefined || record.timestampMs < 0) return Number.POSITIVE_INFINITY;
  return record.timestampMs + timeoutMs;
};

const TIMEOUT_HEADER = `${META_PREFIX}grpc-timeout`;
