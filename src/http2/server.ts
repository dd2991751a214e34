// The server's end of an HTTP/2 connection: an Http service asked over a socket that somebody accepted. It opens no listener and knows
// nothing of gRPC.
import { Members } from "../core/members.ts";
import { fail, type StatusError } from "../core/status.ts";
import type { Deadline, Expiring } from "../flow/wheel.ts";
import { NO_DEADLINE } from "../flow/wheel.ts";
import type { Connection } from "../ports/connection.ts";
import type { Http, HttpRequest } from "../ports/http.ts";
import { ErrorCode } from "./codes.ts";
import { Http2Connection } from "./connection.ts";
import type { ConnectionEdge } from "./connection-parts.ts";
import { Flag, UINT31_MAX } from "./frame.ts";
import { SettingId } from "./frame-rules.ts";
import type { HeaderList } from "./header-list.ts";
import * as limits from "./limits.ts";
import type { Http2ServerOptions } from "./server-options.ts";
import { ServerStream, type StreamParent } from "./server-stream.ts";

const EXPECTATION_FAILED = 417;
const REQUEST_HEADER_FIELDS_TOO_LARGE = 431;
const NOT_IMPLEMENTED = 501;

/** Takes the connection over; its first bytes may have been read and put back. */
export class Http2Server implements ConnectionEdge, StreamParent, Expiring {
  readonly options: Http2ServerOptions;
  readonly connection: Http2Connection;
  readonly #given: Connection;
  readonly #service: Http;
  readonly #streams = new Members<ServerStream>();
  #age: Deadline = NO_DEADLINE;
  #draining = false;
  /** The last stream that is served, once no more are. */
  #lastStream = UINT31_MAX;

  constructor(connection: Connection, service: Http, options: Http2ServerOptions) {
    const { clock, wheel, counters, streamsMax, headerListBytesMax, ageMsMax } = options;
    this.options = options;
    this.#given = connection;
    this.#service = service;
    this.connection = new Http2Connection({
      role: "server",
      connection,
      clock,
      wheel,
      counters,
      headers: { bytesMax: headerListBytesMax, pairsMax: limits.HEADER_PAIRS_MAX },
      settings: [
        [SettingId.MAX_CONCURRENT_STREAMS, streamsMax],
        [SettingId.INITIAL_WINDOW_SIZE, limits.STREAM_WINDOW_BYTES],
        [SettingId.MAX_HEADER_LIST_SIZE, headerListBytesMax],
      ],
      quietMs: limits.SERVER_KEEP_ALIVE_QUIET_MS,
      edge: this,
    });
    if (ageMsMax !== undefined) this.#age = wheel.at(clock.now() + ageMsMax, this);
  }

  /** Requests in hand. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Announces the end, lets what was on its way come in, refuses what comes later; closed when the last stream is over. */
  drain(): void {
    const { connection } = this;
    if (this.#draining || connection.ending) return;
    this.#draining = true;
    const second = (): void => {
      grace.cancel();
      if (connection.ending || this.#lastStream !== UINT31_MAX) return;
      this.#lastStream = connection.lastRemote;
      connection.goaway(this.#lastStream, ErrorCode.NO_ERROR);
      this.over();
    };
    const grace = this.options.clock.after(limits.GOAWAY_GRACE_MS, second);
    connection.goaway(UINT31_MAX, ErrorCode.NO_ERROR);
    connection.ping(second);
  }

  /** Ends the streams in hand with UNAVAILABLE, then the connection. */
  close(): void {
    if (this.connection.ending) return;
    const { status } = fail("UNAVAILABLE", "the server is shutting down");
    this.#lastStream = this.connection.lastRemote;
    for (const stream of this.#streams.all()) stream.stop(status);
    this.connection.goaway(this.#lastStream, ErrorCode.NO_ERROR);
    this.connection.finish();
  }

  /** It has lived long enough: asked to leave, and made to after a while. */
  expired(): void {
    const { clock, wheel, counters, ageGraceMs = 0 } = this.options;
    if (this.#draining) {
      this.close();
      return;
    }
    counters.limits.age.value += 1;
    this.drain();
    this.#age = wheel.at(clock.now() + ageGraceMs, this);
  }

  // What the connection tells.

  opened(id: number, list: HeaderList, flags: number): void {
    const { connection } = this;
    if (id > this.#lastStream) return; // The peer knows from GOAWAY that nobody has seen it.
    const fault = list.requestFault();
    if (fault !== "" || list.tooManyPairs) {
      connection.limit(fault === "" ? "headers" : "protocol");
      connection.refuse(id, fault === "" ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.PROTOCOL_ERROR);
      return;
    }
    const full = this.#streams.size >= this.options.streamsMax;
    if (full || connection.queuedBytes > limits.BACKLOG_BYTES_MAX) {
      connection.limit(full ? "streams" : "backlog");
      connection.refuse(id, ErrorCode.REFUSED_STREAM);
      return;
    }
    this.#serve(id, list, flags);
  }

  settled(): void {}
  failing(): void {}

  goaway(): void {
    this.#lastStream = this.connection.lastRemote; // The peer will open no more.
    this.over();
  }

  over(): void {
    if (this.#lastStream !== UINT31_MAX && this.connection.streams.size === 0) this.connection.finish();
  }

  idle(): void {
    this.connection.goaway(this.connection.lastRemote, ErrorCode.NO_ERROR);
    this.connection.finish();
  }

  closed(): void {
    this.#age.cancel();
    this.options.closed();
  }

  threw(error: StatusError): void {
    this.options.threw(error);
  }

  /** A stream holds nothing any more. */
  ended(stream: ServerStream): void {
    this.#streams.delete(stream);
    this.options.counters.streams.value -= 1;
  }

  #serve(id: number, list: HeaderList, flags: number): void {
    const request = list.request(this.#given.peer);
    const exchange = new ServerStream(this, request);
    const stream = this.connection.accept(id, exchange);
    exchange.begin(stream);
    this.#streams.add(exchange);
    this.options.counters.streams.value += 1;
    stream.expect(list.contentLength);
    const refused = this.#refusalOf(request, list);
    if (refused === undefined) exchange.open(this.#service);
    else exchange.refuse(refused);
    if ((flags & Flag.END_STREAM) !== 0) stream.endRemote();
  }

  /** What is answered without asking the service. */
  #refusalOf(request: HttpRequest, list: HeaderList) {
    const { refusal, headerListBytesMax } = this.options;
    if (list.tooLarge) {
      this.connection.limit("headers");
      const { status } = fail("RESOURCE_EXHAUSTED", `the headers are larger than ${headerListBytesMax} bytes`);
      return refusal(request, status, REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    if (list.expects) return refusal(request, fail("UNIMPLEMENTED", "nothing is to be expected here").status, EXPECTATION_FAILED);
    if (request.method === "CONNECT") return refusal(request, fail("UNIMPLEMENTED", "there is no CONNECT here").status, NOT_IMPLEMENTED);
    return undefined;
  }
}
