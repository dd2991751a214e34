// One call over two topics: its requests become records of one, and records of the other become its replies. The reply reader stands
// before the first request is produced, so no reply is missed.
import type { Status } from "../../core/status.ts";
import type { GrpcReply, Message, Metadata } from "../../ports/grpc.ts";
import type { FetchQuery } from "../../ports/kafka.ts";
import type { Batch, Requests } from "../../ports/service.ts";
import type { Failures } from "./failures.ts";
import type { KeyedCalls } from "./keyed-calls.ts";
import { Patience, type PatienceLimit } from "./patience.ts";
import { type AnswerOwner, type AnswerPlan, ReplyRecords } from "./reply-records.ts";
import { type RequestOwner, type RequestPlan, RequestRecords } from "./request-records.ts";

export interface CallPlan {
  readonly requests: RequestPlan;
  readonly answer: AnswerPlan;
  readonly query: FetchQuery;
  readonly correlationId: Uint8Array;
  /** There when the id is the caller's choice: others may wait for the same answer. */
  readonly keyed: KeyedCalls | undefined;
  readonly deadlineMs: number;
  readonly limit: PatienceLimit;
  readonly failures: Failures;
}

export class ProduceCall implements Requests<Message>, RequestOwner, AnswerOwner {
  readonly #plan: CallPlan;
  readonly #reply: GrpcReply;
  readonly #requests: RequestRecords;
  readonly #answer: ReplyRecords;
  readonly #patience: Patience;
  #over = false;

  constructor(plan: CallPlan, reply: GrpcReply) {
    this.#plan = plan;
    this.#reply = reply;
    this.#requests = new RequestRecords(plan.requests, this, false);
    this.#answer = new ReplyRecords(plan.answer, this);
    this.#patience = new Patience(plan.limit, plan.deadlineMs, () => this.#fail(plan.failures.silent));
  }

  /** Once, and first. Throws what refuses the reader. */
  start(): void {
    const { requests, query, keyed, correlationId } = this.#plan;
    this.#answer.opened(requests.kafka.fetch(query, this.#answer));
    keyed?.enter(correlationId);
    this.#patience.wait();
  }

  write(batch: Batch<Message>): boolean {
    const go = this.#requests.write(batch);
    if (this.#requests.unanswered) this.#patience.wait();
    return go;
  }
  end(): void {
    this.#requests.end();
    if (this.#requests.unanswered) this.#patience.wait();
  }
  cancel(status: Status): void {
    if (!this.#over) this.#leave("cancelled", status);
  }
  ready(): void {
    this.#answer.resume();
  }

  positioned(): void {
    this.#requests.open();
    if (!this.#requests.unanswered) this.#patience.heard();
  }
  answered(status: Status, trailers?: Metadata): void {
    this.#leave("answered", status);
    this.#reply.end(status, trailers);
  }
  broken(status: Status): void {
    this.#fail(status);
  }
  unread(status: Status): void {
    this.#fail(this.#ofKafka(status, this.#plan.query.topic));
  }

  acknowledged(): void {
    this.#patience.heard();
  }
  requestsReady(): void {
    this.#reply.ready();
  }
  refused(status: Status): void {
    this.#fail(this.#ofKafka(status, this.#plan.requests.to.topic));
  }
  failed(reason: unknown): void {
    this.#fail(this.#plan.failures.ofBug(reason));
  }

  #ofKafka(status: Status, topic: string): Status {
    return this.#plan.failures.ofKafka(status, { topic, deadlineMs: this.#plan.deadlineMs });
  }

  #fail(status: Status): void {
    if (this.#over) return;
    this.#leave("cancelled", status);
    this.#reply.end(status);
  }

  #leave(how: "answered" | "cancelled", status: Status): void {
    this.#over = true;
    this.#patience.heard();
    const { keyed, correlationId } = this.#plan;
    const shared = keyed?.leave(correlationId) ?? false;
    this.#requests.close(shared ? "shared" : how);
    this.#answer.close(status);
  }
}
