// The one shape of every port: a service is called with where its replies go, and returns where its requests go.
import type { Status } from "../core/status.ts";

/**
 * Items that arrived together: never empty, at most 256 items and 256 KiB, or one item of any size. Nobody changes a batch or its
 * bytes once it is written, so any number of readers may share it. Keeping one pins the chunk it was cut from: to keep it longer than
 * the call is to copy.
 */
export type Batch<T> = readonly T[];

/**
 * An exchange: called with what it is for (`Head`: a gRPC call, an HTTP request, a fetch query) and where its replies go, returns
 * where its requests go. Touches `reply` only after it has returned. To refuse, it throws a StatusError and has undone what it opened;
 * nobody cancels it then.
 *
 * It is over after `reply.end` or `cancel`, whichever is first and exactly one of them; then neither side is heard any more.
 * Everything is called on one thread, in order; nothing waits, so nothing can be waited for in vain but a `ready`.
 */
export type Service<Head, Request, Response, Meta> = (head: Head, reply: Reply<Response, Meta>) => Requests<Request>;

/** The caller's side, as the service sees it. Throws nothing of its own; after the exchange is over it does nothing. */
export interface Reply<T, Meta> {
  /** At most once, before the first write. Left out: no metadata. */
  headers(meta: Meta): void;
  /** Takes the batch, always. False: stop, until `Requests.ready`. What was on its way by then may still be written. */
  write(batch: Batch<T>): boolean;
  /** Once, and last. What was written before is delivered first. Trailers go with any status. */
  end(status: Status, trailers?: Meta): void;
  /** Requests are welcome again, after `Requests.write` said false. Harmless when nobody waits; heard even from inside that write. */
  ready(): void;
}

/**
 * The service's side, as the caller sees it. Any of these but `cancel` may throw: the edge whose event it was (socket, Kafka reader,
 * timer) catches, ends the exchange with that StatusError, or INTERNAL, and cancels. Nobody in between catches.
 */
export interface Requests<T> {
  /** Takes the batch, always. False: is not called again until `Reply.ready`; the edge holds what arrives meanwhile. */
  write(batch: Batch<T>): boolean;
  /** Half-close: no more requests. At most once; replies go on. */
  end(): void;
  /** The caller ends the exchange: CANCELLED when it left, DEADLINE_EXCEEDED, or what it failed with. In the same turn as its cause. Never throws. */
  cancel(status: Status): void;
  /** Replies are welcome again, after `Reply.write` said false. Harmless when nobody waits. */
  ready(): void;
}

/** For a service that hears nothing; spread it to hear only some. */
export const IGNORED: Requests<unknown> = { write: () => true, end() {}, cancel() {}, ready() {} };
