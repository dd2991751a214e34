// What consumers tell each other through the coordinator of a classic group: what a member wants to read, and what the leader gives it.
import { array, int32, nullableBytes, nullableString, since, string, struct, type ValueOf } from "../type.ts";
import type { Versioned } from "./versioned.ts";

const topicPartition = struct("TopicPartition", { topic: string, partitions: array(int32) });

const subscription = struct("ConsumerProtocolSubscription", {
  topics: array(string),
  userData: nullableBytes,
  ownedPartitions: since(1, array(topicPartition)),
  generationId: since(2, int32, -1),
  rackId: since(3, nullableString),
});

const assignment = struct("ConsumerProtocolAssignment", {
  assignedPartitions: array(topicPartition),
  userData: nullableBytes,
});

export type ConsumerSubscription = ValueOf<typeof subscription>;
export type ConsumerAssignment = ValueOf<typeof assignment>;

export const consumerSubscription: Versioned<ConsumerSubscription> = {
  name: subscription.name,
  versions: { min: 0, max: 3 },
  type: subscription,
};
export const consumerAssignment: Versioned<ConsumerAssignment> = { name: assignment.name, versions: { min: 0, max: 3 }, type: assignment };
