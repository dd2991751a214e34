// The calls of one topic by their correlation ids: what every record means to them. The records of a call share a key and so a partition,
// and arrive in their order; those of different calls arrive mixed, and each finds its own.
import { Registry } from "../../core/members.ts";
import { fail, type Status } from "../../core/status.ts";
import { deadlineOf, hasNoMessages } from "../../exchange/extensions.ts";
import type { StoredRecord } from "../../ports/kafka.ts";
import { type CallKeeper, type Outcome, RemoteCall } from "./call.ts";
import { headOf, isHead } from "./head.ts";
import type { Partition } from "./partition.ts";
import type { Places } from "./places.ts";
import type { RecordReader, RequestRecord } from "./records.ts";
import type { Fed } from "./requests.ts";
import type { Shared } from "./shared.ts";

/** A value or a tombstone of a call. */
type CallRecord = Extract<RequestRecord, { readonly key: string; readonly id: Uint8Array }>;

/** One record on its way through. */
interface Arrival {
  readonly record: StoredRecord;
  readonly partition: Partition;
  readonly request: CallRecord;
  readonly deadlineMs: number | undefined;
}

export interface TopicCallsOptions {
  readonly shared: Shared;
  readonly reader: RecordReader;
  readonly places: Places;
  /** A text that no other run of a call has. */
  readonly attempt: () => string;
}

const NEVER_BEGUN: Status = fail("INTERNAL", "the request ended, but none of its messages is known").status;
const SPREAD: Status = fail("INTERNAL", "the records of the request are spread over partitions: they need a common key").status;

export class TopicCalls implements CallKeeper {
  readonly #options: TopicCallsOptions;
  readonly #shared: Shared;
  readonly #calls = new Registry<string, RemoteCall>();
  /** Calls that were given messages since the last flush. */
  #touched = new Set<RemoteCall>();

  constructor(options: TopicCallsOptions) {
    this.#options = options;
    this.#shared = options.shared;
  }

  /** False: the record would begin a call and there is no place for it, or its partition is crowded. It was not taken. */
  take(record: StoredRecord, partition: Partition): boolean {
    try {
      return this.#taken(record, partition);
    } catch (reason) {
      const { binding, log, tally } = this.#shared;
      tally.unreadable.value += 1;
      log.error("a record could not be read", { binding, partition: record.partition, offset: record.offset }, reason);
      partition.doneOne(record.offset);
      return true;
    }
  }

  /** What arrived together is given on together. */
  flush(): void {
    const touched = this.#touched;
    this.#touched = new Set();
    for (const call of touched) call.flush();
  }

  /** The same, when the group's reader rests: the requests that are still open are read by their calls. */
  follow(): void {
    const touched = this.#touched;
    this.#touched = new Set();
    for (const call of touched) call.follow();
  }

  /** Ends the call that the record cancels, if it is one and the call is here; from a reader that is ahead of the group's. */
  cancelledAhead(record: StoredRecord): void {
    const request = this.#read(record);
    if (request?.kind === "cancel") this.#calls.get(request.key)?.cancelled();
  }

  // From the calls.
  fed(call: RemoteCall, record: StoredRecord): Fed {
    const request = this.#read(record);
    const { key, deadlineMs } = call.origin;
    if (request?.kind === "cancel") return request.key === key ? "cancel" : "other";
    if (request?.kind !== "value" && request?.kind !== "end") return "other";
    if (request.key !== key || deadlineOf(record) !== deadlineMs) return "other";
    call.hold(record.offset);
    return request.kind === "value" ? "message" : "end";
  }
  over(call: RemoteCall, outcome: Outcome): void {
    const { origin, successor } = call;
    const { key } = origin;
    if (!call.tombstonePassed && outcome !== "abandoned" && origin.partition.ended.add(origin, call.offsets.last))
      this.#shared.tally.forgotten.value += 1;
    if (this.#calls.get(key) === call) this.#calls.delete(key);
    if (successor !== undefined && outcome === "left") this.#calls.set(key, successor);
    if (successor !== undefined && outcome === "answered") successor.shareAnswer();
    this.#options.places.give();
    if (successor !== undefined && outcome === "left") successor.begin();
  }

  #taken(record: StoredRecord, partition: Partition): boolean {
    const { tally } = this.#shared;
    const request = this.#options.reader.read(record);
    switch (request.kind) {
      case "other":
        tally.skipped.value += 1;
        partition.doneOne(record.offset);
        return true;
      case "nameless":
        tally.nameless.value += 1;
        partition.doneOne(record.offset);
        return true;
      case "cancel":
        this.#cancel(request.key, record, partition);
        return true;
      default:
        return this.#dispatch({ record, partition, request, deadlineMs: deadlineOf(record) });
    }
  }

