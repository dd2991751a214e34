// One HTTP/1.1 request: node:http's two messages on one side, an Http service on the other.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import { CANCELLED, Code, fail, type Status, StatusError } from "../../core/status.ts";
import { Inlet, type InletEdge } from "../../flow/inlet.ts";
import type { Deadline, Expiring, Wheel } from "../../flow/wheel.ts";
import type { HttpCounters } from "../../http2/counters.ts";
import { QUEUE_BYTES_MAX, STALL_TIMEOUT_MS } from "../../http2/limits.ts";
import type { Http, HttpReply, HttpRequest, HttpResponse } from "../../ports/http.ts";
import type { Batch } from "../../ports/service.ts";

/** What a connection is given. */
export interface Http1Options {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly counters: HttpCounters;
  readonly headerListBytesMax: number;
  refusal(request: HttpRequest, status: Status, httpStatus?: number): HttpResponse;
  threw(error: StatusError): void;
  closed(): void;
}

/** The connection, as its requests see it. */
export interface Http1Owner {
  readonly options: Http1Options;
  readonly draining: boolean;
  over(exchange: Http1Exchange): void;
}

/** A request as node:http has it, and what answers it. */
export interface Messages {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

export class Http1Exchange implements HttpReply, InletEdge, Expiring {
  readonly #server: Http1Owner;
  readonly #request: HttpRequest;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #inlet = new Inlet<Uint8Array>(this);
  #over = false;
  #stall: Deadline | undefined;

  constructor(server: Http1Owner, request: HttpRequest, { message, response }: Messages) {
    this.#server = server;
    this.#request = request;
    this.#message = message;
    this.#response = response;
    message.on("error", ignore);
    response.on("error", ignore);
    response.on("close", () => this.left());
    response.on("finish", () => this.#finished());
  }

  open(service: Http): void {
    try {
      const requests = service(this.#request, this);
      this.#message.on("data", (chunk: Buffer) => this.#inlet.write([chunk]));
      this.#message.on("end", () => this.#inlet.end());
      this.#response.on("drain", () => this.#drained());
      this.#inlet.open(requests);
    } catch (reason) {
      this.failed(StatusError.from(reason));
    }
  }
  refuse(response: HttpResponse): void {
    this.#over = true;
    this.#respond(response);
    this.#response.end();
  }

  headers(meta: HttpResponse): void {
    if (!this.#over && !this.#response.headersSent) this.#respond(meta);
  }
  write(batch: Batch<Uint8Array>): boolean {
    const response = this.#response;
    if (this.#over) return false;
    this.headers({ status: 200, headers: [] });
    if (response.writableLength > QUEUE_BYTES_MAX) {
      this.#overflow();
      return false;
    }
    let go = true;
    for (const chunk of batch) if (chunk.length > 0) go = response.write(chunk);
    if (!go && this.#stall === undefined)
      this.#stall = this.#server.options.wheel.at(this.#server.options.clock.now() + STALL_TIMEOUT_MS, this);
    return go;
  }
  end(status: Status, trailers?: HttpResponse): void {
    if (this.#over) return;
    this.#over = true;
    this.#inlet.close();
    if (status.code !== Code.OK) this.#fail(status);
    else {
      if (!this.#response.headersSent) this.#respond(trailers?.status === undefined ? { status: 200, headers: [] } : trailers);
      else if (trailers) this.#response.addTrailers(trailers.headers.map(([name, value]): [string, string] => [name, value]));
      this.#response.end();
      this.#message.resume();
    }
  }
  ready(): void {
    this.#inlet.ready();
  }

  pause(): void {
    this.#message.pause();
  }
  resume(): void {
    this.#message.resume();
  }
  failed(error: StatusError): void {
    if (error.cause !== undefined) this.#server.options.threw(error);
    if (this.#over) return;
    this.#over = true;
    this.#fail(error.status);
  }
  expired(): void {
    this.#stall = undefined;
    this.#server.options.counters.limits.stall.value += 1;
    this.#message.socket.destroy();
  }

  /** The peer is gone. */
  left(): void {
    this.#stall?.cancel();
    if (!this.#over) this.#server.options.counters.cancelled.value += 1;
    this.#over = true;
    this.#inlet.cancel(CANCELLED);
    this.#server.over(this);
  }
  stop(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#fail(status);
    this.#inlet.cancel(status);
  }

  #overflow(): void {
    const { status } = fail("RESOURCE_EXHAUSTED", `more than ${QUEUE_BYTES_MAX} bytes wait for the peer`);
    this.#server.options.counters.limits.queue.value += 1;
    this.#over = true;
    this.#response.destroy();
    process.nextTick(() => this.#inlet.cancel(status)); // The service is on the stack.
  }
  #drained(): void {
    this.#stall?.cancel();
    this.#stall = undefined;
    if (!this.#over) this.#inlet.repliesReady();
  }
  /** A request that goes on after its answer would be read for nobody: the connection ends with it. */
  #finished(): void {
    if (!this.#message.complete) this.#message.socket.end();
  }
  #fail(status: Status): void {
    if (this.#response.headersSent)
      this.#response.destroy(); // The one way of HTTP/1.1 to say that a body is not whole.
    else {
      this.#respond(this.#server.options.refusal(this.#request, status));
      this.#response.end();
      this.#message.resume();
    }
  }
  #respond({ status = 200, headers }: HttpResponse): void {
    const response = this.#response;
    try {
      response.sendDate = true;
      if (this.#server.draining || !this.#message.complete)
        response.setHeader("connection", this.#server.draining ? "close" : "keep-alive");
      const names = new Map<string, string[]>();
      for (const [name, value] of headers) names.set(name, [...(names.get(name) ?? []), value]);
      for (const [name, values] of names) response.setHeader(name, values.length === 1 ? values[0]! : values);
      response.writeHead(status);
    } catch (reason) {
      this.#server.options.threw(StatusError.from(reason));
      this.#over = true;
      response.destroy();
    }
  }
}

const ignore = (): void => {};
