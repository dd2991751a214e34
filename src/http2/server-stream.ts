// One HTTP/2 request of a peer: a stream on one side, an Http service on the other. The edge that catches what a service throws.
import { type Member, NOWHERE } from "../core/members.ts";
import { CANCELLED, Code, fail, type Status, StatusError } from "../core/status.ts";
import { Inlet, type InletEdge } from "../flow/inlet.ts";
import { type Deadline, type Expiring, NO_DEADLINE } from "../flow/wheel.ts";
import type { Http, HttpReply, HttpRequest, HttpResponse } from "../ports/http.ts";
import type { Batch } from "../ports/service.ts";
import { ErrorCode, resetOf } from "./codes.ts";
import type { LimitName } from "./counters.ts";
import { Flag } from "./frame.ts";
import type { HeaderList } from "./header-list.ts";
import { CONNECTION_QUEUE_BYTES_MAX, QUEUE_BYTES_MAX, STALL_TIMEOUT_MS } from "./limits.ts";
import type { Http2ServerOptions } from "./server-options.ts";
import type { Stream } from "./stream.ts";
import type { StreamEvents } from "./stream-owner.ts";

/** The connection, as its requests see it. */
export interface StreamParent {
  readonly options: Http2ServerOptions;
  readonly connection: { readonly queuedBytes: number; limit(name: LimitName): void };
  /** The request is over and holds nothing any more. */
  ended(stream: ServerStream): void;
}

export class ServerStream implements HttpReply, StreamEvents, InletEdge, Expiring, Member {
  /** Of its connection's. */
  place = NOWHERE;
  readonly #parent: StreamParent;
  readonly #request: HttpRequest;
  readonly #inlet = new Inlet<Uint8Array>(this);
  /** From `begin` on. */
  #stream!: Stream;
  #begun = false;
  /** The response has no body, whatever the service says (RFC 9110 §6.4.1). */
  #bodiless = false;
  #over = false;
  #stall: Deadline = NO_DEADLINE;
  #stalledAt = 0;

  constructor(parent: StreamParent, request: HttpRequest) {
    this.#parent = parent;
    this.#request = request;
  }

  begin(stream: Stream): void {
    this.#stream = stream;
  }

  /** Calls the service. */
  open(service: Http): void {
    try {
      this.#inlet.open(service(this.#request, this));
    } catch (reason) {
      this.failed(StatusError.from(reason));
    }
  }

  /** Answers without asking a service. */
  refuse(response: HttpResponse): void {
    this.#over = true;
    this.#respondWhole(response);
  }

