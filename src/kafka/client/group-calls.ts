// The requests of a group's member, as plain values. Errors are Kafka's codes.
import type { TopicPartition } from "../../ports/kafka.ts";
import { offsetCommit } from "../wire/api/08-offset-commit.ts";
import { offsetFetch } from "../wire/api/09-offset-fetch.ts";
import { consumerGroupHeartbeat } from "../wire/api/68-consumer-group-heartbeat.ts";
import { UUID_ZERO } from "../wire/type.ts";
import { askApi } from "./calls.ts";
import { PROTOCOL_NAME, PROTOCOL_TYPE } from "./consumer-protocol.ts";
import { loadLibrary } from "./library.ts";
import type { Link } from "./link.ts";

/** How members of a group come to their partitions: one of them shares out (`classic`), or the coordinator does (`consumer`, KIP-848). */
export type GroupProtocol = "classic" | "consumer";

/** Who speaks. Of the classic protocol: `generation` -1 and `id` "" before the first join. Of the consumer protocol: `generation` is the
 *  member's epoch, 0 before the first join. */
export interface MemberIdentity {
  readonly protocol: GroupProtocol;
  readonly group: string;
  readonly id: string;
  readonly generation: number;
  /** Of a static member. */
  readonly instance: string | null;
}

export interface JoinAsked {
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly subscription: Uint8Array;
}
export interface Joined {
  readonly error: number;
  readonly id: string;
  readonly generation: number;
  readonly leads: boolean;
  /** Of a leader whose members keep what they have. */
  readonly skipsAssignment: boolean;
  readonly members: readonly { readonly id: string; readonly subscription: Uint8Array }[];
}

/** Partitions of a topic by its id. */
export interface TopicShare {
  readonly topicId: string;
  readonly partitions: readonly number[];
}
/** A heartbeat of the consumer protocol. What is absent is as it was said before. */
export interface BeatSaid {
  readonly rebalanceTimeoutMs?: number;
  readonly topics?: readonly string[];
  readonly owned?: readonly TopicShare[];
}
export interface Beaten {
  readonly error: number;
  /** The coordinator's own words about it; may be empty. */
  readonly message: string;
  readonly id: string;
  readonly epoch: number;
  /** When the next one is due. */
  readonly intervalMs: number;
  /** All it shall have; undefined: as it was told before. */
  readonly assignment: readonly TopicShare[] | undefined;
}

export interface CommitOf extends TopicPartition {
  readonly offset: number;
  readonly metadata: string;
}
export interface Committed extends TopicPartition {
  readonly error: number;
  /** -1: nothing was committed. */
  readonly offset: number;
  readonly metadata: string | null;
}

export interface GroupCalls {
  /** Which broker coordinates the group; any broker knows. */
  coordinator(link: Link, group: string): Promise<{ readonly error: number; readonly broker: number }>;
  join(link: Link, member: MemberIdentity, asked: JoinAsked): Promise<Joined>;
  /** `assignments`: of the leader, by member id. */
  sync(
    link: Link,
    member: MemberIdentity,
    assignments: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly error: number; readonly assignment: Uint8Array }>;
  heartbeat(link: Link, member: MemberIdentity): Promise<number>;
  leave(link: Link, member: MemberIdentity): Promise<void>;
  /** Of the consumer protocol: joins, lives, lets go and leaves. Rejects with UnsupportedVersion where the broker does not speak it. */
  beat(link: Link, member: MemberIdentity, said: BeatSaid): Promise<Beaten>;
  commit(
    link: Link,
    member: MemberIdentity,
    offsets: readonly CommitOf[],
  ): Promise<readonly (TopicPartition & { readonly error: number })[]>;
  committed(
    link: Link,
    member: MemberIdentity,
    partitions: readonly TopicPartition[],
  ): Promise<{ readonly error: number; readonly offsets: readonly Committed[] }>;
  /** The protocol that the group's members speak; "" when it is not known. */
  protocolOf(link: Link, group: string): Promise<string>;
}

const byTopic = <T extends TopicPartition>(items: readonly T[]): readonly { readonly name: string; readonly of: readonly T[] }[] => {
  const topics = new Map<string, T[]>();
  for (const item of items) {
    const of = topics.get(item.topic) ?? [];
    of.push(item);
    topics.set(item.topic, of);
  }
  return [...topics].map(([name, of]) => ({ name, of }));
};

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const GROUP_KEY = 0;

const coordinator: GroupCalls["coordinator"] = async (link, group) => {
  const { findCoordinatorV4 } = await loadLibrary();
  const answer = await link.call([findCoordinatorV4.api], GROUP_KEY, [group]);
  const found = answer.coordinators[0];
  return { error: found?.errorCode ?? -1, broker: found?.nodeId ?? -1 };
};

