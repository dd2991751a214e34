// A partition that a member has, from the moment it is assigned until it is let go.
import type { TopicPartition } from "../../ports/kafka.ts";
import { PartitionOffsets } from "./partition-offsets.ts";

export const partitionName = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;

export class OwnedPartition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** `new`: the caller does not know of it yet; `leaving`: it was told to let go. */
  state: "new" | "reading" | "leaving" = "new";
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

  release(): void {
    this.#release();
  }
}
