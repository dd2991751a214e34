// A call as an HTTP request to a gRPC server (PROTOCOL-HTTP2, "Requests").
import type { Clock } from "../../core/clock.ts";
import { CANCELLED, DEADLINE_EXCEEDED, type Status, StatusError } from "../../core/status.ts";
import { VERSION } from "../../core/version.ts";
import { formatTimeout } from "../../exchange/timeout.ts";
import type { Wheel } from "../../flow/wheel.ts";
import type { Peer } from "../../ports/connection.ts";
import type { Call, Grpc, GrpcRequests, Message } from "../../ports/grpc.ts";
import type { Http, HttpHeaders, HttpRequest, HttpRequests } from "../../ports/http.ts";
import type { Batch } from "../../ports/service.ts";
import { type Asked, ClientReplies } from "./client-replies.ts";
import { ACCEPT_ENCODING } from "./compression.ts";
import type { GrpcLimits } from "./config.ts";
import { framed } from "./frame.ts";
import { requestHeaders } from "./metadata.ts";

/** What all calls of a binding share. */
export interface ClientParts {
  readonly clock: Pick<Clock, "now">;
  readonly wheel: Wheel;
  readonly limits: GrpcLimits;
  /** Told the name of metadata that had to be left out. */
  dropped(name: string): void;
}

const BASE: HttpHeaders = [
  ["content-type", "application/grpc"],
  ["te", "trailers"],
  ["grpc-accept-encoding", ACCEPT_ENCODING],
  ["user-agent", `grpc-node-sluice/${VERSION}`],
];

/** Of a call that no connection brought: the http client does not look at it. */
const NOBODY: Peer = { address: "", port: 0, localAddress: "", localPort: 0 };

/** Calls of a gRPC server that is reached through `http`. */
export const calling =
  (http: Http, parts: ClientParts): Grpc =>
  (call, reply) => {
    const replies = new ClientReplies(reply, parts, call.deadlineMs);
    const ask = (): HttpRequests => {
      const remainingMs = call.deadlineMs - parts.clock.now();
      if (remainingMs <= 0) throw new StatusError(DEADLINE_EXCEEDED);
      return http(requestOf(call, remainingMs, parts), replies);
    };
    const requests = new ClientRequests(ask, replies);
    replies.open(requests, parts.wheel.at(call.deadlineMs, replies));
    return requests;
  };

const requestOf = (call: Call, remainingMs: number, { dropped }: ClientParts): HttpRequest => {
  const timeout: HttpHeaders = remainingMs === Number.POSITIVE_INFINITY ? [] : [["grpc-timeout", formatTimeout(remainingMs)]];
  return {
    method: "POST",
    scheme: call.scheme,
    authority: call.authority,
    path: `/${call.service}/${call.method}`,
    headers: [...BASE, ...timeout, ...requestHeaders(call.metadata, dropped)],
    peer: call.peer ?? NOBODY,
  };
};

/** Of a request that is kept, in case that the server has surely not seen it: more is not tried again. */
export const AGAIN_BYTES_MAX = 64 * 1024;

class ClientRequests implements GrpcRequests, Asked {
  readonly #ask: () => HttpRequests;
  readonly #replies: ClientReplies;
  #http: HttpRequests;
  /** What was sent so far; undefined once it is too much, or the server has shown that it has seen the call. */
  #sent: Batch<Uint8Array>[] | undefined = [];
  #sentBytes = 0;
  #ended = false;

  constructor(ask: () => HttpRequests, replies: ClientReplies) {
    this.#ask = ask;
    this.#replies = replies;
    this.#http = ask();
  }
  write(batch: Batch<Message>): boolean {
    const chunks = framed(batch);
    if (this.#sent !== undefined) this.#keep(this.#sent, chunks);
    return this.#http.write(chunks);
  }
  end(): void {
    this.#ended = true;
    this.#http.end();
  }
  cancel(_status: Status): void {
    this.#replies.left();
    this.abandon();
  }
  ready(): void {
    this.#replies.repliesReady();
  }

  // For its replies.

  abandon(): void {
    this.#http.cancel(CANCELLED); // RST_STREAM(CANCEL), whatever the reason.
  }
  more(): void {
    this.#http.ready();
  }
  seen(): void {
    this.#sent = undefined;
  }
  /** Once, and at once: the connection that refused it is not the one that is asked next. */
  again(): boolean {
    const sent = this.#sent;
    if (sent === undefined) return false;
    this.#sent = undefined;
    try {
      this.#http = this.#ask();
    } catch {
      return false; // Why it was refused the first time says more.
    }
    for (const chunks of sent) this.#http.write(chunks);
    if (this.#ended) this.#http.end();
    return true;
  }

  #keep(sent: Batch<Uint8Array>[], chunks: Batch<Uint8Array>): void {
    for (const { length } of chunks) this.#sentBytes += length;
    if (this.#sentBytes > AGAIN_BYTES_MAX) this.#sent = undefined;
    else sent.push(chunks);
  }
}
