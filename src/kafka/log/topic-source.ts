// Where a log's records come from: whoever talks to brokers follows a topic for it, for as long as it is wanted, and reads older ranges.
// A Kafka that can be cached carries one for each isolation.
import type { Status } from "../../core/status.ts";
import type { Isolation, Kafka, Position } from "../../ports/kafka.ts";
import type { BatchRecord } from "../wire/stored-record.ts";
import type { PartitionStart } from "./log-view.ts";
import type { RangeSource } from "./range-source.ts";

/** Who follows a topic. Everything is called from later turns, and nothing after `failed` or `close`. */
export interface TopicFollower {
  /** The partitions that there are, each with where it begins: once first, and again for partitions that are added. */
  opened(starts: ReadonlyMap<number, PartitionStart>): void;
  /** Records of a partition in order, perhaps none; everything before `next` was seen. */
  fetched(partition: number, records: readonly BatchRecord[], next: number): void;
  /** What should have come next is not there any more, or what came before no longer stands; reading goes on from `start`. */
  restarted(partition: number, start: PartitionStart, status: Status): void;
  /** It is over: the topic does not exist (FAILED_PRECONDITION), or may not be read. */
  failed(status: Status): void;
}

export interface TopicSource extends RangeSource {
  /** Follows all partitions of a topic. While Kafka does not answer it waits. */
  follow(topic: string, from: "earliest" | "latest", follower: TopicFollower): { close(): void };
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
