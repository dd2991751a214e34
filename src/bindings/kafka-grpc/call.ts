// One call: from its first record to its acknowledged final one. It joins the request, the attempts at the server and the answer, and is
// the only place that decides how a call ends.
import { NOWHERE } from "../../core/members.ts";
import { CANCELLED, Code, DEADLINE_EXCEEDED, fail, type Status } from "../../core/status.ts";
import { type Deadline, NO_DEADLINE } from "../../flow/wheel.ts";
import type { Message, Metadata } from "../../ports/grpc.ts";
import type { StoredRecord } from "../../ports/kafka.ts";
import type { Batch } from "../../ports/service.ts";
import { Answer, type AnswerOwner } from "./answer.ts";
import { Attempt, type AttemptOwner } from "./attempt.ts";
import type { CallHead } from "./head.ts";
import { Offsets } from "./offsets.ts";
import type { Partition, PartitionCall } from "./partition.ts";
import { pauseMs, SERVER_PAUSES } from "./pauses.ts";
import type { RecordRoute } from "./records.ts";
import { ReplyRecords } from "./replies.ts";
import { type Fed, Requests, type RequestsOwner } from "./requests.ts";
import { later, type Shared } from "./shared.ts";

/** Where a call comes from. */
export interface Origin {
  /** The correlation id, as text to find it by and as bytes. */
  readonly key: string;
  readonly id: Uint8Array;
  readonly partition: Partition;
  /** The offset of its first record. */
  readonly first: number;
  readonly route: RecordRoute;
  /** `sluice:deadline` of its records, which tells it from another call with the same id. */
  readonly deadlineMs: number | undefined;
  /** Which run this is, where the call may have been begun before. */
  readonly attempt: string | undefined;
}

/** How a call ended: with a final record; without one, since its caller left; or for another member to begin again. */
export type Outcome = "answered" | "left" | "abandoned";

/** Who keeps the calls. */
export interface CallKeeper {
  /** What a record that the call's own reader met is to it. */
  fed(call: RemoteCall, record: StoredRecord): Fed;
  over(call: RemoteCall, outcome: Outcome): void;
}

type Phase = "running" | "answering" | "over";

export class RemoteCall implements PartitionCall, AttemptOwner, AnswerOwner, RequestsOwner {
  /** Of its partition's calls. */
  place = NOWHERE;
  readonly origin: Origin;
  readonly offsets: Offsets;
  /** The group's reader has passed its tombstone. */
  tombstonePassed = false;
  /** A further request with the same id: it shares this call's answer, or is begun when there will be none. */
  successor: RemoteCall | undefined;
  readonly #shared: Shared;
  readonly #keeper: CallKeeper;
  readonly #requests: Requests;
  readonly #answer: Answer;
  readonly #head: CallHead | undefined;
  readonly #deadlineMs: number;
  #phase: Phase = "running";
  #attempt: Attempt | undefined;
  /** The server has begun to answer. */
  #heard = false;
  #failures = 0;
  #retryUntilMs = Number.POSITIVE_INFINITY;
  #pause: Deadline = NO_DEADLINE;
  #deadline: Deadline = NO_DEADLINE;

