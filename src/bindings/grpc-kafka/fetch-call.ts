// One call that is answered from a topic: every matching record is a message, for as long as the caller stays.
import { fail, type Status } from "../../core/status.ts";
import { headersMetadata } from "../../exchange/metadata.ts";
import type { GrpcReply, Message } from "../../ports/grpc.ts";
import type { FetchQuery, FetchStart, Kafka, StoredRecord } from "../../ports/kafka.ts";
import { type Batch, IGNORED, type Reply, type Requests } from "../../ports/service.ts";
import type { ProxyCounters } from "./counters.ts";
import type { Failures } from "./failures.ts";
import type { IdentifiedMessages } from "./identified-messages.ts";
import { Patience, type PatienceLimit } from "./patience.ts";

const BATCH_BYTES_MAX = 256 * 1024;

export interface FetchPlan {
  readonly kafka: Kafka;
  /** Absent: nothing can match, so nothing is read. */
  readonly query?: FetchQuery;
  readonly messages: IdentifiedMessages;
  readonly deadlineMs: number;
  readonly counters: ProxyCounters;
  readonly limit: PatienceLimit;
  readonly failures: Failures;
}

export class FetchCall implements Requests<Message> {
  readonly #records: FetchedRecords;

  constructor(plan: FetchPlan, reply: GrpcReply) {
    this.#records = new FetchedRecords(plan, reply);
  }

  /** Once, and first. Throws what refuses the reader. */
  start(): void {
    this.#records.start();
  }

  /** The request says nothing: it must be empty. */
  write(batch: Batch<Message>): boolean {
    for (const { length } of batch)
      if (length > 0) throw fail("ABORTED", `found a request of ${length} bytes, but this method takes an empty message`);
    return true;
  }
  end(): void {} // Half-close: the caller goes on reading.
  cancel(status: Status): void {
    this.#records.close(status);
  }
  ready(): void {
    this.#records.resume();
  }
}

class FetchedRecords implements Reply<StoredRecord, FetchStart> {
  readonly #plan: FetchPlan;
  readonly #reply: GrpcReply;
  readonly #patience: Patience;
  #fetch: Requests<never> = IGNORED;
  #headed = false;
  #over = false;

  constructor(plan: FetchPlan, reply: GrpcReply) {
    this.#plan = plan;
    this.#reply = reply;
    this.#patience = new Patience(plan.limit, plan.deadlineMs, () => this.#fail(plan.failures.silent));
  }

  start(): void {
    const { kafka, query } = this.#plan;
    if (query === undefined) return;
    this.#fetch = kafka.fetch(query, this);
    this.#patience.wait();
  }
  close(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#patience.heard();
    this.#fetch.cancel(status);
  }
  resume(): void {
    if (!this.#over) this.#fetch.ready();
  }

  headers(): void {
    this.#patience.heard();
  }
  write(batch: Batch<StoredRecord>): boolean {
    if (this.#over) return true;
    try {
      return this.#deliver(batch);
    } catch (reason) {
      this.#fail(this.#plan.failures.ofBug(reason)); // The reader is shared: its other readers go on.
      return true;
    }
  }
  end(status: Status): void {
    if (this.#over) return;
    this.#over = true;
    this.#patience.heard();
    const { failures, query, deadlineMs } = this.#plan;
    this.#reply.end(failures.ofKafka(status, { topic: query?.topic ?? "", deadlineMs }));
  }
  ready(): void {} // A fetch takes no requests.

  #deliver(batch: Batch<StoredRecord>): boolean {
    const { messages, counters } = this.#plan;
    if (!this.#headed) {
      this.#headed = true;
      const dropped = (): void => {
        counters.dropped.value += 1;
      };
      this.#reply.headers(headersMetadata(batch[0]!, { dropped }));
    }
    let go = true;
    let run: Message[] = [];
    let bytes = 0;
    for (const record of batch) {
      const message = messages.of(record);
      if (run.length > 0 && bytes + message.length > BATCH_BYTES_MAX) {
        go = this.#reply.write(run) && go;
        if (this.#over) return true;
        run = [];
        bytes = 0;
      }
      run.push(message);
      bytes += message.length;
    }
    return this.#reply.write(run) && go;
  }

  #fail(status: Status): void {
    if (this.#over) return;
    this.close(status);
    this.#reply.end(status);
  }
}
