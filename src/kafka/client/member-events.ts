// The events of a member on their way to its caller, in order, as fast as the caller takes them. Assignments and revocations are few and
// do not wait for a slow caller; records do. Those of a paused partition wait for it alone: no more than one answer's worth, since no more
// is asked for.
import type { ConsumeEvent, ConsumeStart } from "../../ports/kafka.ts";
import type { Reply } from "../../ports/service.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { OwnedPartition } from "./owned-partition.ts";
import { sliceEnd, TURN_BYTES_MAX } from "./slices.ts";

interface Run {
  readonly partition: OwnedPartition;
  readonly records: readonly BatchRecord[];
  given: number;
}

/** Where records come from. */
export interface EventSource {
  pause(): void;
  resume(): void;
}

export class MemberEvents {
  readonly #reply: Reply<ConsumeEvent, ConsumeStart>;
  readonly #source: EventSource;
  #runs: Run[] = [];
  #stopped = false;
  #pumping = false;
  #closed = false;

  constructor(reply: Reply<ConsumeEvent, ConsumeStart>, source: EventSource) {
    this.#reply = reply;
    this.#source = source;
  }

  control(event: ConsumeEvent): void {
    if (this.#closed) return;
    const stopped = this.#stopped;
    this.#stopped = true; // Before the call, so that a ready() from inside it is not lost.
    if (this.#reply.write([event])) this.#stopped = stopped && this.#stopped;
    if (!this.#stopped) this.flowChanged(); // It may have been while the event was taken.
  }

  records(partition: OwnedPartition, records: readonly BatchRecord[]): void {
    this.#runs.push({ partition, records, given: 0 });
    if (this.#stopped) this.#source.pause();
    else if (!this.#pumping) this.#pump();
  }

  /** What waits of that partition is not given any more. */
  drop(partition: OwnedPartition): void {
    this.#runs = this.#runs.filter((run) => run.partition !== partition);
    this.#settle();
  }

  ready(): void {
    this.#stopped = false;
    if (!this.#pumping) this.#pump();
  }

  /** A partition was paused, or is so no longer. */
  flowChanged(): void {
    if (!this.#pumping) this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#runs = [];
  }

  #pump(): void {
    this.#pumping = true;
    let bytes = 0;
    for (let run = this.#next(); run !== undefined && bytes < TURN_BYTES_MAX; run = this.#next()) bytes += this.#give(run);
    this.#pumping = false;
    this.#settle();
    if (this.#next() === undefined) return;
    setImmediate(() => {
      if (!this.#pumping && !this.#stopped && !this.#closed) this.#pump();
    });
  }

  /** What the caller takes now. */
  #next(): Run | undefined {
    return this.#stopped || this.#closed ? undefined : this.#runs.find(({ partition }) => !partition.paused);
  }

  /** Reads on when all is given and the caller wants more. */
  #settle(): void {
    if (this.#closed || this.#pumping) return;
    if (this.#next() === undefined && !this.#stopped) this.#source.resume();
    else this.#source.pause();
  }

  #give(run: Run): number {
    const { partition, records, given } = run;
    const { end, bytes } = sliceEnd(records, given);
    run.given = end;
    if (end === records.length) this.#runs.splice(this.#runs.indexOf(run), 1);
    const batch = given === 0 && end === records.length ? records : records.slice(given, end);
    this.#stopped = true;
    if (this.#reply.write([{ kind: "records", topic: partition.topic, partition: partition.partition, records: batch }]))
      this.#stopped = false;
    return bytes;
  }
}