  /** Without a head it can only be answered: `refuse` must follow. */
  constructor(origin: Origin, head: CallHead | undefined, { shared, keeper }: { readonly shared: Shared; readonly keeper: CallKeeper }) {
    const { partition, first, id, route, attempt } = origin;
    const header = shared.names.correlationId;
    this.origin = origin;
    this.offsets = new Offsets(shared.budget);
    this.#shared = shared;
    this.#keeper = keeper;
    this.#head = head;
    this.#deadlineMs = head?.deadlineMs ?? Number.POSITIVE_INFINITY;
    this.#requests = new Requests({ owner: this, shared, source: { topic: partition.topic, partition: partition.partition, first, id } });
    this.#answer = new Answer({
      shared,
      owner: this,
      records: new ReplyRecords(attempt === undefined ? { header, id } : { header, id, attempt }),
      topic: route.replyTo,
      deadlineMs: this.#deadlineMs,
      oneReply: head?.oneReply ?? false,
    });
    partition.calls.add(this);
  }

  /** Begins it at the server, with what has come of its request so far. */
  begin(): void {
    const { clock, limits, tally } = this.#shared;
    tally.calls.value += 1;
    this.#deadline = later(this.#shared, this.#deadlineMs, () =>
      this.#expired(this.#attempt === undefined ? UNREACHED : DEADLINE_EXCEEDED),
    );
    if (this.#deadlineMs === Number.POSITIVE_INFINITY) this.#retryUntilMs = clock.now() + limits.retryMs;
    this.#try();
  }

  /** Answers it unbegun. */
  refuse(status: Status): void {
    this.#shared.tally.refused.value += 1;
    this.fail(status);
  }

  /** Counts a record as the call's: it is done with the call. */
  hold(offset: number): void {
    if (this.offsets.add(offset)) return;
    this.origin.partition.doneOne(offset);
    this.fail(fail("RESOURCE_EXHAUSTED", "the request has too many records to keep account of").status);
  }

  // From the group's reader.
  message(offset: number, message: Uint8Array): void {
    if (this.#phase === "running") this.#requests.message(offset, message);
  }
  end(offset: number): void {
    this.tombstonePassed = true;
    if (this.#phase === "running") this.#requests.end(offset);
  }
  flush(): void {
    this.#requests.flush();
  }
  follow(): void {
    if (this.#phase === "running") this.#requests.follow(this.origin.partition.next);
  }

  /** The caller left: the server is told, nothing is answered, and nothing has to be done again. */
  cancelled(): void {
    if (this.#phase === "over") return;
    this.#shared.tally.cancelled.value += 1;
    this.#leave(CANCELLED, "left");
  }
  abandon(): void {
    if (this.#phase === "over") return;
    this.#shared.tally.abandoned.value += 1;
    this.#leave({ code: Code.UNAVAILABLE, message: "the call goes to another server" }, "abandoned");
  }
  /** What it is a successor of has been answered, and with it its caller. */
  shareAnswer(): void {
    this.#leave(CANCELLED, "answered");
  }

  /** Ends the call with a status of ours. */
  fail(status: Status): void {
    if (this.#phase === "over") return;
    this.#stop(status);
    this.#answer.fail(status);
  }

  // From the attempt.
  headers(metadata: Metadata): void {
    if (this.#phase !== "running") return;
    this.#hear();
    this.#answer.initial(metadata);
  }
  replies(batch: Batch<Message>): boolean {
    if (this.#phase !== "running") return false;
    this.#hear();
    return this.#answer.values(batch);
  }
  ended(status: Status, trailers: Metadata | undefined): void {
    if (this.#phase !== "running") return;
    this.#attempt = undefined;
    this.#requests.detach();
    if (status.code === Code.DEADLINE_EXCEEDED && this.#shared.clock.now() >= this.#deadlineMs) this.#expired(DEADLINE_EXCEEDED);
    else if (status.unprocessed && !this.#heard) this.#again(status);
    else this.#finish(status, trailers);
  }
  ready(): void {
    this.#requests.ready();
  }

  bug(cause: unknown): void {
    const { binding, log } = this.#shared;
    const { topic, partition } = this.origin.partition;
    log.error("a call failed at its server's service", { binding, topic, partition, offset: this.origin.first }, cause);
  }

  // From the answer.
  repliesReady(): void {
    this.#attempt?.repliesReady();
  }
  unwritable(status: Status): void {
    this.fail(status);
  }
  done(): void {
    this.origin.partition.done(this.offsets.drain());
  }
  settled(): void {
    this.#over("answered");
  }

  // From the request.
  fed(record: StoredRecord): Fed {
    return this.#keeper.fed(this, record);
  }
  unreadable({ message }: Status): void {
    this.#shared.log.warn("a request could not be read again", { binding: this.#shared.binding, why: message });
    this.fail(fail("UNAVAILABLE", "the request could not be read again").status);
  }

  #try(): void {
    if (this.#head === undefined) return;
    const { exit, scheme, authority } = this.origin.route;
    const { service, method, metadata, deadlineMs } = this.#head;
    const attempt = new Attempt(this);
    this.#attempt = attempt;
    attempt.open(exit, { service, method, scheme, authority, metadata, deadlineMs });
    if (this.#attempt === attempt) this.#requests.attach(attempt);
  }

  /** From now on the server is not asked again. */
  #hear(): void {
    if (this.#heard) return;
    this.#heard = true;
    this.#requests.keepNothing();
  }

  /** Nobody has begun to work on it: another try, after a pause, until the deadline or for as long as is configured. */
  #again(status: Status): void {
    const { clock, random, tally } = this.#shared;
    const nowMs = clock.now();
    if (nowMs >= this.#retryUntilMs) {
      this.#finish({ code: Code.UNAVAILABLE, message: status.message }, undefined);
      return;
    }
    this.#failures += 1;
    const againMs = Math.min(this.#retryUntilMs, nowMs + pauseMs(SERVER_PAUSES, this.#failures, random));
    this.#pause = later(this.#shared, againMs, () => {
      tally.retries.value += 1;
      this.#try();
    });
  }

  /** A final record would end a successor's caller as well, who may have more time. */
  #expired(status: Status): void {
    this.#shared.tally.expired.value += 1;
    if (this.successor !== undefined) this.#leave(status, "left");
    else this.fail(status);
  }

  #finish(status: Status, trailers: Metadata | undefined): void {
    this.#stop(status);
    this.#answer.end(status, trailers);
  }

  /** The server's part is over; the answer's may not be. */
  #stop(status: Status): void {
    if (this.#phase !== "running") return;
    this.#phase = "answering";
    this.#deadline.cancel();
    this.#pause.cancel();
    this.#requests.close();
    const attempt = this.#attempt;
    this.#attempt = undefined;
    attempt?.cancel(status);
  }

  #leave(status: Status, outcome: Outcome): void {
    this.#stop(status);
    this.#answer.close();
    if (outcome === "abandoned") this.offsets.release();
    else this.done();
    this.#over(outcome);
  }

  #over(outcome: Outcome): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.origin.partition.calls.delete(this);
    this.#keeper.over(this, outcome);
  }
}

const UNREACHED: Status = { ...DEADLINE_EXCEEDED, message: "deadline exceeded while the server could not be reached" };
