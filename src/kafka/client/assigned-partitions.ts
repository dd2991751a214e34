// Where a member begins in the partitions it was assigned: what the group has committed there, and where they end at this moment.
import { ErrorCode, kafkaError, kafkaStatus } from "../wire/errors.ts";
import { backoffMs } from "./backoff.ts";
import type { TopicView } from "./calls.ts";
import { decodeDone } from "./commit-metadata.ts";
import type { ClientContext } from "./context.ts";
import { type Coordinator, GroupRefused } from "./coordinator.ts";
import { resolveOffsets } from "./fetch-start.ts";
import type { Committed, GroupCalls } from "./group-calls.ts";
import { isStale } from "./group-errors.ts";
import type { Life } from "./life.ts";
import type { Membership } from "./membership.ts";
import { type OwnedPartition, partitionName } from "./owned-partition.ts";
import { PartitionOffsets } from "./partition-offsets.ts";

export interface Begun {
  readonly partition: OwnedPartition;
  readonly topic: TopicView;
  /** The first offset that is not done. */
  readonly offset: number;
  readonly end: number;
  readonly offsets: PartitionOffsets;
}

export interface AssignedOptions {
  readonly membership: Pick<Membership, "identity" | "check">;
  readonly coordinator: Pick<Coordinator, "link" | "moved">;
  readonly calls: Pick<GroupCalls, "committed">;
  readonly partitions: readonly OwnedPartition[];
}

/** Settles when the coordinator and the leaders have answered, however long that takes. */
export const assignedPartitions = async (context: ClientContext, life: Life, options: AssignedOptions): Promise<readonly Begun[]> => {
  const committed = await askCommitted(context, life, options);
  const topics = new Set(options.partitions.map(({ topic }) => topic));
  const begun = await Promise.all([...topics].map((topic) => beginTopic(context, life, { topic, committed, options })));
  return begun.flat();
};

interface TopicBeginning {
  readonly topic: string;
  readonly committed: ReadonlyMap<string, Committed>;
  readonly options: AssignedOptions;
}

const beginTopic = async (context: ClientContext, life: Life, { topic, committed, options }: TopicBeginning): Promise<readonly Begun[]> => {
  const partitions = options.partitions.filter((partition) => partition.topic === topic);
  const all = (asked: "earliest" | "latest"): Promise<ReadonlyMap<number, number>> =>
    resolveOffsets(context, life, {
      topic,
      isolation: "read_uncommitted",
      asked: new Map(partitions.map(({ partition }) => [partition, { offset: asked === "earliest" ? -2 : -1 }])),
    });
  const view = await life.until(context.metadata.resolve(topic));
  const [begins, ends] = [await all("earliest"), await all("latest")];
  return partitions.map((partition) => {
    const bounds = { begin: begins.get(partition.partition) ?? 0, end: ends.get(partition.partition) ?? 0 };
    return { partition, topic: view, end: bounds.end, ...startOf(context, committed.get(partitionName(partition)), bounds) };
  });
};

/** A committed offset that Kafka no longer has, or that is beyond the end since the topic was made anew, is the earliest there is. */
const startOf = (
  { report }: ClientContext,
  committed: Committed | undefined,
  { begin, end }: { readonly begin: number; readonly end: number },
): Pick<Begun, "offset" | "offsets"> => {
  const offset = committed?.offset ?? -1;
  if (committed !== undefined && offset >= begin && offset <= end)
    return { offset, offsets: new PartitionOffsets(offset, decodeDone(offset, committed.metadata)) };
  if (committed !== undefined && offset >= 0) {
    const subject = `topic '${committed.topic}' partition ${committed.partition}`;
    report.warn(`${subject}: the committed offset ${offset} is not there any more; reading begins at ${begin}`);
  }
  return { offset: begin, offsets: new PartitionOffsets(begin, []) };
};

/** Of those that are still to be begun; none when they are gone meanwhile. */
const askCommitted = async (context: ClientContext, life: Life, options: AssignedOptions): Promise<ReadonlyMap<string, Committed>> => {
  const { membership, coordinator, calls } = options;
  const { group } = membership.identity;
  for (let failures = 1; ; failures++) {
    const partitions = options.partitions.filter(({ state }) => state === "new");
    if (partitions.length === 0) return new Map();
    try {
      const link = await life.until(coordinator.link());
      const { error, offsets } = await life.until(calls.committed(link, membership.identity, partitions));
      const code = error !== 0 ? error : (offsets.find((one) => one.error !== 0)?.error ?? 0);
      if (code === 0) return new Map(offsets.map((one) => [partitionName(one), one]));
      if (isStale(code)) membership.check();
      else if (!kafkaError(code).retriable) throw new GroupRefused(kafkaStatus(code, `the offsets of group '${group}'`));
      else if (code !== ErrorCode.UNSTABLE_OFFSET_COMMIT) coordinator.moved();
    } catch (reason) {
      if (life.over || reason instanceof GroupRefused) throw reason;
      context.report.log.debug("the committed offsets cannot be had at present", { group, reason: String(reason) });
    }
    await life.wait(backoffMs(failures));
  }
};
