// One HTTP/2 request of a peer: node:http2's stream on one side, an Http service on the other.
import { constants, type ServerHttp2Stream, type ServerStreamResponseOptions } from "node:http2";
import { CANCELLED, Code, fail, type Status, StatusError } from "../../../src/core/status.ts";
import { Inlet, type InletEdge } from "../../../src/flow/inlet.ts";
import type { Deadline, Expiring } from "../../../src/flow/wheel.ts";
import { resetOf } from "../../../src/http2/codes.ts";
import { QUEUE_BYTES_MAX, STALL_TIMEOUT_MS } from "../../../src/http2/limits.ts";
import type { Http2ServerOptions } from "../../../src/http2/server-options.ts";
import type { Http, HttpReply, HttpRequest, HttpResponse } from "../../../src/ports/http.ts";
import { writeResponse, writeTrailers } from "./headers.ts";
import { writeBatch } from "./write-batch.ts";

/** The connection, as its streams see it. */
export interface StreamOwner {
  readonly options: Http2ServerOptions;
  /** Something was sent: the peer's pings are no flood. */
  busy(): void;
  /** The request is over and holds nothing any more. */
  over(stream: ServerStream): void;
}

/** A request as it came. */
export interface Incoming {
  readonly stream: ServerHttp2Stream;
  readonly request: HttpRequest;
  /** END_STREAM was on the HEADERS frame. */
  readonly ended: boolean;
}

/** Where a stream keeps its exchange, so that listeners are made once and not for each request. */
const EXCHANGE = Symbol("exchange");
type AttachedStream = ServerHttp2Stream & { [EXCHANGE]?: ServerStream };

export class ServerStream implements HttpReply, InletEdge, Expiring {
  readonly #owner: StreamOwner;
  readonly #stream: AttachedStream;
  readonly #request: HttpRequest;
  readonly #inlet: Inlet<Uint8Array>;
  #requestEnded: boolean;
  #begun = false;
  #over = false;
  #trailers: HttpResponse | undefined;
  #stall: Deadline | undefined;
  #stalledBytes = 0;

  constructor(owner: StreamOwner, { stream: given, request, ended }: Incoming) {
    const stream: AttachedStream = given;
    this.#owner = owner;
    this.#stream = stream;
    this.#request = request;
    this.#requestEnded = ended;
    this.#inlet = new Inlet<Uint8Array>(this);
    stream[EXCHANGE] = this;
    stream.on("error", ignore); // What it means is told by the two below, in the same turn.
    stream.on("aborted", onAborted);
    stream.on("close", onClose);
  }

