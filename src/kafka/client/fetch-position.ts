// Where reading stands in one partition, and what is known of its leader.
import type { TopicView } from "./calls.ts";

export class FetchPosition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** Of the next record wanted. */
  offset: number;
  /** Leader epoch of the last batch read; -1 before the first. */
  lastEpoch = -1;
  leader = -1;
  leaderEpoch = -1;
  failures = 0;
  notBeforeMs = 0;
  /** The leader has changed unseen: ask whether what was read still stands. */
  doubtful = false;
  /** Its reader wants no more of it for now. */
  paused = false;
  /** Asked for so much at once; grows when a batch is larger. */
  bytesMax: number;
  /** Since when records beyond a stable offset have been waiting for a transaction's end. */
  heldSinceMs: number | undefined;
  heldTold = false;
  removed = false;

  constructor({ name, id }: Pick<TopicView, "name" | "id">, partition: number, at: { readonly offset: number; readonly bytesMax: number }) {
    this.topic = name;
    this.topicId = id;
    this.partition = partition;
    this.offset = at.offset;
    this.bytesMax = at.bytesMax;
  }

  get subject(): string {
    return `topic '${this.topic}' partition ${this.partition}`;
  }
}
