// One HTTP/2 request of ours: the caller of an Http service on one side, node:http2's stream on the other. It may have to wait for a
// connection first, and then holds what it was given.
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from "node:http2";
import { fail, OK, type Status } from "../../../src/core/status.ts";
import { statusOfReset } from "../../../src/http2/codes.ts";
import { QUEUE_BYTES_MAX, WAITING_BYTES_MAX } from "../../../src/http2/limits.ts";
import type { HttpReply, HttpRequest, HttpRequests, HttpResponse } from "../../../src/ports/http.ts";
import type { Batch } from "../../../src/ports/service.ts";
import { readResponse, writeRequest } from "./headers.ts";
import { writeBatch } from "./write-batch.ts";

/** The connection that a request runs on. */
export interface ClientOwner {
  /** Something came from the peer. */
  heard(): void;
  over(stream: ClientStream): void;
  /** What the end of the connection means for a stream; undefined while it stands. */
  lost(streamId: number): Status | undefined;
}

/** Where a request waits for a connection. */
export interface Waiting {
  /** It was cancelled there. */
  left(stream: ClientStream): void;
}

/** Where a stream keeps its request, so that listeners are made once and not for each. */
const REQUEST = Symbol("request");
type AttachedStream = ClientHttp2Stream & { [REQUEST]?: ClientStream };

export class ClientStream implements HttpRequests {
  readonly #request: HttpRequest;
  readonly #reply: HttpReply;
  readonly #waiting: Waiting;
  #owner: ClientOwner | undefined;
  #stream: AttachedStream | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #ended = false;
  #stopped = false;
  #over = false;
  #headed = false;
  #readied = 0;
  #trailers: HttpResponse | undefined;

  constructor(request: HttpRequest, reply: HttpReply, waiting: Waiting) {
    this.#request = request;
    this.#reply = reply;
    this.#waiting = waiting;
  }

  /** A connection has room: what was held goes out. The number of the stream; undefined when it could not be opened, and is over. */
  begin(session: ClientHttp2Session, owner: ClientOwner): number | undefined {
    this.#owner = owner;
    const whole = this.#ended && this.#held.length === 0 && this.#request.method === "GET"; // Servers of gRPC look for the end on DATA.
    try {
      this.#stream = session.request(writeRequest(this.#request), { endStream: whole });
    } catch (reason) {
      this.fail(fail("INTERNAL", "the request cannot be written as HTTP/2", reason).status);
      return undefined;
    }
    this.#stream[REQUEST] = this;
    listen(this.#stream);
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.#send(held);
    if (this.#ended && !whole) this.#stream.end();
    if (this.#stopped && !this.#stream.writableNeedDrain) this.drained();
    return this.#stream.id ?? 0;
  }

  /** Ends it from below: there is no connection, or no room, or it has to stop. */
  fail(status: Status): void {
    if (this.#over) return;
    this.#finish();
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    this.#reply.end(status);
  }

  write(batch: Batch<Uint8Array>): boolean {
    if (this.#over) return false;
    if (this.#stream !== undefined) return this.#send(batch);
    for (const chunk of batch) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
    }
    if (this.#heldBytes > QUEUE_BYTES_MAX) this.#overflow();
    this.#stopped = this.#heldBytes >= WAITING_BYTES_MAX;
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
    else this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  ready(): void {
    this.#readied += 1;
    this.#stream?.resume();
  }

  // For the listeners below.

  responded(flags: number, raw: readonly string[]): void {
    this.#owner?.heard();
    if (this.#over || this.#headed) return;
    this.#headed = true;
    const response = readResponse(raw);
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) === 0) this.#reply.headers(response);
    else this.#complete(response);
  }
  received(chunk: Buffer): void {
    this.#owner?.heard();
    if (this.#over) return;
    const readied = this.#readied; // A ready() from inside write() wins over the false that it returns.
    if (!this.#reply.write([chunk]) && readied === this.#readied && !this.#over) this.#stream?.pause();
  }
  trailed(raw: readonly string[]): void {
    this.#trailers = readResponse(raw);
  }
  bodyEnded(): void {
    const stream = this.#stream;
    if (this.#over || stream === undefined || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return; // Told by `close`.
    if (this.#headed) this.#complete(this.#trailers);
    else this.closed(); // A reset with NO_ERROR: the library would wait for what is still to be written.
  }
  drained(): void {
    if (this.#over || !this.#stopped) return;
    this.#stopped = false;
    this.#reply.ready();
  }
  closed(): void {
    const stream = this.#stream;
    if (!this.#over && stream !== undefined) {
      const lost = this.#owner?.lost(stream.id ?? Number.POSITIVE_INFINITY);
      this.#finish();
      stream.destroy();
      this.#reply.end(lost ?? statusOfReset(stream.rstCode));
    }
    this.#owner?.over(this);
  }

  #send(batch: Batch<Uint8Array>): boolean {
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed || stream.writableEnded) return true; // Its end is on its way.
    if (stream.writableLength > QUEUE_BYTES_MAX) {
      this.#overflow();
      return false;
    }
    this.#stopped = !writeBatch(stream, batch);
    return !this.#stopped;
  }

  #overflow(): void {
    this.fail(fail("RESOURCE_EXHAUSTED", `more than ${QUEUE_BYTES_MAX} bytes wait for the peer`).status);
  }

  /** The response is whole. A request that is not ends with it. */
  #complete(last: HttpResponse | undefined): void {
    const stream = this.#stream;
    this.#finish();
    if (stream?.closed) stream.destroy();
    else if (!stream?.writableFinished) stream?.close(constants.NGHTTP2_CANCEL);
    stream?.resume();
    this.#reply.end(OK, last);
  }

  #finish(): void {
    this.#over = true;
    this.#held = [];
  }
}

const listen = (stream: AttachedStream): void => {
  stream.on("error", ignore); // What it means is told by `close`.
  stream.on("response", onResponse);
  stream.on("trailers", onTrailers);
  stream.on("data", onData);
  stream.on("end", onEnd);
  stream.on("drain", onDrain);
  stream.on("close", onClose);
};

const ignore = (): void => {};

/** What the library tells of a HEADERS frame. */
type HeadersEvent = readonly [headers: unknown, flags: number, raw: string[]];

function onResponse(this: AttachedStream, ...[, flags, raw]: HeadersEvent): void {
  this[REQUEST]?.responded(flags, raw);
}
function onTrailers(this: AttachedStream, ...[, , raw]: HeadersEvent): void {
  this[REQUEST]?.trailed(raw);
}
function onData(this: AttachedStream, chunk: Buffer): void {
  this[REQUEST]?.received(chunk);
}
function onEnd(this: AttachedStream): void {
  this[REQUEST]?.bodyEnded();
}
function onDrain(this: AttachedStream): void {
  this[REQUEST]?.drained();
}
function onClose(this: AttachedStream): void {
  this[REQUEST]?.closed();
}
