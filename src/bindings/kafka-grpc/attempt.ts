// One try to have a call answered by its server: the edge that gives the server the request and takes what it replies.
import { type Status, StatusError } from "../../core/status.ts";
import { Inlet, type InletEdge } from "../../flow/inlet.ts";
import type { Call, Grpc, GrpcReply, Message, Metadata } from "../../ports/grpc.ts";
import type { Batch } from "../../ports/service.ts";

/** The call behind an attempt; hears nothing any more after `ended`, nor after it has cancelled the attempt. */
export interface AttemptOwner {
  headers(metadata: Metadata): void;
  /** False: enough, until `Attempt.repliesReady`. */
  replies(batch: Batch<Message>): boolean;
  /** Once, and last; also when the server's service refuses or fails. */
  ended(status: Status, trailers: Metadata | undefined): void;
  /** The server takes requests again. */
  ready(): void;
  /** What was thrown was not meant for a caller: it is for the log. `ended` follows. */
  bug(cause: unknown): void;
}

export class Attempt implements GrpcReply, InletEdge {
  readonly #owner: AttemptOwner;
  readonly #inlet: Inlet<Message>;
  #stopped = false;
  #over = false;

  constructor(owner: AttemptOwner) {
    this.#owner = owner;
    this.#inlet = new Inlet(this);
  }

  /** Begins the call at its server. The owner may hear `ended` before this returns. */
  open(exit: Grpc, call: Call): void {
    try {
      this.#inlet.open(exit(call, this));
    } catch (reason) {
      this.failed(StatusError.from(reason));
    }
  }

  /** The server wants no requests for now: what comes is not to be written, but read again when it is ready. */
  get stopped(): boolean {
    return this.#stopped;
  }
  get over(): boolean {
    return this.#over;
  }

  give(batch: Batch<Message>): void {
    this.#inlet.write(batch);
  }
  halfClose(): void {
    this.#inlet.end();
  }
  cancel(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#inlet.cancel(status);
  }
  repliesReady(): void {
    this.#inlet.repliesReady();
  }

  // What the server's service says.
  headers(metadata: Metadata): void {
    if (!this.#over) this.#owner.headers(metadata);
  }
  write(batch: Batch<Message>): boolean {
    return !this.#over && this.#owner.replies(batch);
  }
  end(status: Status, trailers?: Metadata): void {
    this.#inlet.close();
    this.#end(status, trailers);
  }
  ready(): void {
    this.#inlet.ready();
  }

  // What the inlet says.
  pause(): void {
    this.#stopped = true;
  }
  resume(): void {
    this.#stopped = false;
    if (!this.#over) this.#owner.ready();
  }
  failed({ status, cause }: StatusError): void {
    if (cause !== undefined && !this.#over) this.#owner.bug(cause);
    this.#end(status);
  }

  #end(status: Status, trailers?: Metadata): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.ended(status, trailers);
  }
}
