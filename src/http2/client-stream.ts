// One HTTP/2 request of ours: the caller of an Http service on one side, a stream on the other. It may have to wait for a connection first,
// and then holds what it was given.
import { type Member, NOWHERE } from "../core/members.ts";
import { fail, OK, type Status, type StatusError } from "../core/status.ts";
import type { HttpReply, HttpRequest, HttpRequests, HttpResponse } from "../ports/http.ts";
import type { Batch } from "../ports/service.ts";
import { ErrorCode, statusOfReset } from "./codes.ts";
import { Flag } from "./frame.ts";
import type { HeaderList } from "./header-list.ts";
import { QUEUE_BYTES_MAX, WAITING_BYTES_MAX } from "./limits.ts";
import type { Stream } from "./stream.ts";
import type { StreamEvents } from "./stream-owner.ts";

/** The connection that a request runs on. */
export interface ClientParent {
  open(events: StreamEvents): Stream;
  over(stream: ClientStream): void;
  /** What the end of the connection means for a stream; undefined while it stands. */
  lost(streamId: number): Status | undefined;
}

/** Where a request waits for a connection. */
export interface Waiting {
  /** It was cancelled there. */
  left(stream: ClientStream): void;
}

export class ClientStream implements HttpRequests, StreamEvents, Member {
  /** Of its connection's. */
  place = NOWHERE;
  readonly #request: HttpRequest;
  readonly #reply: HttpReply;
  readonly #waiting: Waiting;
  #parent: ClientParent | undefined;
  #stream: Stream | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #ended = false;
  #stopped = false;
  #over = false;
  #headed = false;
  #readied = 0;
  /** What the end brings: trailers, or a response that is headers only. */
  #last: HttpResponse | undefined;

  constructor(request: HttpRequest, reply: HttpReply, waiting: Waiting) {
    this.#request = request;
    this.#reply = reply;
    this.#waiting = waiting;
  }

  /** 0 while it waits. */
  get id(): number {
    return this.#stream?.id ?? 0;
  }

  /** A connection has room: what was held goes out. */
  begin(parent: ClientParent): void {
    const stream = parent.open(this);
    const held = this.#held;
    this.#parent = parent;
    this.#stream = stream;
    this.#held = [];
    // Elsewhere an empty DATA frame is the end: servers of gRPC look for it there (PROTOCOL-HTTP2, "Requests").
    const whole = this.#ended && held.length === 0 && BODILESS.has(this.#request.method);
    stream.headers(this.#request, whole ? Flag.END_STREAM : 0);
    const stopped = held.length > 0 && !stream.write(held);
    if (this.#ended) stream.end();
    if (!this.#stopped) return;
    this.#stopped = stopped;
    if (!stopped && !this.#over) this.#reply.ready();
  }

  /** Ends it from below: there is no connection, or no room, or it has to stop. */
  fail(status: Status): void {
    if (this.#over) return;
    this.#finish();
    this.#stream?.reset(ErrorCode.CANCEL);
    this.#reply.end(status);
  }

  // What the caller says.

  write(batch: Batch<Uint8Array>): boolean {
    if (this.#over || this.#ended) return false;
    const stream = this.#stream;
    if (stream === undefined) return this.#hold(batch);
    this.#stopped = !stream.write(batch);
    if (stream.queuedBytes > QUEUE_BYTES_MAX) this.#overflow();
    return !this.#stopped;
  }

  end(): void {
    if (this.#over) return;
    this.#ended = true;
    this.#stream?.end();
  }

  cancel(_status: Status): void {
    if (this.#over) return;
    this.#finish();
    if (this.#stream === undefined) this.#waiting.left(this);
    else this.#stream.reset(ErrorCode.CANCEL);
  }

  ready(): void {
    this.#readied += 1;
    this.#stream?.resume();
  }

  // What comes on the stream.

  listed(list: HeaderList, flags: number): string {
    if (this.#over) return "";
    const last = (flags & Flag.END_STREAM) !== 0;
    const fault = this.#headed ? trailersFault(list, flags) : responseFault(list, flags);
    if (fault !== "") return fault;
    if (list.tooLarge || list.tooManyPairs)
      this.fail(fail("RESOURCE_EXHAUSTED", `the headers of the response are too many: ${list.pairs} with ${list.bytes} bytes`).status);
    else if (this.#headed) this.#last = { headers: list.fields };
    else if (list.status >= 200) this.#respond(list, last ? "whole" : "begun");
    return "";
  }
  data(chunk: Uint8Array): void {
    if (this.#over) return;
    if (!this.#headed) {
      this.fail(fail("INTERNAL", "the peer broke the protocol: a body came before its headers").status);
      return;
    }
    const readied = this.#readied; // A ready() from inside write() wins over the false that it returns.
    if (!this.#reply.write([chunk]) && readied === this.#readied && !this.#over) this.#stream?.pause();
  }
  /** The response is whole. A request that is not ends with it. */
  ended(): void {
    if (this.#over) return;
    const stream = this.#stream;
    const sent = this.#ended && stream?.queuedBytes === 0;
    this.#finish();
    if (!sent) stream?.reset(ErrorCode.CANCEL);
    this.#reply.end(OK, this.#last);
  }
  roomy(): void {
    if (this.#over || !this.#stopped) return;
    this.#stopped = false;
    this.#reply.ready();
  }
  reset(code: number): void {
    this.#end(this.#parent?.lost(this.id) ?? statusOfReset(code));
  }
  broken(error: StatusError): void {
    this.#end(error.status);
  }
  unsendable(error: StatusError): void {
    this.#end(error.status);
  }
  lost(): void {
    this.#end(this.#parent?.lost(this.id) ?? fail("UNAVAILABLE", "the connection was lost").status);
  }
  closed(): void {
    this.#parent?.over(this);
  }

  #respond(list: HeaderList, how: "whole" | "begun"): void {
    const response = { status: list.status, headers: list.fields };
    this.#headed = true;
    if (how === "whole") {
      this.#last = response;
      return;
    }
    if (this.#request.method !== "HEAD") this.#stream?.expect(list.contentLength);
    this.#reply.headers(response);
  }

  #hold(batch: Batch<Uint8Array>): boolean {
    for (const chunk of batch) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
    }
    if (this.#heldBytes > QUEUE_BYTES_MAX) this.#overflow();
    this.#stopped = this.#heldBytes >= WAITING_BYTES_MAX;
    return !this.#stopped;
  }

  #overflow(): void {
    this.fail(fail("RESOURCE_EXHAUSTED", `more than ${QUEUE_BYTES_MAX} bytes wait for the peer`).status);
  }

  #end(status: Status): void {
    if (this.#over) return;
    this.#finish();
    this.#reply.end(status);
  }

  #finish(): void {
    this.#over = true;
    this.#held = [];
  }
}

const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "DELETE"]);

const trailersFault = (list: HeaderList, flags: number): string =>
  (flags & Flag.END_STREAM) === 0 ? "trailers do not end the stream" : list.trailersFault();

const responseFault = (list: HeaderList, flags: number): string => {
  const interim = list.status >= 100 && list.status < 200;
  return interim && (flags & Flag.END_STREAM) !== 0 ? "an interim response ends the stream" : list.responseFault();
};
