// What the server's end of a connection is given: apart, since the connection and its streams both look at it.
import type { Clock } from "../core/clock.ts";
import type { Status, StatusError } from "../core/status.ts";
import type { Wheel } from "../flow/wheel.ts";
import type { HttpRequest, HttpResponse } from "../ports/http.ts";
import type { HttpCounters } from "./counters.ts";

export interface Http2ServerOptions {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly counters: HttpCounters;
  /** Streams at a time: more are refused. */
  readonly streamsMax: number;
  /** Of a request's headers, counted as RFC 9113 §6.5.2 says: more is answered 431. */
  readonly headerListBytesMax: number;
  /** A connection that is older is asked to leave, and ended `ageGraceMs` later. Absent: it may stay. */
  readonly ageMsMax?: number;
  readonly ageGraceMs?: number;
  /** The answer to a request that failed before its response began; `httpStatus` where the status alone does not tell which. */
  refusal(request: HttpRequest, status: Status, httpStatus?: number): HttpResponse;
  /** A service threw what was not meant for a caller. */
  threw(error: StatusError): void;
  /** The connection is gone. Once. */
  closed(): void;
}
