// The server's end of an HTTP/2 connection, on node:http2: an Http service asked over a socket that somebody accepted. It opens no
// listener and knows nothing of gRPC. What the library leaves open (timers, floods, a header list's size) is closed here.
import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { fail, type Status } from "../../../src/core/status.ts";
import type { Deadline, Expiring } from "../../../src/flow/wheel.ts";
import type { LimitName } from "../../../src/http2/counters.ts";
import { Flood } from "../../../src/http2/flood.ts";
import * as limits from "../../../src/http2/limits.ts";
import type { Http2ServerOptions } from "../../../src/http2/server-options.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { Http } from "../../../src/ports/http.ts";
import { readRequest } from "./headers.ts";
import * as library from "./library-limits.ts";
import { ServerStream, type StreamOwner } from "./server-stream.ts";

declare module "node:http2" {
  /** Known to Node since 20.12, not yet to its types. */
  export function performServerHandshake(
    socket: import("node:stream").Duplex,
    options?: import("node:http2").ServerOptions,
  ): ServerHttp2Session;
}

const REQUEST_HEADER_FIELDS_TOO_LARGE = 431;

/** Takes the connection over; its first bytes may have been read and put back. */
export class Http2Server implements StreamOwner, Expiring {
  readonly options: Http2ServerOptions;
  readonly #connection: Connection;
  readonly #service: Http;
  readonly #session: ServerHttp2Session;
  readonly #streams = new Set<ServerStream>();
  readonly #flood: Flood;
  #timer: Deadline;
  #settled = false;
  #greeted = false;
  #closing = false;
  #limited = false;
  #idleSinceMs: number;

  constructor(connection: Connection, service: Http, options: Http2ServerOptions) {
    this.options = options;
    this.#connection = connection;
    this.#service = service;
    this.#idleSinceMs = options.clock.now();
    this.#flood = new Flood(options.clock);
    this.#session = performServerHandshake(connection.socket, sessionOptions(options));
    this.#timer = options.wheel.at(this.#idleSinceMs + limits.HANDSHAKE_TIMEOUT_MS, this);
    options.counters.connections.value += 1;
    this.#listen();
  }

  /** Requests in hand. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Announces the end, lets what was on its way come in, refuses what comes later; closed when the last stream is over. */
  drain(): void {
    const session = this.#session;
    if (this.#closing || session.destroyed) return;
    this.#closing = true;
    const second = (): void => {
      grace.cancel();
      if (!session.closed && !session.destroyed) session.close(); // GOAWAY with the last stream that came in.
    };
    const grace = this.options.clock.after(limits.GOAWAY_GRACE_MS, second);
    session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM_OF_ALL);
    if (!session.ping(second)) second();
  }

