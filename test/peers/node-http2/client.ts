// The client's end of an HTTP/2 connection, on node:http2: streams on a socket that somebody opened. It connects nowhere by itself and
// knows nothing of pools.
import { type ClientHttp2Session, type ClientSessionOptions, connect, constants } from "node:http2";
import type { Clock, Timer } from "../../../src/core/clock.ts";
import { fail, type Status } from "../../../src/core/status.ts";
import type { Deadline, Expiring, Wheel } from "../../../src/flow/wheel.ts";
import { resetName } from "../../../src/http2/codes.ts";
import type { HttpCounters } from "../../../src/http2/counters.ts";
import * as limits from "../../../src/http2/limits.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { ClientOwner, ClientStream } from "./client-stream.ts";
import * as library from "./library-limits.ts";

declare module "node:http2" {
  interface ClientSessionOptions {
    /** Known to Node's clients as to its servers, not yet to its types. False: a header may occur more than once. */
    strictSingleValueFields?: boolean;
  }
}

export interface Http2ClientOptions {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly counters: HttpCounters;
  /** `host:port`, for messages. */
  readonly address: string;
  /** Streams at a time that we want on it, whatever the peer allows. */
  readonly streamsMax: number;
  /** Of a response's headers, counted as RFC 9113 §6.5.2 says: the library resets a stream with more. */
  readonly headerListBytesMax: number;
  /** There may be room now, or none any more. */
  changed(): void;
  /** It takes no new streams any more: once. `failure` when it never was of use. */
  closed(failure: Status | undefined): void;
  /** Its socket is closed and its streams are over: once, after `closed`. */
  gone(): void;
}

/** Stream numbers run out at 2^31; a connection is given up well before. */
const STREAM_ID_LAST = 2 ** 30;

export class Http2Client implements ClientOwner, Expiring {
  readonly #options: Http2ClientOptions;
  readonly #connection: Connection;
  readonly #session: ClientHttp2Session;
  readonly #streams = new Set<ClientStream>();
  #timer: Deadline;
  #ping: Timer | undefined;
  #greeted = false;
  #used = false;
  #ended = false;
  #retired = false;
  #told = false;
  #heard = true;
  #idleSinceMs: number;
  #pingedMs = Number.NEGATIVE_INFINITY;
  #failure = "the connection was lost";
  #lastStream = Number.POSITIVE_INFINITY;

  constructor(connection: Connection, options: Http2ClientOptions) {
    this.#options = options;
    this.#connection = connection;
    this.#idleSinceMs = options.clock.now();
    const scheme = connection.peer.tls === undefined ? "http" : "https";
    this.#session = connect(`${scheme}://${options.address}`, sessionOptions(connection, options));
    this.#timer = options.wheel.at(this.#idleSinceMs + limits.HANDSHAKE_TIMEOUT_MS, this);
    options.counters.connections.value += 1;
    this.#listen();
  }

