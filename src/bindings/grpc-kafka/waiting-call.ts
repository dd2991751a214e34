// A call that waits until it is known which replies this process reads: only then its id can be drawn. That is so for the first calls after the
// start, and after a while without any; for others there is nothing to wait for.
import type { Status, StatusError } from "../../core/status.ts";
import { enter } from "../../flow/enter.ts";
import { Inlet, type InletEdge } from "../../flow/inlet.ts";
import type { GrpcReply, GrpcRequests, Message, Metadata } from "../../ports/grpc.ts";
import type { OwnReplies } from "../../ports/kafka.ts";
import type { Batch, Requests } from "../../ports/service.ts";
import type { Failures } from "./failures.ts";
import { Patience, type PatienceLimit } from "./patience.ts";

export interface WaitingPlan {
  readonly own: OwnReplies;
  /** Of the replies. */
  readonly topic: string;
  /** The call itself, once it can begin. */
  begin(reply: GrpcReply): GrpcRequests;
  readonly deadlineMs: number;
  readonly limit: PatienceLimit;
  readonly failures: Failures;
}

export class WaitingCall implements Requests<Message>, InletEdge {
  readonly #plan: WaitingPlan;
  readonly #reply: GrpcReply;
  readonly #inlet = new Inlet<Message>(this);
  readonly #patience: Patience;
  #waiting: { cancel(): void } | undefined;
  #over = false;
  #paused = false;

  constructor(plan: WaitingPlan, reply: GrpcReply) {
    this.#plan = plan;
    this.#reply = reply;
    this.#patience = new Patience(plan.limit, plan.deadlineMs, () => this.#finish(plan.failures.silent));
  }

  /** Once, and first. */
  start(): this {
    this.#patience.wait();
    this.#waiting = this.#plan.own.wait({ known: () => this.#known(), failed: (status) => this.#unread(status) });
    return this;
  }

  // For the caller.

  write(batch: Batch<Message>): boolean {
    this.#inlet.write(batch);
    return !this.#paused;
  }
  end(): void {
    this.#inlet.end();
  }
  cancel(status: Status): void {
    if (!this.#leave()) return;
    this.#inlet.cancel(status);
  }
  ready(): void {
    this.#inlet.repliesReady();
  }

  // For the inlet.

  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    this.#reply.ready();
  }
  failed(error: StatusError): void {
    this.#finish(this.#plan.failures.ofBug(error));
  }

  #known(): void {
    enter(
      () => this.#begin(),
      (error) => this.failed(error),
    );
  }

  #unread(status: Status): void {
    const { failures, topic, deadlineMs } = this.#plan;
    this.#finish(failures.ofKafka(status, { topic, deadlineMs }));
  }

  /** What is read stays so while the call that is begun reads it: only then this one stops waiting for it. */
  #begin(): void {
    if (this.#over) return;
    this.#patience.heard();
    const requests = this.#plan.begin({
      headers: (metadata) => this.#reply.headers(metadata),
      write: (batch) => this.#reply.write(batch),
      end: (status, trailers) => this.#finish(status, trailers),
      ready: () => this.#inlet.ready(),
    });
    this.#waiting?.cancel();
    this.#waiting = undefined;
    this.#inlet.open(requests);
  }

  #finish(status: Status, trailers?: Metadata): void {
    if (!this.#leave()) return;
    this.#inlet.close();
    this.#reply.end(status, trailers);
  }

  #leave(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#patience.heard();
    this.#waiting?.cancel();
    this.#waiting = undefined;
    return true;
  }
}