  /** Ends the streams in hand with UNAVAILABLE, then the connection. */
  close(): void {
    this.#closing = true;
    const { status } = fail("UNAVAILABLE", "the server is shutting down");
    for (const stream of [...this.#streams]) stream.stop(status);
    if (!this.#session.destroyed) this.#session.close();
    this.#linger();
  }

  busy(): void {
    this.#flood.busy();
  }

  over(stream: ServerStream): void {
    if (!this.#streams.delete(stream)) return;
    this.options.counters.streams.value -= 1;
    if (this.#streams.size === 0) this.#idleSinceMs = this.options.clock.now();
  }

  /** The connection's timer: the handshake until the peer has greeted, then idleness. */
  expired(): void {
    const { clock, wheel } = this.options;
    if (this.#session.destroyed) return;
    if (!this.#greeted) {
      this.#limit("handshake");
      return;
    }
    const now = clock.now();
    if (this.#streams.size === 0 && now - this.#idleSinceMs >= limits.IDLE_TIMEOUT_MS) {
      this.options.counters.limits.idle.value += 1;
      this.#session.close();
      this.#linger();
      return;
    }
    const fromMs = this.#streams.size === 0 ? this.#idleSinceMs : now;
    this.#timer = wheel.at(fromMs + limits.IDLE_TIMEOUT_MS, this);
  }

  #listen(): void {
    const session = this.#session;
    session.setLocalWindowSize(limits.SESSION_WINDOW_BYTES);
    session.on("stream", (stream, _headers, flags, raw: string[]) => this.#opened(stream, flags, raw));
    session.on("error", (reason: NodeJS.ErrnoException) => this.#failed(reason));
    session.on("remoteSettings", () => {
      this.#settled = true;
      this.#greet();
      if (!this.#flood.settings()) this.#limit("settings");
    });
    session.on("localSettings", () => this.#greet());
    session.on("ping", () => {
      if (!this.#flood.ping()) this.#limit("pings");
    });
    session.on("goaway", () => this.#linger());
    session.on("close", () => this.#closed());
  }

  #opened(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    const { request, bytes } = readRequest(raw, this.#connection.peer);
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const exchange = new ServerStream(this, { stream, request, ended });
    this.#streams.add(exchange);
    this.options.counters.streams.value += 1;
    this.#flood.busy();
    const { headerListBytesMax } = this.options;
    if (bytes <= headerListBytesMax) {
      exchange.open(this.#service);
      return;
    }
    this.options.counters.limits.headers.value += 1;
    const { status } = fail("RESOURCE_EXHAUSTED", `the headers are larger than ${headerListBytesMax} bytes`);
    exchange.refuse(this.options.refusal(request, status, REQUEST_HEADER_FIELDS_TOO_LARGE));
  }

  #greet(): void {
    if (this.#greeted || !this.#settled || this.#session.pendingSettingsAck || this.#connection.socket.destroyed) return;
    this.#greeted = true;
    this.#timer.cancel();
    this.#timer = this.options.wheel.at(this.#idleSinceMs + limits.IDLE_TIMEOUT_MS, this);
  }

  /** The library has ended the session for a breach of the protocol or one of its own limits. */
  #failed({ code }: NodeJS.ErrnoException): void {
    if (!this.#limited && code !== "ECONNRESET" && code !== "EPIPE") this.options.counters.limits.protocol.value += 1;
    this.#linger();
  }

  #limit(limit: LimitName): void {
    if (this.#session.destroyed) return;
    this.options.counters.limits[limit].value += 1;
    this.#limited = true;
    const code = limit === "handshake" ? constants.NGHTTP2_SETTINGS_TIMEOUT : constants.NGHTTP2_ENHANCE_YOUR_CALM;
    this.#session.destroy(new Error(limit), code);
    this.#linger();
  }

  /** Node waits for a peer to read and close; a peer that does neither is closed. */
  #linger(): void {
    const { socket } = this.#connection;
    const { clock } = this.options;
    const lingering = clock.after(limits.LINGER_MS, () => {
      if (this.#streams.size > 0 && !this.#session.destroyed) return;
      if (!this.#session.destroyed) this.#session.destroy();
      socket.destroy();
    });
    socket.once("close", () => lingering.cancel());
  }

  #closed(): void {
    this.#timer.cancel();
    this.options.counters.connections.value -= 1;
    for (const stream of [...this.#streams]) stream.stop(GONE);
    this.options.closed();
  }
}

/** What the first GOAWAY of a drain names: no stream is refused by it. */
const LAST_STREAM_OF_ALL = 2 ** 31 - 1;
const GONE: Status = fail("CANCELLED", "the caller left").status;

const sessionOptions = ({ streamsMax, headerListBytesMax }: Http2ServerOptions): import("node:http2").ServerOptions => ({
  settings: {
    maxConcurrentStreams: streamsMax,
    initialWindowSize: limits.STREAM_WINDOW_BYTES,
    maxHeaderListSize: headerListBytesMax,
    enablePush: false,
  },
  maxHeaderListPairs: limits.HEADER_PAIRS_MAX,
  maxSessionInvalidFrames: library.INVALID_FRAMES_MAX,
  maxSessionRejectedStreams: library.REJECTED_STREAMS_MAX,
  maxSessionMemory: library.SESSION_MEGABYTES_MAX,
  maxSettings: limits.SETTINGS_PER_FRAME_MAX,
  streamResetBurst: limits.STREAM_RESET_BURST,
  streamResetRate: limits.STREAM_RESETS_PER_SECOND,
  strictSingleValueFields: false,
});
