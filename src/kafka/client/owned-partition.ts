// A partition that a member has, from the moment it is assigned until it is let go.
import type { TopicPartition } from "../../ports/kafka.ts";
import { PartitionOffsets } from "./partition-offsets.ts";

/** Crowded above this share of the room for done offsets in a commit: what runs still needs some, and what is done until the next commit. */
export const CROWDED_SHARE = 1 / 2;
/** And open again below this one, so that it does not go back and forth. */
export const OPEN_SHARE = 1 / 4;

export const partitionName = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;

export class OwnedPartition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** `new`: the caller does not know of it yet; `leaving`: it was told to let go; `gone`: it is not ours any more. */
  state: "new" | "reading" | "leaving" | "gone" = "new";
  /** The caller was told to begin nothing more there. */
  crowded = false;
  /** The caller wants no more records of it for now. */
  paused = false;
  offsets = new PartitionOffsets(0, []);
  /** Resolves when the caller has let go. */
  readonly released: Promise<void>;
  #release: () => void = () => {};

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
    this.released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  begin(offsets: PartitionOffsets): void {
    this.offsets = offsets;
    this.state = "reading";
  }

  /** How much of the room for done offsets it takes. Says whether it became crowded, or open again. */
  measured(share: number): boolean {
    const crowded = this.crowded ? share >= OPEN_SHARE : share > CROWDED_SHARE;
    if (crowded === this.crowded) return false;
    this.crowded = crowded;
    return true;
  }

  release(): void {
    this.#release();
  }
}