  /** Ends it from the connection's side. */
  stop(status: Status, code = resetOf(status)): void {
    if (this.#over || this.#begun) this.#stream.reset(code);
    else this.#endFailed(status);
    this.#over = true;
    this.#inlet.cancel(status);
  }

  // What the service says.

  headers(meta: HttpResponse): void {
    if (!this.#over && !this.#begun) this.#respond(meta);
  }

  write(batch: Batch<Uint8Array>): boolean {
    if (this.#over) return false;
    if (!this.#begun) this.#respond({ status: 200, headers: [] });
    if (this.#bodiless) return true;
    const stream = this.#stream;
    if (stream.write(batch)) return true;
    if (stream.queuedBytes > QUEUE_BYTES_MAX || this.#parent.connection.queuedBytes > CONNECTION_QUEUE_BYTES_MAX) this.#overflow();
    else if (this.#stall === NO_DEADLINE) this.#watchStall();
    return false;
  }

  end(status: Status, trailers?: HttpResponse): void {
    if (this.#over) return;
    this.#over = true;
    this.#inlet.close();
    if (status.code !== Code.OK) this.#endFailed(status);
    else if (this.#begun) this.#endBody(trailers);
    else if (trailers === undefined || trailers.status !== undefined) this.#respondWhole(trailers ?? { status: 200, headers: [] });
    else {
      this.#respond({ status: 200, headers: [] });
      this.#endBody(trailers);
    }
  }

  ready(): void {
    this.#inlet.ready();
  }

  // The edge of the inlet.

  pause(): void {
    this.#stream.pause();
  }
  resume(): void {
    this.#stream.resume();
  }
  failed(error: StatusError): void {
    if (error.cause !== undefined) this.#parent.options.threw(error);
    if (this.#over) return;
    this.#over = true;
    this.#endFailed(error.status);
  }

  // What comes on the stream.

  /** Trailers of a request: held to the rules, and nobody's. */
  listed(list: HeaderList, flags: number): string {
    if ((flags & Flag.END_STREAM) === 0) return "trailers do not end the stream";
    return list.tooManyPairs || list.tooLarge ? "trailers are too large" : list.trailersFault();
  }
  data(chunk: Uint8Array): void {
    if (!this.#over) this.#inlet.write([chunk]);
  }
  ended(): void {
    if (!this.#over) this.#inlet.end();
  }
  roomy(): void {
    this.#stall.cancel();
    this.#stall = NO_DEADLINE;
    if (!this.#over) this.#inlet.repliesReady();
  }
  reset(): void {
    this.#left(CANCELLED);
  }
  lost(): void {
    this.#left(CANCELLED);
  }
  broken(error: StatusError): void {
    this.#parent.connection.limit("protocol");
    this.#left(error.status);
  }
  /** A service said what HTTP/2 cannot carry. */
  unsendable(error: StatusError): void {
    this.#parent.options.threw(error);
    this.#over = true;
    this.#cancelLater(error.status);
  }
  closed(): void {
    this.#stall.cancel();
    this.#parent.ended(this);
  }

  /** The stall timer. */
  expired(): void {
    this.#stall = NO_DEADLINE;
    const stream = this.#stream;
    if (stream.sentBytes !== this.#stalledAt) {
      this.#watchStall();
      return;
    }
    this.#parent.connection.limit("stall");
    this.stop(fail("UNAVAILABLE", `the peer has read nothing for ${STALL_TIMEOUT_MS} ms`).status, ErrorCode.CANCEL);
  }

  #respond(response: HttpResponse): void {
    const { status = 200 } = response;
    this.#begun = true;
    this.#bodiless = status === 204 || status === 205 || status === 304 || this.#request.method === "HEAD";
    this.#stream.headers(response, this.#bodiless ? Flag.END_STREAM : 0);
  }

  #respondWhole(response: HttpResponse): void {
    this.#begun = true;
    this.#stream.headers(response, Flag.END_STREAM);
  }

  #endBody(trailers: HttpResponse | undefined): void {
    if (this.#bodiless) return;
    const stream = this.#stream;
    if (trailers !== undefined && trailers.headers.length > 0) stream.trailers(trailers);
    else stream.end();
    stream.resume(); // What still comes is nobody's.
    if (stream.queuedBytes > 0 && this.#stall === NO_DEADLINE) this.#watchStall();
  }

  /** Before the response has begun an answer says more than a reset. */
  #endFailed(status: Status): void {
    if (this.#begun || status.code === Code.CANCELLED) this.#stream.reset(resetOf(status));
    else this.#respondWhole(this.#parent.options.refusal(this.#request, status));
  }

  #overflow(): void {
    const { status } = fail("RESOURCE_EXHAUSTED", `more than ${QUEUE_BYTES_MAX} bytes wait for the peer`);
    this.#parent.connection.limit("queue");
    this.#over = true;
    this.#stream.reset(ErrorCode.ENHANCE_YOUR_CALM);
    this.#cancelLater(status);
  }

  /** The service is on the stack. */
  #cancelLater(status: Status): void {
    process.nextTick(() => this.#inlet.cancel(status));
  }

  /** The peer has ended it. */
  #left(status: Status): void {
    if (this.#over) return;
    this.#parent.options.counters.cancelled.value += 1;
    this.#over = true;
    this.#inlet.cancel(status);
  }

  #watchStall(): void {
    const { clock, wheel } = this.#parent.options;
    this.#stalledAt = this.#stream.sentBytes;
    this.#stall = wheel.at(clock.now() + STALL_TIMEOUT_MS, this);
  }
}
