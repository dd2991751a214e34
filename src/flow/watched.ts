// A layer that looks but does not touch. Telemetry, the access log and the live list of calls are all one of these, so none of them can
// forget a case.
import type { Status } from "../core/status.ts";
import { StatusError } from "../core/status.ts";
import type { Batch, Reply, Requests, Service } from "../ports/service.ts";

/** What a watcher hears of one exchange. */
export interface Watch<Request, Response> {
  requests(batch: Batch<Request>): void;
  replies(batch: Batch<Response>): void;
  /** The caller has no more requests. */
  halfClosed(): void;
  /** Exactly once, whoever ended it and however. */
  ended(status: Status): void;
}

/** The service, with every exchange watched by what `open` makes of its head. */
export const watched =
  <Head, Request, Response, Meta>(
    open: (head: Head) => Watch<Request, Response>,
    service: Service<Head, Request, Response, Meta>,
  ): Service<Head, Request, Response, Meta> =>
  (head, reply) => {
    const watch = open(head);
    const outward = new WatchedReply<Request, Response, Meta>(watch, reply);
    try {
      return new WatchedRequests<Request, Response, Meta>(watch, outward, service(head, outward));
    } catch (reason) {
      outward.ended(StatusError.from(reason).status);
      throw reason;
    }
  };

class WatchedReply<Request, Response, Meta> implements Reply<Response, Meta> {
  readonly #watch: Watch<Request, Response>;
  readonly #reply: Reply<Response, Meta>;
  #open = true;

  constructor(watch: Watch<Request, Response>, reply: Reply<Response, Meta>) {
    this.#watch = watch;
    this.#reply = reply;
  }
  headers(meta: Meta): void {
    this.#reply.headers(meta);
  }
  write(batch: Batch<Response>): boolean {
    if (this.#open) this.#watch.replies(batch);
    return this.#reply.write(batch);
  }
  end(status: Status, trailers?: Meta): void {
    this.ended(status);
    this.#reply.end(status, trailers);
  }
  ready(): void {
    this.#reply.ready();
  }
  ended(status: Status): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch.ended(status);
  }
}

class WatchedRequests<Request, Response, Meta> implements Requests<Request> {
  readonly #watch: Watch<Request, Response>;
  readonly #reply: WatchedReply<Request, Response, Meta>;
  readonly #requests: Requests<Request>;

  constructor(watch: Watch<Request, Response>, reply: WatchedReply<Request, Response, Meta>, requests: Requests<Request>) {
    this.#watch = watch;
    this.#reply = reply;
    this.#requests = requests;
  }
  write(batch: Batch<Request>): boolean {
    this.#watch.requests(batch);
    return this.#requests.write(batch);
  }
  end(): void {
    this.#watch.halfClosed();
    this.#requests.end();
  }
  cancel(status: Status): void {
    this.#reply.ended(status);
    this.#requests.cancel(status);
  }
  ready(): void {
    this.#requests.ready();
  }
}
