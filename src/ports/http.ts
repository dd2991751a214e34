// The http port: bodies are chunks as they come.
import type { Peer } from "./connection.ts";
import type * as port from "./service.ts";

/** In the order received; names in lower case; a name may occur more than once. */
export type HttpHeaders = readonly (readonly [name: string, value: string])[];

/** The facts of a request. */
export interface HttpRequest {
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  /** With its query, as sent. */
  readonly path: string;
  /** Without pseudo headers. */
  readonly headers: HttpHeaders;
  readonly peer: Peer;
}

/**
 * `headers`: status and headers of the response. Trailers go with `end`. A response that is headers and nothing else is `end` with a
 * status and headers in place of trailers, and no `headers` before it: on HTTP/2 one HEADERS frame that ends the stream, both ways.
 */
export interface HttpResponse {
  /** 200, …; absent in trailers, present in what `end` carries when it is the whole response. */
  readonly status?: number;
  readonly headers: HttpHeaders;
}

/**
 * A body's end is `end(OK, trailers?)`. Another status: a server whose response has not begun answers with the HTTP error that stands for
 * it (as it does for a service that throws); one whose response has begun resets the stream: CANCELLED and DEADLINE_EXCEEDED with CANCEL,
 * RESOURCE_EXHAUSTED with ENHANCE_YOUR_CALM, an `unprocessed` UNAVAILABLE with REFUSED_STREAM, others with INTERNAL_ERROR. A client service
 * ends with the status its peer's reset stands for.
 * `end` before the requests' end: trailers, then RST_STREAM(NO_ERROR). A client service marks a status `unprocessed` where HTTP/2 says so:
 * REFUSED_STREAM, a stream above the last one of a GOAWAY, a connection that could not be opened (RFC 9113 §8.7).
 */
export type Http = port.Service<HttpRequest, Uint8Array, Uint8Array, HttpResponse>;
/** The caller's side of a request. */
export type HttpReply = port.Reply<Uint8Array, HttpResponse>;
/** The service's side of a request. */
export type HttpRequests = port.Requests<Uint8Array>;
