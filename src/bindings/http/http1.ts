// HTTP/1.1 on the port of an http server: node:http parses, each request becomes an exchange of the same service. It is here for simple
// clients, browsers and probes; nothing of it listens.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { fail } from "../../core/status.ts";
import type { Deadline, Expiring } from "../../flow/wheel.ts";
import { HEADER_PAIRS_MAX } from "../../http2/limits.ts";
import type { Connection, Peer } from "../../ports/connection.ts";
import type { Http, HttpRequest } from "../../ports/http.ts";
import { Http1Exchange, type Http1Options } from "./http1-exchange.ts";

/** A connection without a request: closed. Also bounds how long a request line and its headers may take. */
export const HTTP1_IDLE_TIMEOUT_MS = 60_000;

/** What belongs to one hop and is none of the service's business (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host", "trailer", "expect"]);

/** Takes the connection over; its first bytes may have been read and put back. */
export class Http1Server implements Expiring {
  readonly options: Http1Options;
  readonly #connection: Connection;
  readonly #service: Http;
  readonly #server: Server;
  readonly #exchanges = new Set<Http1Exchange>();
  #idleSinceMs: number;
  #timer: Deadline;
  #draining = false;

  constructor(connection: Connection, service: Http, options: Http1Options) {
    const { socket } = connection;
    this.options = options;
    this.#connection = connection;
    this.#service = service;
    this.#idleSinceMs = options.clock.now();
    this.#timer = options.wheel.at(this.#idleSinceMs + HTTP1_IDLE_TIMEOUT_MS, this);
    this.#server = createServer({ maxHeaderSize: options.headerListBytesMax, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
    this.#server.maxHeadersCount = HEADER_PAIRS_MAX + 1;
    this.#server.on("request", (request, response) => this.#opened(request, response));
    this.#server.on("clientError", (reason: NodeJS.ErrnoException) => this.#malformed(reason));
    options.counters.connections.value += 1;
    socket.on("error", ignore);
    socket.once("close", () => this.#closed());
    this.#server.emit("connection", socket); // As Node's documentation of the event allows.
  }

  get streams(): number {
    return this.#exchanges.size;
  }

  /** The request in hand is the connection's last. */
  drain(): void {
    this.#draining = true;
    if (this.#exchanges.size === 0) this.#connection.socket.destroy();
  }

  close(): void {
    const { status } = fail("UNAVAILABLE", "the server is shutting down");
    for (const exchange of [...this.#exchanges]) exchange.stop(status);
    this.#connection.socket.end(() => this.#connection.socket.destroy());
  }

  get draining(): boolean {
    return this.#draining;
  }

  over(exchange: Http1Exchange): void {
    if (!this.#exchanges.delete(exchange)) return;
    this.options.counters.streams.value -= 1;
    this.#idleSinceMs = this.options.clock.now();
    if (this.#draining && this.#exchanges.size === 0) this.#connection.socket.end();
  }

  expired(): void {
    const { clock, wheel, counters } = this.options;
    const now = clock.now();
    if (this.#exchanges.size === 0 && now - this.#idleSinceMs >= HTTP1_IDLE_TIMEOUT_MS) {
      counters.limits.idle.value += 1;
      this.#connection.socket.destroy();
      return;
    }
    this.#timer = wheel.at((this.#exchanges.size === 0 ? this.#idleSinceMs : now) + HTTP1_IDLE_TIMEOUT_MS, this);
  }

  #opened(message: IncomingMessage, response: ServerResponse): void {
    const request = readRequest(message, this.#connection.peer);
    const exchange = new Http1Exchange(this, request, { message, response });
    this.#exchanges.add(exchange);
    this.options.counters.streams.value += 1;
    if (message.rawHeaders.length / 2 <= HEADER_PAIRS_MAX) {
      exchange.open(this.#service);
      return;
    }
    this.options.counters.limits.headers.value += 1;
    exchange.refuse(this.options.refusal(request, fail("RESOURCE_EXHAUSTED", "too many headers").status, 431));
  }

  #malformed({ code }: NodeJS.ErrnoException): void {
    const { socket } = this.#connection;
    this.options.counters.limits.protocol.value += 1;
    const status = code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
    if (socket.writable && this.#exchanges.size === 0) socket.write(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    socket.end(() => socket.destroy());
  }

  #closed(): void {
    this.#timer.cancel();
    this.options.counters.connections.value -= 1;
    for (const exchange of [...this.#exchanges]) exchange.left();
    this.options.closed();
  }
}

const ignore = (): void => {};

const readRequest = (message: IncomingMessage, peer: Peer): HttpRequest => {
  const headers: (readonly [string, string])[] = [];
  const raw = message.rawHeaders;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (!HOP_BY_HOP.has(name)) headers.push([name, raw[i + 1]!]);
  }
  const scheme = peer.tls === undefined ? "http" : "https";
  return { method: message.method ?? "", scheme, authority: message.headers.host ?? "", path: message.url ?? "", headers, peer };
};
