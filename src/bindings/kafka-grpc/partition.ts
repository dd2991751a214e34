// A partition that this member of the group has been given, for as long as it has it.
import { type Member, Members } from "../../core/members.ts";
import type { AssignedPartition, TopicPartition } from "../../ports/kafka.ts";
import { Remembered } from "./remembered.ts";

/** A call that began here, as its partition sees it. */
export interface PartitionCall extends Member {
  /** The reader stops for a while, or for good: read what is still to come of your request some other way. */
  follow(): void;
  /** Ends the call at its server without an answer: whoever gets the partition next begins it again. */
  abandon(): void;
}

export interface PartitionOptions {
  /** Told when there is something to commit. */
  readonly changed: (partition: Partition) => void;
  readonly rememberedMax: number;
}

export class Partition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** The end when it was assigned: calls that begin below it may have been begun by another member. */
  readonly end: number;
  /** The offset after the last record that the group's reader has passed. */
  next: number;
  /** It was asked back: nothing new is begun. */
  revoked = false;
  /** What is done there hardly fits a commit any more, for want of a call that began early: nothing is begun until one has ended. */
  crowded = false;
  readonly calls = new Members<PartitionCall>();
  /** Of this tenure only: if the partition goes and comes back, what is delivered again was not done, whoever remembers it. */
  readonly ended: Remembered;
  /** The last record here that cancelled a call which is not known: the tombstone of that call, if it has one to come, is the next record. */
  cancelled: { readonly key: string; readonly offset: number } | undefined;
  readonly #changed: (partition: Partition) => void;
  #done: number[] = [];
  #gone = false;

  constructor({ topic, partition, offset, end }: AssignedPartition, { changed, rememberedMax }: PartitionOptions) {
    this.topic = topic;
    this.partition = partition;
    this.end = end;
    this.next = offset;
    this.ended = new Remembered(rememberedMax);
    this.#changed = changed;
  }

  /** Nothing is written and nothing committed for it any more. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Whether a call may begin. One always may, or nothing would ever end. */
  get open(): boolean {
    return !this.crowded || this.calls.size === 0;
  }

  /** Need not be delivered again. All that is given in one call is committed in one. */
  done(offsets: readonly number[]): void {
    if (this.#gone || offsets.length === 0) return;
    if (this.#done.length === 0) this.#changed(this);
    for (const offset of offsets) this.#done.push(offset);
  }

  /** The one offset. */
  doneOne(offset: number): void {
    if (this.#gone) return;
    if (this.#done.length === 0) this.#changed(this);
    this.#done.push(offset);
  }

  /** What became done since the last time. */
  takeDone(): readonly number[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** It belongs to someone else now: calls that still run are ended. */
  lose(): void {
    this.#gone = true;
    this.#done = [];
    for (const call of this.calls.all()) call.abandon();
  }
}
