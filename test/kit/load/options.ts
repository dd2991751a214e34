// What the load generator is told, and what it tells.

export interface CallsOptions {
  readonly kind: "calls";
  readonly port: number;
  /** `/service/method` of a unary echo whose message has a text as field 1. */
  readonly path: string;
  readonly calls: number;
  readonly inFlight: number;
  readonly connections: number;
  /** Part of every nonce. */
  readonly label: string;
  /** An answer after more than this is counted as late. */
  readonly lateMs: number;
}

export interface CallsResult {
  readonly calls: number;
  /** With another status than OK, by what it was. */
  readonly failed: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Answered with bytes that are not their own. */
  readonly crossed: number;
  readonly late: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface ReadersOptions {
  readonly kind: "readers";
  readonly port: number;
  /** `/service/method` of a server stream. */
  readonly path: string;
  readonly readers: number;
  readonly connections: number;
  /** Answered when each reader has so many messages; the readers stay. */
  readonly messages: number;
}

/** Answered when each of the readers that are there has so many messages in all. */
export interface MoreOptions {
  readonly kind: "more";
  readonly messages: number;
}

export interface ReadersResult {
  /** Messages over all readers, since they were opened. */
  readonly delivered: number;
  readonly elapsedMs: number;
}

export type LoadOptions = CallsOptions | ReadersOptions | MoreOptions;
