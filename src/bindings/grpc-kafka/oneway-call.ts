// A call that nobody answers: its requests become records, and it is answered with one empty message when Kafka has them all.
import { EMPTY } from "../../core/bytes.ts";
import { OK, type Status } from "../../core/status.ts";
import type { GrpcReply, Message } from "../../ports/grpc.ts";
import type { Batch, Requests } from "../../ports/service.ts";
import type { Failures } from "./failures.ts";
import { Patience, type PatienceLimit } from "./patience.ts";
import { type RequestOwner, type RequestPlan, RequestRecords } from "./request-records.ts";

export interface OnewayPlan {
  readonly requests: RequestPlan;
  readonly deadlineMs: number;
  readonly limit: PatienceLimit;
  readonly failures: Failures;
}

export class OnewayCall implements Requests<Message>, RequestOwner {
  readonly #plan: OnewayPlan;
  readonly #reply: GrpcReply;
  readonly #requests: RequestRecords;
  readonly #patience: Patience;
  #ended = false;
  #over = false;

  constructor(plan: OnewayPlan, reply: GrpcReply) {
    this.#plan = plan;
    this.#reply = reply;
    this.#requests = new RequestRecords(plan.requests, this, true);
    this.#patience = new Patience(plan.limit, plan.deadlineMs, () => this.#finish(plan.failures.silent));
  }

  write(batch: Batch<Message>): boolean {
    const go = this.#requests.write(batch);
    if (this.#requests.unanswered) this.#patience.wait();
    return go;
  }
  end(): void {
    this.#ended = true;
    this.#answer();
  }
  cancel(): void {
    this.#leave();
  }
  ready(): void {} // One message is all there ever is to read.

  acknowledged(): void {
    this.#patience.heard();
    this.#answer();
  }
  requestsReady(): void {
    this.#reply.ready();
  }
  refused(status: Status): void {
    const { failures, requests, deadlineMs } = this.#plan;
    this.#finish(failures.ofKafka(status, { topic: requests.to.topic, deadlineMs }));
  }
  failed(reason: unknown): void {
    this.#finish(this.#plan.failures.ofBug(reason));
  }

  #answer(): void {
    if (this.#over || !this.#ended || !this.#requests.idle) return;
    this.#reply.headers([]);
    this.#reply.write([EMPTY]);
    this.#finish(OK);
  }

  #finish(status: Status): void {
    if (this.#over) return; // The caller may have left from inside `write`.
    this.#leave();
    this.#reply.end(status);
  }

  #leave(): void {
    this.#over = true;
    this.#patience.heard();
    this.#requests.close("answered");
  }
}
