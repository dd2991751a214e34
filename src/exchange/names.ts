// How the headers of request and reply records are called. Those of the original are its convention on the topics; ours come after
// them and only where they are needed, so that either side may be the original.

/** The four headers that tie a reply to its call. Their names are configurable (`options.correlation.headers`). */
export interface CorrelationNames {
  /** The service's full name, on requests. */
  readonly service: string;
  /** The method's name, on requests. */
  readonly method: string;
  /** On requests and replies. */
  readonly correlationId: string;
  /** The topic that the replies go to, on requests. */
  readonly replyTo: string;
}

export const CORRELATION_NAMES: CorrelationNames = {
  service: "zilla:service",
  method: "zilla:method",
  correlationId: "zilla:correlation-id",
  replyTo: "zilla:reply-to",
};

/** The metadata that carries the caller's idempotency key, unless configured otherwise. */
export const IDEMPOTENCY_METADATA = "idempotency-key";
/** The metadata that carries the position to resume a fetch from, unless configured otherwise. */
export const RELIABILITY_METADATA = "last-message-id";
/** What the original's documentation calls the same; always understood. */
export const RELIABILITY_METADATA_DOCUMENTED = "last-event-id";

/** A final record's gRPC status, as decimal text; absent is OK. */
export const STATUS_HEADER = "zilla:status";
/** A final record's status message, as text. */
export const MESSAGE_HEADER = "zilla:message";
/** Before a metadata's name. */
export const META_PREFIX = "meta:";

/**
 * On requests of a call with a deadline: Unix milliseconds as decimal text. Work is refused unstarted only when it passed by more
 * than DEADLINE_SKEW_MS.
 */
export const DEADLINE_HEADER = "sluice:deadline";
/** On requests whose method has one reply: the remote server writes that reply and the final record in one batch, so a re-run never mixes. */
export const SHAPE_HEADER = "sluice:shape";
/** On the tombstone of a call without messages, as `0`: only then a tombstone of an unknown id starts a call. */
export const MESSAGES_HEADER = "sluice:messages";
/**
 * Its value is the correlation id. On a record of its own, of the requests' topic and key, with a zero-length value and neither
 * `zilla:` nor `meta:` headers, so that every reader that does not know it passes it over: the caller left, or its deadline passed.
 */
export const CANCEL_HEADER = "sluice:cancel";
/** On replies of a call that another remote server may have begun already: which of them wrote it, as an opaque text. */
export const ATTEMPT_HEADER = "sluice:attempt";
/** On a final record that is the only one, as decimal text: how many of its `meta:` headers are initial metadata; the rest are trailers. */
export const INITIAL_HEADER = "sluice:initial";

/** How much two hosts' clocks may differ before a deadline on a topic is believed. */
export const DEADLINE_SKEW_MS = 500;