  /** Calls the service and begins to read. */
  open(service: Http): void {
    const stream = this.#stream;
    try {
      const requests = service(this.#request, this);
      stream.on("data", onData);
      stream.on("end", onEnd);
      this.#inlet.open(requests);
    } catch (reason) {
      this.failed(StatusError.from(reason));
    }
  }

  /** Answers without asking a service. */
  refuse(response: HttpResponse): void {
    if (this.#over) return;
    this.#over = true;
    this.#respondWhole(response);
  }

  headers(meta: HttpResponse): void {
    if (!this.#over && !this.#begun) this.#respond(meta);
  }

  write(batch: readonly Uint8Array[]): boolean {
    const stream = this.#stream;
    if (this.#over) return false;
    if (!this.#begun) this.#respond({ status: 200, headers: [] });
    if (stream.writableEnded) return true; // HEAD, 204, 304: a body is dropped (RFC 9110 §6.4.1).
    if (stream.writableLength > QUEUE_BYTES_MAX) {
      this.#overflow();
      return false;
    }
    this.#owner.busy();
    if (writeBatch(stream, batch)) return true;
    if (this.#stall === undefined) {
      stream.once("drain", onDrain);
      this.#watchStall();
    }
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
    if (error.cause !== undefined) this.#owner.options.threw(error);
    if (this.#over) return;
    this.#over = true;
    this.#endFailed(error.status);
  }

  /** The stall timer. */
  expired(): void {
    this.#stall = undefined;
    if (this.#over && this.#stream.destroyed) return;
    if (this.#stream.writableLength < this.#stalledBytes) {
      this.#watchStall();
      return;
    }
    this.#owner.options.counters.limits.stall.value += 1;
    this.stop(fail("UNAVAILABLE", `the peer has read nothing for ${STALL_TIMEOUT_MS} ms`).status, constants.NGHTTP2_CANCEL);
  }

  /** Ends it from the connection's side. */
  stop(status: Status, code = resetOf(status)): void {
    if (this.#stream.closed) this.#stream.destroy();
    else if (this.#over || this.#begun) this.#stream.close(code);
    else this.#endFailed(status);
    this.#over = true;
    this.#inlet.cancel(status);
  }

  // For the listeners below.

  received(chunk: Buffer): void {
    this.#inlet.write([chunk]);
  }
  sendTrailers(): void {
    const stream = this.#stream;
    try {
      stream.sendTrailers(writeTrailers(this.#trailers?.headers ?? []));
      if (!this.#requestEnded) setImmediate(closeEarly, stream);
    } catch (reason) {
      this.#unspeakable(reason);
    }
  }
  halfClosed(): void {
    if (this.#stream.aborted || this.#stream.rstCode !== constants.NGHTTP2_NO_ERROR) return; // A cancel, told by `aborted` or `close`.
    this.#requestEnded = true;
    if (this.#over && this.#stream.closed) this.#stream.destroy(); // The library would wait for what can no longer be written.
    this.#inlet.end();
  }
  drained(): void {
    this.#stall?.cancel();
    this.#stall = undefined;
    if (!this.#over) this.#inlet.repliesReady();
  }
  closed(): void {
    this.left();
    this.#stall?.cancel();
    this.#owner.over(this);
  }

  #respond(response: HttpResponse, options: ServerStreamResponseOptions = OPEN): void {
    this.#begun = true;
    this.#owner.busy();
    try {
      this.#stream.respond(writeResponse(response), options);
    } catch (reason) {
      this.#unspeakable(reason);
    }
  }

  #respondWhole(response: HttpResponse): void {
    this.#respond(response, WHOLE);
    if (!this.#requestEnded) setImmediate(closeEarly, this.#stream);
    if (!this.#stream.readableFlowing) this.#stream.resume(); // What still comes is nobody's; unread it would keep the stream.
  }

  #endBody(trailers: HttpResponse | undefined): void {
    const stream = this.#stream;
    this.#trailers = trailers;
    this.#owner.busy();
    if (stream.writableEnded) return;
    stream.once("wantTrailers", onWantTrailers);
    stream.end();
    if (!stream.readableFlowing) stream.resume();
  }

  /** A service said what HTTP/2 cannot carry. */
  #unspeakable(reason: unknown): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    this.#owner.options.threw(StatusError.from(reason));
    this.#over = true;
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    process.nextTick(() => this.#inlet.cancel(StatusError.from(reason).status)); // The service may be on the stack.
  }

  /** Before the response has begun an answer says more than a reset. */
  #endFailed(status: Status): void {
    if (this.#begun || status.code === Code.CANCELLED) this.#stream.close(resetOf(status));
    else this.#respondWhole(this.#owner.options.refusal(this.#request, status));
  }

  #overflow(): void {
    const { status } = fail("RESOURCE_EXHAUSTED", `more than ${QUEUE_BYTES_MAX} bytes wait for the peer`);
    this.#owner.options.counters.limits.queue.value += 1;
    this.#over = true;
    this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    process.nextTick(() => this.#inlet.cancel(status)); // The service is on the stack.
  }

  /** The peer has reset it. With NO_ERROR the library would wait for what can no longer be written. */
  left(): void {
    if (this.#over) return;
    this.#owner.options.counters.cancelled.value += 1;
    this.#over = true;
    this.#inlet.cancel(CANCELLED);
    process.nextTick(destroy, this.#stream);
  }

  #watchStall(): void {
    const { clock, wheel } = this.#owner.options;
    this.#stalledBytes = this.#stream.writableLength;
    this.#stall = wheel.at(clock.now() + STALL_TIMEOUT_MS, this);
  }
}

function onAborted(this: AttachedStream): void {
  this[EXCHANGE]?.left();
}
function onClose(this: AttachedStream): void {
  this[EXCHANGE]?.closed();
}
function onData(this: AttachedStream, chunk: Buffer): void {
  this[EXCHANGE]?.received(chunk);
}
function onEnd(this: AttachedStream): void {
  this[EXCHANGE]?.halfClosed();
}
function onDrain(this: AttachedStream): void {
  this[EXCHANGE]?.drained();
}
function onWantTrailers(this: AttachedStream): void {
  this[EXCHANGE]?.sendTrailers();
}

const WHOLE = { endStream: true, sendDate: false } as const;
const OPEN = { waitForTrailers: true, sendDate: false } as const;

const ignore = (): void => {};

const destroy = (stream: ServerHttp2Stream): void => {
  if (stream.closed) stream.destroy();
};

/** The response is whole and the request is not: RST_STREAM(NO_ERROR), RFC 9113 §8.1. */
const closeEarly = (stream: ServerHttp2Stream): void => {
  if (!stream.destroyed) stream.close(constants.NGHTTP2_NO_ERROR);
};
