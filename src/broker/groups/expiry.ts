// Which offsets of a group are in use, and which have been kept for long enough.
import type { ClassicGroup } from "./classic-group.ts";
import type { Verdict } from "./classic-terms.ts";
import type { ConsumerGroup } from "./consumer-group.ts";
import { CONSUMER_TYPE } from "./member.ts";
import type { Placed } from "./offsets.ts";
import { offsetKey } from "./records.ts";

/** Of a consumer group whose subscriptions cannot be read, any topic may be one. */
export const isSubscribed = (group: AnyGroup, topic: string): boolean => {
  if (group.type === "consumer") return group.subscribes(topic);
  const { roster, protocol } = group;
  return roster.topics(protocol)?.has(topic) ?? roster.protocolType === CONSUMER_TYPE;
};

/** Of either protocol. */
export type AnyGroup = ClassicGroup | ConsumerGroup;

/** Members other than consumers have no topics that could be told apart. */
export const offsetDeleteFault = (group: AnyGroup | undefined): Verdict => {
  if (group?.type === "consumer") return "NONE";
  if (!group || group.state === "Dead") return "GROUP_ID_NOT_FOUND";
  return group.isEmpty || group.roster.protocolType === CONSUMER_TYPE ? "NONE" : "NON_EMPTY_GROUP";
};

export interface Retention {
  readonly nowMs: number;
  readonly retentionMs: number;
}

export const expiredKeys = (group: AnyGroup, offsets: readonly Placed[], retention: Retention): readonly string[] => {
  const since = countedFrom(group);
  if (!since) return [];
  const { nowMs, retentionMs } = retention;
  return offsets
    .filter(({ place, record }) => {
      if (isSubscribed(group, place.topic)) return false;
      return record.expiresMs >= 0 ? nowMs >= record.expiresMs : nowMs - since(record) >= retentionMs;
    })
    .map(({ place }) => offsetKey(place));
};

/** From when on an offset ages: since the group is empty, or since it was committed. Undefined: it does not. */
const countedFrom = (group: AnyGroup): ((record: Placed["record"]) => number) | undefined => {
  const byCommit = (record: Placed["record"]): number => record.committedMs;
  if (group.type === "consumer") return byCommit;
  const { protocolType } = group.roster;
  if (protocolType === undefined) return byCommit;
  if (group.isEmpty) return () => group.sinceMs;
  const isKnown = protocolType === CONSUMER_TYPE && group.roster.topics(group.protocol) !== undefined;
  return isKnown && group.state === "Stable" ? byCommit : undefined;
};