  #dispatch(arrival: Arrival): boolean {
    const { record, partition, request, deadlineMs } = arrival;
    const call = this.#calls.get(request.key);
    if (call === undefined) return this.#unknown(arrival);
    if (call.origin.partition !== partition) {
      partition.doneOne(record.offset);
      call.fail(SPREAD);
      return true;
    }
    const same = deadlineMs === call.origin.deadlineMs;
    if (same && !call.tombstonePassed) {
      this.#give(call, arrival);
      return true;
    }
    return this.#succeed(call, arrival);
  }

  #give(call: RemoteCall, { record, request }: Arrival): void {
    call.hold(record.offset);
    if (request.kind === "end") call.end(record.offset);
    else if (record.value !== null) {
      call.message(record.offset, record.value);
      this.#touched.add(call);
    }
  }

  /** Not of the call itself, but of another with the same id: a hedge, a retry with the same key, or what is left of an ended one. */
  #succeed(call: RemoteCall, arrival: Arrival): boolean {
    const { record, partition, request, deadlineMs } = arrival;
    const { successor } = call;
    if (successor !== undefined) {
      if (deadlineMs === successor.origin.deadlineMs && !successor.tombstonePassed) this.#give(successor, arrival);
      else call.hold(record.offset);
      return true;
    }
    if (this.#leftOver(arrival)) return true;
    if (request.kind === "end" || partition.revoked) {
      call.hold(record.offset);
      return true;
    }
    if (!this.#options.places.free || !partition.open) return false;
    const head = this.#head(record);
    if (isHead(head)) {
      call.successor = this.#make(arrival, head);
      this.#give(call.successor, arrival);
    } else call.hold(record.offset);
    return true;
  }

  #unknown(arrival: Arrival): boolean {
    const { record, partition, request } = arrival;
    if (this.#leftOver(arrival)) return true;
    if (request.kind === "end" && isTombstoneOf(partition.cancelled, arrival)) {
      partition.doneOne(record.offset);
      return true;
    }
    return this.#begin(arrival);
  }

  /** What still comes of an ended call begins nothing; with its tombstone it is forgotten. */
  #leftOver({ record, partition, request, deadlineMs }: Arrival): boolean {
    const call = { key: request.key, deadlineMs };
    const doneTo = partition.ended.get(call);
    if (doneTo === undefined) return false;
    if (record.offset > doneTo) this.#shared.tally.stray.value += 1;
    partition.doneOne(record.offset); // Again where it was: whoever commits may have forgotten what was done long before it was delivered.
    if (request.kind === "end") partition.ended.forget(call);
    return true;
  }

  #begin(arrival: Arrival): boolean {
    const { record, request, partition } = arrival;
    const { limits, tally } = this.#shared;
    const tooLong = request.id.length > limits.correlationIdBytesMax;
    if (tooLong && request.kind === "value") {
      // Its tombstone is answered, so that the id need not be remembered.
      tally.nameless.value += 1;
      partition.doneOne(record.offset);
      return true;
    }
    if (!this.#options.places.free || !partition.open) return false;
    const bodiless = request.kind === "end";
    const head = tooLong || (bodiless && !hasNoMessages(record)) ? NEVER_BEGUN : this.#head(record);
    const call = this.#make(arrival, isHead(head) ? head : undefined);
    this.#calls.set(request.key, call);
    if (isHead(head)) call.begin();
    else call.refuse(head);
    this.#give(call, arrival);
    return true;
  }

  #make({ record, partition, request, deadlineMs }: Arrival, head: Parameters<typeof newCall>[1]): RemoteCall {
    const { key, id, route } = request;
    const first = record.offset;
    // Below the end at assignment another member may have begun it.
    const attempt = first < partition.end ? this.#options.attempt() : undefined;
    this.#options.places.take();
    return newCall({ key, id, partition, first, route, deadlineMs, attempt }, head, { shared: this.#shared, keeper: this });
  }

  #head(record: StoredRecord): ReturnType<typeof headOf> {
    const { names, clock, tally } = this.#shared;
    const dropped = (): void => {
      tally.dropped.value += 1;
    };
    return headOf(record, { names, nowMs: clock.now(), dropped });
  }

  #cancel(key: string, record: StoredRecord, partition: Partition): void {
    partition.doneOne(record.offset);
    const call = this.#calls.get(key);
    if (call === undefined) partition.cancelled = { key, offset: record.offset };
    else call.cancelled();
  }

  /** For readers beside the group's: what cannot be read is the group reader's to count. */
  #read(record: StoredRecord): RequestRecord | undefined {
    try {
      return this.#options.reader.read(record);
    } catch {
      return undefined;
    }
  }
}

const newCall = (...parts: ConstructorParameters<typeof RemoteCall>): RemoteCall => new RemoteCall(...parts);

const isTombstoneOf = (cancelled: Partition["cancelled"], { record, request }: Arrival): boolean =>
  cancelled !== undefined && cancelled.key === request.key && cancelled.offset + 1 === record.offset;