  /** The peer has shown that it speaks HTTP/2. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /** Streams that may be started now. */
  get room(): number {
    const session = this.#session;
    if (!this.#greeted || this.#retired || session.closed || session.destroyed) return 0;
    const theirs = session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    return Math.max(0, Math.min(theirs, this.#options.streamsMax) - this.#streams.size);
  }

  get streams(): number {
    return this.#streams.size;
  }

  start(stream: ClientStream): void {
    this.#used = true;
    this.#streams.add(stream);
    this.#options.counters.streams.value += 1;
    const id = stream.begin(this.#session, this);
    if (id === undefined) this.over(stream);
    else if (id >= STREAM_ID_LAST) this.retire();
  }

  /** Takes no new streams; closed when the last is over. */
  retire(): void {
    this.#retired = true;
    if (!this.#session.destroyed) this.#session.close();
    this.#gone(undefined);
  }

  /** Ends its streams with a status, then itself. */
  close(status: Status): void {
    for (const stream of [...this.#streams]) stream.fail(status);
    this.retire();
    this.#linger();
  }

  heard(): void {
    this.#heard = true;
  }

  over(stream: ClientStream): void {
    if (!this.#streams.delete(stream)) return;
    this.#options.counters.streams.value -= 1;
    if (this.#streams.size === 0) this.#idleSinceMs = this.#options.clock.now();
    this.#options.changed();
  }

  lost(streamId: number): Status | undefined {
    if (streamId > this.#lastStream) return { ...this.#unavailable(), unprocessed: true };
    return this.#connection.socket.destroyed || this.#session.destroyed ? this.#unavailable() : undefined;
  }

  expired(): void {
    const { clock, wheel, counters } = this.#options;
    const now = clock.now();
    if (this.#session.destroyed) return;
    if (!this.#greeted) {
      counters.limits.handshake.value += 1;
      this.#end(`no HTTP/2 is spoken there: no SETTINGS after ${limits.HANDSHAKE_TIMEOUT_MS} ms`);
      return;
    }
    if (this.#streams.size > 0) this.#keepAlive(now);
    else if (now - this.#idleSinceMs >= limits.IDLE_TIMEOUT_MS) {
      counters.limits.idle.value += 1;
      this.retire();
      this.#linger();
      return;
    }
    this.#timer = wheel.at(now + limits.KEEP_ALIVE_QUIET_MS, this);
  }

  #listen(): void {
    const session = this.#session;
    session.on("error", (reason: NodeJS.ErrnoException) => this.#failed(reason));
    session.on("goaway", (code, lastStream) => this.#goaway(code, lastStream));
    session.on("close", () => this.#closed());
    session.on("remoteSettings", () => {
      this.#heard = true;
      if (!this.#greeted) this.#greet();
      this.#options.changed();
    });
    session.setLocalWindowSize(limits.SESSION_WINDOW_BYTES);
    session.on("stream", (pushed) => pushed.close(constants.NGHTTP2_REFUSED_STREAM)); // Refused by our settings already.
  }

  #greet(): void {
    this.#greeted = true;
    this.#timer.cancel();
    this.#timer = this.#options.wheel.at(this.#options.clock.now() + limits.KEEP_ALIVE_QUIET_MS, this);
  }

  #keepAlive(now: number): void {
    const { clock, counters } = this.#options;
    const heard = this.#heard;
    this.#heard = false;
    if (heard || this.#ping !== undefined || now - this.#pingedMs < limits.KEEP_ALIVE_REPEAT_MS) return;
    this.#pingedMs = now;
    this.#ping = clock.after(limits.KEEP_ALIVE_TIMEOUT_MS, () => {
      counters.limits.keepalive.value += 1;
      this.#end(`no answer for ${limits.KEEP_ALIVE_QUIET_MS + limits.KEEP_ALIVE_TIMEOUT_MS} ms`);
    });
    this.#session.ping(() => {
      this.#ping?.cancel();
      this.#ping = undefined;
    });
  }

  #goaway(code: number, lastStream: number): void {
    this.#lastStream = Math.min(this.#lastStream, lastStream);
    this.#failure = `the peer ended the connection with ${resetName(code)}`;
    this.#gone(this.#used ? undefined : this.#unavailable());
  }

  #failed({ code, message }: NodeJS.ErrnoException): void {
    if (this.#ended || this.#lastStream !== Number.POSITIVE_INFINITY) return; // It is known why.
    if (!this.#greeted) this.#failure = `no HTTP/2 is spoken there (${code ?? message})`;
    else this.#failure = `the connection failed (${code ?? message})`;
  }

  #end(failure: string): void {
    this.#ended = true;
    this.#failure = failure;
    this.#session.destroy(new Error(failure), constants.NGHTTP2_CANCEL);
    this.#connection.socket.destroy();
  }

  /** Node waits for a peer to close; one that does not is closed. */
  #linger(): void {
    const { socket } = this.#connection;
    const lingering = this.#options.clock.after(limits.LINGER_MS, () => {
      if (this.#streams.size === 0) socket.destroy();
    });
    socket.once("close", () => lingering.cancel());
  }

  /** Once: it takes no new streams any more. */
  #gone(failure: Status | undefined): void {
    this.#retired = true;
    if (this.#told) return;
    this.#told = true;
    this.#options.closed(failure);
  }

  #closed(): void {
    this.#timer.cancel();
    this.#ping?.cancel();
    this.#options.counters.connections.value -= 1;
    const status = this.#unavailable();
    for (const stream of [...this.#streams]) stream.fail(status);
    this.#gone(this.#used ? undefined : status);
    this.#options.gone();
  }

  #unavailable(): Status {
    return fail("UNAVAILABLE", `${this.#options.address}: ${this.#failure}`).status;
  }
}

const sessionOptions = ({ socket }: Connection, { headerListBytesMax }: Http2ClientOptions): ClientSessionOptions => ({
  settings: { enablePush: false, initialWindowSize: limits.STREAM_WINDOW_BYTES, maxHeaderListSize: headerListBytesMax },
  maxSessionMemory: library.SESSION_MEGABYTES_MAX,
  strictSingleValueFields: false,
  createConnection: () => socket,
});
