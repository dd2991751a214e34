// The client's end of an HTTP/2 connection: streams on a socket that somebody opened. It connects nowhere by itself and knows nothing of
// pools.
import type { Clock } from "../core/clock.ts";
import { Members } from "../core/members.ts";
import { fail, type Status, type StatusError } from "../core/status.ts";
import type { Wheel } from "../flow/wheel.ts";
import type { Connection } from "../ports/connection.ts";
import type { ClientParent, ClientStream } from "./client-stream.ts";
import { type ConnectionError, ErrorCode, resetName } from "./codes.ts";
import { Http2Connection } from "./connection.ts";
import type { ConnectionEdge } from "./connection-parts.ts";
import type { HttpCounters } from "./counters.ts";
import { SettingId } from "./frame-rules.ts";
import * as limits from "./limits.ts";
import type { Stream } from "./stream.ts";
import type { StreamEvents } from "./stream-owner.ts";

export interface Http2ClientOptions {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly counters: HttpCounters;
  /** `host:port`, for messages. */
  readonly address: string;
  /** Streams at a time that we want on it, whatever the peer allows. */
  readonly streamsMax: number;
  /** Of a response's headers, counted as RFC 9113 §6.5.2 says: a stream with more is reset. */
  readonly headerListBytesMax: number;
  /** There may be room now, or none any more. */
  changed(): void;
  /** It takes no new streams any more: once. `failure` when it never was of use. */
  closed(failure: Status | undefined): void;
  /** Its socket is closed and its streams are over: once, after `closed`. */
  gone(): void;
  /** A bug of ours. */
  threw(error: StatusError): void;
}

/** Stream numbers run out at 2^31; a connection is given up well before. */
const STREAM_ID_LAST = 2 ** 30;

export class Http2Client implements ConnectionEdge {
  readonly #options: Http2ClientOptions;
  readonly #connection: Http2Connection;
  readonly #streams = new Members<ClientStream>();
  readonly #parent: ClientParent;
  #greeted = false;
  #used = false;
  #retired = false;
  #told = false;
  #gone = false;
  #failure: string | undefined;
  #lastStream = Number.POSITIVE_INFINITY;

  constructor(connection: Connection, options: Http2ClientOptions) {
    const { clock, wheel, counters, headerListBytesMax } = options;
    this.#options = options;
    this.#parent = {
      open: (events) => this.#open(events),
      over: (stream) => this.#ended(stream),
      lost: (id) => this.#lost(id),
    };
    this.#connection = new Http2Connection({
      role: "client",
      connection,
      clock,
      wheel,
      counters,
      headers: { bytesMax: headerListBytesMax, pairsMax: limits.HEADER_PAIRS_MAX },
      settings: [
        [SettingId.ENABLE_PUSH, 0],
        [SettingId.INITIAL_WINDOW_SIZE, limits.STREAM_WINDOW_BYTES],
        [SettingId.MAX_HEADER_LIST_SIZE, headerListBytesMax],
      ],
      quietMs: limits.KEEP_ALIVE_QUIET_MS,
      edge: this,
    });
  }

  /** The peer has shown that it speaks HTTP/2. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /** Streams that may be started now. */
  get room(): number {
    const { ending, peer } = this.#connection;
    if (!this.#greeted || this.#retired || ending) return 0;
    return Math.max(0, Math.min(peer.streamsMax, this.#options.streamsMax) - this.#streams.size);
  }

  get streams(): number {
    return this.#streams.size;
  }

  start(stream: ClientStream): void {
    this.#used = true;
    this.#streams.add(stream);
    this.#options.counters.streams.value += 1;
    stream.begin(this.#parent);
    if (stream.id >= STREAM_ID_LAST) this.retire();
  }

  /** Takes no new streams; closed when the last is over. */
  retire(): void {
    this.#retired = true;
    this.#close();
    this.#tell(undefined);
  }

  /** Ends its streams with a status, then itself. */
  close(status: Status): void {
    for (const stream of this.#streams.all()) stream.fail(status);
    this.retire();
  }

  // What the connection tells.

  opened(): void {} // A client's peer opens none.

  settled(): void {
    this.#greeted = true;
    this.#options.changed();
  }

  goaway(lastStream: number, code: number): void {
    this.#lastStream = Math.min(this.#lastStream, lastStream);
    this.#failure = `the peer ended the connection with ${resetName(code)}`;
    this.#retired = true;
    for (const stream of this.#streams.all())
      if (stream.id > lastStream || code !== ErrorCode.NO_ERROR) stream.fail(this.#lost(stream.id) ?? this.#unavailable());
    this.#tell(this.#used ? undefined : this.#unavailable());
    this.#close();
  }

  over(): void {
    if (this.#retired) this.#close();
  }

  idle(): void {
    this.retire();
  }

  failing({ limit, message }: ConnectionError): void {
    if (limit === "handshake") this.#failure = `no HTTP/2 is spoken there: no SETTINGS after ${limits.HANDSHAKE_TIMEOUT_MS} ms`;
    else if (limit === "keepalive") this.#failure = `no answer for ${limits.KEEP_ALIVE_QUIET_MS + limits.KEEP_ALIVE_TIMEOUT_MS} ms`;
    else if (!this.#greeted) this.#failure = `no HTTP/2 is spoken there (${message})`;
    else this.#failure = limit === "protocol" ? `the peer broke the protocol: ${message}` : message;
    this.#gone = true;
  }

  closed(reason: NodeJS.ErrnoException | undefined): void {
    const why = reason?.code ?? reason?.message;
    this.#gone = true;
    this.#failure ??= this.#greeted ? lostBy(why) : `no HTTP/2 is spoken there (${why ?? "the connection was closed"})`;
    this.#tell(this.#used ? undefined : this.#unavailable());
    this.#options.gone();
  }

  threw(error: StatusError): void {
    this.#options.threw(error);
  }

  #open(events: StreamEvents): Stream {
    return this.#connection.open(events);
  }

  #ended(stream: ClientStream): void {
    if (!this.#streams.delete(stream)) return;
    this.#options.counters.streams.value -= 1;
    this.#options.changed();
  }

  #lost(streamId: number): Status | undefined {
    if (streamId > this.#lastStream) return { ...this.#unavailable(), unprocessed: true };
    return this.#gone || this.#connection.ending ? this.#unavailable() : undefined;
  }

  /** Once there are no streams. */
  #close(): void {
    if (this.#streams.size > 0 || this.#connection.ending) return;
    this.#connection.goaway(0, ErrorCode.NO_ERROR);
    this.#connection.finish();
  }

  /** Once: it takes no new streams any more. */
  #tell(failure: Status | undefined): void {
    this.#retired = true;
    if (this.#told) return;
    this.#told = true;
    this.#options.closed(failure);
  }

  #unavailable(): Status {
    return fail("UNAVAILABLE", `${this.#options.address}: ${this.#failure ?? "the connection was lost"}`).status;
  }
}

const lostBy = (why: string | undefined): string => (why === undefined ? "the connection was lost" : `the connection failed (${why})`);
