// A server's response on its way to the caller: headers, body and trailers in, metadata, messages and a status out.
import type { Clock } from "../../core/clock.ts";
import { Code, DEADLINE_EXCEEDED, fail, type Status, StatusError } from "../../core/status.ts";
import { type Deadline, type Expiring, NO_DEADLINE } from "../../flow/wheel.ts";
import type { GrpcReply, Message, Metadata } from "../../ports/grpc.ts";
import type { HttpHeaders, HttpReply, HttpResponse } from "../../ports/http.ts";
import type { Batch } from "../../ports/service.ts";
import { encodingOf } from "./compression.ts";
import type { GrpcLimits } from "./config.ts";
import { Cutter, inBatches } from "./cutter.ts";
import { answerMetadata } from "./metadata.ts";
import { statusOf, statusOfHttp } from "./trailers.ts";

interface End {
  readonly status: Status;
  readonly trailers: Metadata;
}

/** The request that is replied to. */
export interface Asked {
  /** Ends it in both directions. */
  abandon(): void;
  /** There is room for more of its response. */
  more(): void;
  /** The server has seen the call: it will not be made again. */
  seen(): void;
  /** The server has surely not seen it: makes it again, once. False: it cannot be. */
  again(): boolean;
}

export interface ReplyParts {
  readonly clock: Pick<Clock, "now">;
  readonly limits: GrpcLimits;
}

const NO_METADATA: Metadata = [];

export class ClientReplies implements HttpReply, Expiring {
  readonly #reply: GrpcReply;
  readonly #clock: Pick<Clock, "now">;
  readonly #limits: GrpcLimits;
  readonly #deadlineMs: number;
  #asked: Asked | undefined;
  #deadline: Deadline = NO_DEADLINE;
  #cutter: Cutter | undefined;
  /** A status that came with the headers: the response of a server that has no messages to send. */
  #early: End | undefined;
  /** What the caller had no room for, and the end that comes after it. */
  readonly #held: Batch<Message>[] = [];
  #ended: End | undefined;
  #stopped = false;
  #readied = 0;
  #over = false;

  constructor(reply: GrpcReply, { clock, limits }: ReplyParts, deadlineMs: number) {
    this.#reply = reply;
    this.#clock = clock;
    this.#limits = limits;
    this.#deadlineMs = deadlineMs;
  }

  open(asked: Asked, deadline: Deadline): void {
    this.#asked = asked;
    this.#deadline = deadline;
  }

  headers({ status = 200, headers }: HttpResponse): void {
    if (this.#over) return;
    this.#asked?.seen();
    const early = statusOf(headers);
    if (early) this.#early = { status: early, trailers: answerMetadata(headers) };
    if (status !== 200) this.#abort(this.#early ?? { status: statusOfHttp(status), trailers: NO_METADATA });
    else if (!early) this.#begin(headers);
  }
  write(chunks: Batch<Uint8Array>): boolean {
    if (this.#over) return true;
    this.#early = undefined; // Where a body is, the status comes after it.
    const messages: Message[] = [];
    try {
      this.#cutter ??= new Cutter("identity", this.#limits);
      for (const chunk of chunks) this.#cutter.cut(chunk, messages);
    } catch (reason) {
      this.#abort({ status: StatusError.from(reason).status, trailers: NO_METADATA });
      return true;
    }
    inBatches(messages, (batch) => this.#give(batch));
    return !this.#stopped;
  }
  end(status: Status, trailers?: HttpResponse): void {
    if (this.#over || this.#ended) return;
    if (status.unprocessed && this.#asked?.again()) {
      this.#reply.ready(); // What was said to wait for the first attempt has gone with it.
      return;
    }
    this.#ended = this.#endOf(status, trailers);
    if (this.#held.length === 0) this.#finish(this.#ended);
  }
  ready(): void {
    if (!this.#over) this.#reply.ready();
  }

  /** The caller has room again. */
  repliesReady(): void {
    if (this.#over) return;
    this.#readied += 1;
    this.#stopped = false;
    while (this.#held.length > 0 && !this.#stopped) this.#give(this.#held.shift()!);
    if (this.#stopped || this.#over) return;
    if (this.#ended) this.#finish(this.#ended);
    else this.#asked?.more();
  }
  /** The caller has left. */
  left(): void {
    this.#over = true;
    this.#deadline.cancel();
    this.#held.length = 0;
  }
  expired(): void {
    if (!this.#over) this.#abort({ status: DEADLINE_EXCEEDED, trailers: NO_METADATA });
  }

  #begin(headers: HttpHeaders): void {
    try {
      this.#cutter = new Cutter(bodyEncoding(headers), this.#limits);
    } catch (reason) {
      this.#abort({ status: StatusError.from(reason).status, trailers: NO_METADATA });
      return;
    }
    this.#reply.headers(answerMetadata(headers));
  }

  #give(batch: Batch<Message>): void {
    if (this.#over) return;
    if (this.#stopped) {
      this.#held.push(batch);
      return;
    }
    const readied = this.#readied; // A ready from inside write wins over the false that it returns.
    if (!this.#reply.write(batch) && readied === this.#readied) this.#stopped = true;
  }

  #endOf(status: Status, last: HttpResponse | undefined): End {
    const headers = last?.headers ?? NO_METADATA;
    const said = statusOf(headers);
    if (said) return this.#whole({ status: said, trailers: answerMetadata(headers) });
    if (this.#early) return this.#early;
    // A server that keeps the deadline too may be the first to end the call, with CANCEL.
    const late = status.code === Code.CANCELLED && this.#clock.now() >= this.#deadlineMs;
    if (status.code !== Code.OK) return { status: late ? DEADLINE_EXCEEDED : status, trailers: NO_METADATA };
    if (last?.status !== undefined) return { status: statusOfForeign(last.status, headers), trailers: NO_METADATA };
    return { status: NO_STATUS, trailers: NO_METADATA };
  }

  /** A success that ends inside a message is none. */
  #whole(end: End): End {
    if (end.status.code !== Code.OK) return end;
    try {
      this.#cutter?.end();
      return end;
    } catch (reason) {
      return { ...end, status: StatusError.from(reason).status };
    }
  }

  #finish({ status, trailers }: End): void {
    this.left();
    this.#reply.end(status, trailers);
  }

  /** Ends the call from this side, in both directions. */
  #abort(end: End): void {
    this.#finish(end);
    this.#asked?.abandon();
  }
}

const NO_STATUS: Status = { code: Code.INTERNAL, message: "the server's response ended without a grpc-status" };

/** Of a response that is headers only and has no gRPC status. */
const statusOfForeign = (status: number, headers: HttpHeaders): Status => {
  if (status !== 200) return statusOfHttp(status);
  try {
    bodyEncoding(headers);
    return NO_STATUS;
  } catch (reason) {
    return StatusError.from(reason).status;
  }
};

/** How the messages of a response are compressed. Throws when it is no gRPC response, or the encoding is not known. */
const bodyEncoding = (headers: HttpHeaders): ReturnType<typeof encodingOf> & string => {
  let named: string | undefined;
  for (const [name, value] of headers) {
    if (name === "grpc-encoding") named = value;
    else if (name === "content-type" && !value.startsWith("application/grpc"))
      throw fail("UNKNOWN", `the server answered with the content-type ${JSON.stringify(value)}, which is not gRPC's`);
  }
  const encoding = encodingOf(named);
  if (!encoding) throw fail("INTERNAL", `the server's grpc-encoding ${JSON.stringify(named)} is not known`);
  return encoding;
};
