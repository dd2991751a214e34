// The limits of a remote server, in one place: how much it keeps, and how long it is patient.

export interface Limits {
  /** Calls at a time. Past it nothing new is begun and the group's reader rests; what runs is fed by readers of its own. */
  readonly callsMax: number;
  /** Longer correlation ids are no ids: their calls are answered and not begun. */
  readonly correlationIdBytesMax: number;
  /** Ended calls a partition whose tombstone is still to come; the oldest are forgotten. */
  readonly rememberedMax: number;
  /** Request messages of a call that are kept for another attempt; what is larger is read again. */
  readonly keptBytesMax: number;
  /** Runs of adjacent offsets that all calls of a binding hold (16 bytes each); the call that asks for more is ended. */
  readonly offsetRangesMax: number;
  /** Replies of a call that Kafka has not acknowledged; past it the server is asked to stop. */
  readonly replyBytesMax: number;
  /** The same, where a server does not stop: the call is ended. A single reply of any size is let through. */
  readonly replyBytesHardMax: number;
  /** How long a call without a deadline is tried again when its server cannot be reached. */
  readonly retryMs: number;
  /** How long running calls of revoked partitions may take to end. */
  readonly revokeGraceMs: number;
  /** How long a final record that Kafka refuses for good is tried, where the call's deadline is not sooner. */
  readonly settleMs: number;
  /** When the group's reader has rested that long, cancels are looked for beyond it. */
  readonly cancelWatchMs: number;
}

export const LIMITS: Limits = {
  callsMax: 1_000,
  correlationIdBytesMax: 4 * 1024,
  rememberedMax: 50_000,
  keptBytesMax: 4 * 1024,
  offsetRangesMax: 4_000_000,
  replyBytesMax: 256 * 1024,
  replyBytesHardMax: 8 * 1024 * 1024,
  retryMs: 60_000,
  revokeGraceMs: 5_000,
  settleMs: 60_000,
  cancelWatchMs: 1_000,
};

/** A batch holds no more than this, or one item of any size (see ports/service). */
export const BATCH_ITEMS_MAX = 256;
export const BATCH_BYTES_MAX = 256 * 1024;
