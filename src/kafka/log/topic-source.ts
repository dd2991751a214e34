// Where a log's records come from: whoever talks to brokers follows a topic for it, for as long as it is wanted, and reads older ranges.
// A Kafka that can be cached carries one for each isolation.
import type { Status } from "../../core/status.ts";
import type { Isolation, Kafka, Position } from "../../ports/kafka.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { PartitionStart } from "./log-view.ts";
import type { RangeSource } from "./range-source.ts";

/** Where a partition begins to be followed. A time: at the first record that is not older, or at the end where all are. */
export type FollowFrom = "earliest" | "latest" | { readonly timestampMs: number };

/** Who follows a topic. Everything is called from later turns, and nothing after `failed` or `close`. */
export interface TopicFollower {
  /**
   * Asked when it is known how many partitions there are (`before` is 0 then), and when there are more than before: which of them are followed
   * from now on. Absent: all that are new.
   */
  choose?(count: number, before: number): readonly number[];
  /** Partitions that are followed from now on, each with where it begins: once first, perhaps none, and again for others. */
  opened(starts: ReadonlyMap<number, PartitionStart>): void;
  /** Records of a partition in order, perhaps none; everything before `next` was seen. */
  fetched(partition: number, records: readonly BatchRecord[], next: number): void;
  /** What should have come next is not there any more, or what came before no longer stands; reading goes on from `start`. */
  restarted(partition: number, start: PartitionStart, status: Status): void;
  /** It is over: the topic does not exist (FAILED_PRECONDITION), or may not be read. */
  failed(status: Status): void;
}

/** A topic that is followed. */
export interface Followed {
  /** Follows these partitions too, which there are; those that are followed already are passed over. `opened` tells when. */
  add(partitions: readonly number[], from: FollowFrom): void;
  close(): void;
}

export interface TopicSource extends RangeSource {
  /** Follows the partitions of a topic. While Kafka does not answer it waits. */
  follow(topic: string, from: "earliest" | "latest", follower: TopicFollower): Followed;
  /** The offset of the first record at or after a time, in each partition; its end where no record is that late. */
  positionAt(topic: string, timestampMs: number): Promise<Position>;
  /** The end of each partition, as it is now. */
  ends(topic: string): Promise<Position>;
}

/** What `Kafka.source` holds where it is there. */
export class KafkaSource {
  readonly of: (isolation: Isolation) => TopicSource;

  constructor(of: (isolation: Isolation) => TopicSource) {
    this.of = of;
  }
}

/** The source of a Kafka that can be cached. */
export const sourceOf = ({ source }: Kafka): KafkaSource | undefined => (source instanceof KafkaSource ? source : undefined);
