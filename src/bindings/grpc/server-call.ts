// One call at the server: HTTP body to messages and back. The place where a status becomes trailers, where what services throw is caught
// and where a deadline ends a call.
import type { Log } from "../../core/log.ts";
import { DEADLINE_EXCEEDED, OK, type Status, StatusError } from "../../core/status.ts";
import { Inlet, type InletEdge } from "../../flow/inlet.ts";
import { type Deadline, type Expiring, NO_DEADLINE, type Wheel } from "../../flow/wheel.ts";
import type { GrpcReply, Message, Metadata } from "../../ports/grpc.ts";
import type { HttpReply, HttpResponse } from "../../ports/http.ts";
import type { Batch } from "../../ports/service.ts";
import type { Accepted, Refused } from "./accept.ts";
import type { GrpcLimits } from "./config.ts";
import { framed } from "./frame.ts";
import { answerHeaders } from "./metadata.ts";
import { trailersOf } from "./trailers.ts";
import { toBase64, trailersFrame } from "./web.ts";

/** What all calls of a binding share. */
export interface CallParts {
  readonly wheel: Wheel;
  readonly log: Log;
  /** For log lines. */
  readonly binding: string;
  readonly limits: GrpcLimits;
  /** Told the name of metadata that had to be left out. */
  dropped(name: string): void;
}

const NO_METADATA: Metadata = [];

export class ServerCall implements GrpcReply, InletEdge, Expiring {
  readonly inlet = new Inlet<Message>(this);
  readonly #parts: CallParts;
  readonly #accepted: Accepted;
  readonly #reply: HttpReply;
  #deadline: Deadline = NO_DEADLINE;
  #begun = false;
  #over = false;
  #paused = false;

  constructor(parts: CallParts, accepted: Accepted, reply: HttpReply) {
    this.#parts = parts;
    this.#accepted = accepted;
    this.#reply = reply;
  }

  /** Calls the service. A refusal is answered a little later: the caller's reply is not to be touched yet. */
  open(): void {
    const { call, to } = this.#accepted;
    try {
      this.inlet.open(to(call, this));
    } catch (reason) {
      process.nextTick(refuse, this, StatusError.from(reason));
      return;
    }
    this.#deadline = this.#parts.wheel.at(call.deadlineMs, this);
  }

  get over(): boolean {
    return this.#over;
  }
  /** The service wants no more requests for now. */
  get paused(): boolean {
    return this.#paused;
  }

  headers(metadata: Metadata): void {
    if (this.#over || this.#begun) return;
    this.#begun = true;
    const { form } = this.#accepted;
    if (metadata.length === 0) this.#reply.headers(form.response);
    else this.#reply.headers({ status: 200, headers: [...form.headers, ...answerHeaders(metadata, this.#parts.dropped)] });
  }
  write(batch: Batch<Message>): boolean {
    if (this.#over) return false;
    if (!this.#begun) this.headers(NO_METADATA);
    const chunks = framed(batch);
    return this.#reply.write(this.#accepted.form.web === "text" ? toBase64(chunks) : chunks);
  }
  end(status: Status, trailers: Metadata = NO_METADATA): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadline.cancel();
    this.inlet.close();
    const headers = trailers.length === 0 ? trailers : answerHeaders(trailers, this.#parts.dropped);
    const answer = { form: this.#accepted.form, httpStatus: 200, status, headers };
    if (this.#begun) endBegun(this.#reply, answer);
    else endUnbegun(this.#reply, answer);
  }
  ready(): void {
    this.inlet.ready();
  }

  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    this.#reply.ready();
  }
  failed(error: StatusError): void {
    if (this.#over) return;
    const { service, method } = this.#accepted.call;
    if (error.cause !== undefined)
      this.#parts.log.error("a call failed", { binding: this.#parts.binding, method: `${service}/${method}` }, error.cause);
    this.end(error.status);
  }

  expired(): void {
    if (this.#over) return;
    this.inlet.cancel(DEADLINE_EXCEEDED);
    this.end(DEADLINE_EXCEEDED);
  }
  /** The caller's bytes make no sense, or this file's code does not. */
  broken(reason: unknown): void {
    if (this.#over) return;
    const error = StatusError.from(reason);
    this.inlet.cancel(error.status);
    this.failed(error);
  }
  /** The caller has left. */
  left(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadline.cancel();
    this.inlet.cancel(status);
  }
}

const refuse = (call: ServerCall, error: StatusError): void => call.failed(error);

const headersOnly = ({ form, httpStatus, status, headers }: Refused): HttpResponse => {
  const { headers: trailers } = trailersOf(status, headers);
  return { status: httpStatus, headers: [["content-type", form.contentType], ...trailers] };
};

/** The whole response is its end. A refusal over HTTP's own status is never a gRPC-Web body. */
export const endUnbegun = (reply: HttpReply, answer: Refused): void => {
  if (answer.form.web === "none" || answer.httpStatus !== 200) {
    reply.end(OK, headersOnly(answer));
    return;
  }
  reply.headers(answer.form.response);
  endBegun(reply, answer);
};

/** Headers have gone before. */
const endBegun = (reply: HttpReply, { form, status, headers }: Refused): void => {
  const trailers = trailersOf(status, headers);
  if (form.web === "none") {
    reply.end(OK, trailers);
    return;
  }
  const frame = [trailersFrame(trailers.headers)];
  reply.write(form.web === "text" ? toBase64(frame) : frame);
  reply.end(OK);
};
