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
import { ClientReplies } from "./client-replies.ts";
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
    const remainingMs = call.deadlineMs - parts.clock.now();
    if (remainingMs <= 0) throw new StatusError(DEADLINE_EXCEEDED);
    const replies = new ClientReplies(reply, parts.limits);
    const requests = http(requestOf(call, remainingMs, parts), replies);
    replies.open(requests, parts.wheel.at(call.deadlineMs, replies));
    return new ClientRequests(requests, replies);
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

class ClientRequests implements GrpcRequests {
  readonly #http: HttpRequests;
  readonly #replies: ClientReplies;

  constructor(http: HttpRequests, replies: ClientReplies) {
    this.#http = http;
    this.#replies = replies;
  }
  write(batch: Batch<Message>): boolean {
    return this.#http.write(framed(batch));
  }
  end(): void {
    this.#http.end();
  }
  cancel(_status: Status): void {
    this.#replies.left();
    this.#http.cancel(CANCELLED); // RST_STREAM(CANCEL), whatever the reason.
  }
  ready(): void {
    this.#replies.repliesReady();
  }
}