const join: GroupCalls["join"] = async (link, { group, id, instance }, { sessionTimeoutMs, rebalanceTimeoutMs, subscription }) => {
  const { joinGroupV9, joinGroupV7 } = await loadLibrary();
  const protocols = [{ name: PROTOCOL_NAME, metadata: asBuffer(subscription) }];
  const apis = [joinGroupV9.api, joinGroupV7.api];
  const answer = await link.call(apis, group, sessionTimeoutMs, rebalanceTimeoutMs, id, instance, PROTOCOL_TYPE, protocols, null);
  return {
    error: answer.errorCode,
    id: answer.memberId,
    generation: answer.generationId,
    leads: answer.leader !== "" && answer.leader === answer.memberId,
    skipsAssignment: answer.skipAssignment,
    members: answer.members.map(({ memberId, metadata }) => ({ id: memberId, subscription: metadata })),
  };
};

const sync: GroupCalls["sync"] = async (link, { group, id, generation, instance }, assignments) => {
  const { syncGroupV5 } = await loadLibrary();
  const given = [...assignments].map(([memberId, assignment]) => ({ memberId, assignment: asBuffer(assignment) }));
  const answer = await link.call([syncGroupV5.api], group, generation, id, instance, PROTOCOL_TYPE, PROTOCOL_NAME, given);
  return { error: answer.errorCode, assignment: answer.assignment };
};

const heartbeat: GroupCalls["heartbeat"] = async (link, { group, id, generation, instance }) => {
  const { heartbeatV4 } = await loadLibrary();
  return (await link.call([heartbeatV4.api], group, generation, id, instance)).errorCode;
};

const leave: GroupCalls["leave"] = async (link, { group, id, instance }) => {
  const { leaveGroupV5, leaveGroupV4 } = await loadLibrary();
  const members = [{ memberId: id, groupInstanceId: instance, reason: "the binding stops" }];
  await link.call([leaveGroupV5.api, leaveGroupV4.api], group, members);
};

const NO_EPOCH = -1;

/** The versions that know of generations, and those that know of member epochs. */
const COMMIT = {
  classic: { ...offsetCommit, versions: { min: 8, max: 8 } },
  consumer: { ...offsetCommit, versions: { min: 9, max: 9 } },
} as const;
const COMMITTED = {
  classic: { ...offsetFetch, versions: { min: 8, max: 8 } },
  consumer: { ...offsetFetch, versions: { min: 9, max: 9 } },
} as const;

const commit: GroupCalls["commit"] = async (link, { protocol, group, id, generation, instance }, offsets) => {
  const topics = byTopic(offsets).map(({ name, of }) => ({
    name,
    topicId: UUID_ZERO,
    partitions: of.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: NO_EPOCH,
      committedMetadata: metadata,
    })),
  }));
  const who = { groupId: group, generationIdOrMemberEpoch: generation, memberId: id, groupInstanceId: instance };
  const answer = await askApi(link, COMMIT[protocol], { ...offsetCommit.request.empty, ...who, topics });
  return answer.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, errorCode }) => ({ topic: name, partition: partitionIndex, error: errorCode })),
  );
};

const committed: GroupCalls["committed"] = async (link, { protocol, group, id, generation }, partitions) => {
  const topics = byTopic(partitions).map(({ name, of }) => ({
    name,
    topicId: UUID_ZERO,
    partitionIndexes: of.map(({ partition }) => partition),
  }));
  const asked = { groupId: group, memberId: id, memberEpoch: generation, topics };
  const answer = await askApi(link, COMMITTED[protocol], { ...offsetFetch.request.empty, groups: [asked], requireStable: true });
  const found = answer.groups[0];
  return {
    error: found?.errorCode ?? -1,
    offsets: (found?.topics ?? []).flatMap(({ name, partitions: of }) =>
      of.map(({ partitionIndex, committedOffset, metadata, errorCode }) => ({
        topic: name,
        partition: partitionIndex,
        error: errorCode,
        offset: committedOffset,
        metadata,
      })),
    ),
  };
};

/** Version 0, of brokers that have the protocol for a preview only, is not spoken: there the coordinator makes the ids. */
const BEAT = { ...consumerGroupHeartbeat, versions: { min: 1, max: 1 } };

const beat: GroupCalls["beat"] = async (link, { group, id, generation, instance }, { rebalanceTimeoutMs, topics, owned }) => {
  const answer = await askApi(link, BEAT, {
    groupId: group,
    memberId: id,
    memberEpoch: generation,
    instanceId: instance,
    rackId: null,
    rebalanceTimeoutMs: rebalanceTimeoutMs ?? -1,
    subscribedTopicNames: topics ?? null,
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: owned ?? null,
  });
  return {
    error: answer.errorCode,
    message: answer.errorMessage ?? "",
    id: answer.memberId ?? "",
    epoch: answer.memberEpoch,
    intervalMs: answer.heartbeatIntervalMs,
    assignment: answer.assignment?.topicPartitions,
  };
};

const protocolOf: GroupCalls["protocolOf"] = async (link, group) => {
  const { describeGroupsV5 } = await loadLibrary();
  const answer = await link.call([describeGroupsV5.api], [group], false);
  return answer.groups[0]?.protocolData ?? "";
};

export const libraryCalls: GroupCalls = { coordinator, join, sync, heartbeat, leave, beat, commit, committed, protocolOf };
