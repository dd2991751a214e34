// A service asked with an array and answered with an array, under the contract and, if wished, under pressure.
import assert from "node:assert/strict";
import { CANCELLED, type Status, StatusError } from "../../src/core/status.ts";
import type { Reply, Requests, Service } from "../../src/ports/service.ts";
import { strict } from "./strict.ts";

export interface Answer<Response, Meta> {
  readonly status: Status;
  readonly headers: Meta | undefined;
  readonly replies: readonly Response[];
  readonly trailers: Meta | undefined;
}

export interface Asking<Request> {
  /** Given one a batch. */
  readonly requests: readonly Request[];
  /** A reader that says "enough" to every batch, and is ready a turn later. */
  readonly slow?: boolean;
  /** Cancels in the turn after that many requests. */
  readonly leave?: number;
  /** Never half-closes: the answer must end by itself, or `until` says when to cancel. */
  readonly open?: boolean;
  /** Cancels as soon as that many replies are here. */
  readonly until?: number;
}

/** Calls `service` with `head`; settles when the exchange is over. */
export const ask = <Head, Request, Response, Meta>(
  service: Service<Head, Request, Response, Meta>,
  head: Head,
  asking: Asking<Request>,
): Promise<Answer<Response, Meta>> =>
  new Promise((settle, fail) => new Asker<Request, Response, Meta>(asking, settle, fail).call(strict(service), head));

class Asker<Request, Response, Meta> implements Reply<Response, Meta> {
  readonly #asking: Asking<Request>;
  readonly #settle: (answer: Answer<Response, Meta>) => void;
  readonly #fail: (reason: unknown) => void;
  readonly #replies: Response[] = [];
  #headers: Meta | undefined;
  #to: Requests<Request> | undefined;
  #sent = 0;
  #open = true;
  #stopped = false;

  constructor(asking: Asking<Request>, settle: (answer: Answer<Response, Meta>) => void, failed: (reason: unknown) => void) {
    this.#asking = asking;
    this.#settle = settle;
    this.#fail = failed;
  }

  call<Head>(service: Service<Head, Request, Response, Meta>, head: Head): void {
    this.#try(() => {
      this.#to = service(head, this);
      this.#send();
    });
  }
  headers(meta: Meta): void {
    this.#headers = meta;
  }
  write(batch: readonly Response[]): boolean {
    this.#replies.push(...batch);
    if (this.#replies.length >= (this.#asking.until ?? Number.POSITIVE_INFINITY)) setImmediate(() => this.#leave());
    if (!this.#asking.slow) return true;
    setImmediate(() => this.#try(() => this.#open && this.#to?.ready()));
    return false;
  }
  end(status: Status, trailers?: Meta): void {
    this.#open = false;
    const answer = { status, headers: this.#headers, replies: this.#replies, trailers };
    setImmediate(() => this.#settle(answer)); // A breach after the end still counts.
  }
  ready(): void {
    this.#stopped = false;
    setImmediate(() => this.#try(() => this.#send()));
  }

  #send(): void {
    const { requests, leave = Number.POSITIVE_INFINITY, open = false } = this.#asking;
    while (this.#open && !this.#stopped && this.#sent < Math.min(leave, requests.length)) {
      this.#stopped = true; // Before the call, so that a ready() from inside it is not lost.
      if (this.#to!.write([requests[this.#sent++]!])) this.#stopped = false;
    }
    if (this.#open && this.#sent >= leave) setImmediate(() => this.#leave());
    else if (this.#open && !open && !this.#stopped && this.#sent === requests.length) {
      this.#sent += 1;
      this.#to!.end();
    }
  }
  #leave(): void {
    if (!this.#open) return;
    this.#to!.cancel(CANCELLED);
    this.end(CANCELLED);
  }
  #try(work: () => void): void {
    try {
      work();
    } catch (reason) {
      if (reason instanceof assert.AssertionError) this.#fail(reason);
      const thrown = this.#open;
      if (thrown && this.#to) this.#to.cancel(StatusError.from(reason).status);
      if (thrown) this.end(StatusError.from(reason).status);
    }
  }
}
