// What classic consumers say to each other through the coordinator (the consumer protocol embedded in JoinGroup and SyncGroup), in the terms
// of a consumer group: partitions by the ids of their topics.
import { EMPTY } from "../../core/bytes.ts";
import { type ConsumerSubscription, consumerAssignment, consumerSubscription } from "../../kafka/wire/api/consumer-protocol.ts";
import { decodeVersioned, encodeVersioned, type Versioned } from "../../kafka/wire/api/versioned.ts";
import { WireError } from "../../kafka/wire/reader.ts";
import type { Assignment } from "./assignors.ts";
import { NOTHING } from "./consumer-member.ts";
import type { KnownTopic } from "./subscriptions.ts";

const VERSION_BYTES = 2;

const decoded = <T>(what: Versioned<T>, bytes: Uint8Array): T | undefined => {
  try {
    return decodeVersioned(what, bytes);
  } catch (reason) {
    if (reason instanceof WireError) return undefined;
    throw reason;
  }
};

/** Undefined: it cannot be read. */
export const subscriptionOf = (metadata: Uint8Array): ConsumerSubscription | undefined => decoded(consumerSubscription, metadata);

type Named = ConsumerSubscription["ownedPartitions"];

/** Topics that there are not (any more) are left out. */
export const byId = (named: Named, known: readonly KnownTopic[]): Assignment =>
  new Map(
    named.flatMap(({ topic, partitions }) => {
      const id = known.find(({ name }) => name === topic)?.id;
      return id === undefined || partitions.length === 0 ? [] : [[id, new Set(partitions)] as const];
    }),
  );

/** Nothing where it is empty; undefined: it cannot be read. */
export const assignmentOf = (bytes: Uint8Array, known: readonly KnownTopic[]): Assignment | undefined => {
  if (bytes.length === 0) return NOTHING;
  const assignment = decoded(consumerAssignment, bytes);
  return assignment && byId(assignment.assignedPartitions, known);
};

/** In the version in which the member has told its subscription. */
export const encodedAssignment = (assignment: Assignment, metadata: Uint8Array | undefined, known: readonly KnownTopic[]): Uint8Array => {
  const version = metadata && metadata.length >= VERSION_BYTES ? Buffer.from(metadata).readInt16BE() : 0;
  const assignedPartitions = known
    .filter(({ id }) => (assignment.get(id)?.size ?? 0) > 0)
    .map(({ id, name }) => ({ topic: name, partitions: [...(assignment.get(id) ?? [])].sort((one, other) => one - other) }));
  const within = Math.min(Math.max(version, consumerAssignment.versions.min), consumerAssignment.versions.max);
  return encodeVersioned(consumerAssignment, { assignedPartitions, userData: EMPTY }, within);
};
