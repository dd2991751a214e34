// How the coordinator shares out the partitions of a share group: each to at least one member, and to each member at least one of those it
// wants. Partitions are each one member's where there are enough of them; else members share them. What can stay stays.
import type { Assignment, PartitionCounts } from "../groups/assignors.ts";

export interface ShareSubscriber {
  readonly id: string;
  /** Ids of topics. */
  readonly topics: ReadonlySet<string>;
  /** What it had before. */
  readonly before: Assignment;
}

interface Bearer {
  readonly of: ShareSubscriber;
  readonly has: Map<string, Set<number>>;
  load: number;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly interested: readonly Bearer[];
  /** How many have it. */
  bearers: number;
}

const give = (bearer: Bearer, place: Place): void => {
  const partitions = bearer.has.get(place.topic) ?? new Set();
  bearer.has.set(place.topic, partitions.add(place.partition));
  bearer.load += 1;
  place.bearers += 1;
};

const least = <T>(all: readonly T[], weight: (one: T) => number): T | undefined =>
  all.reduce<T | undefined>((best, one) => (best === undefined || weight(one) < weight(best) ? one : best), undefined);

/** By member. */
export const assignSimply = (subscribers: readonly ShareSubscriber[], counts: PartitionCounts): Map<string, Assignment> => {
  const bearers: readonly Bearer[] = [...subscribers]
    .sort((some, other) => (some.id < other.id ? -1 : 1))
    .map((of) => ({ of, has: new Map(), load: 0 }));
  const places: readonly Place[] = [...counts].flatMap(([topic, count]) => {
    const interested = bearers.filter(({ of }) => of.topics.has(topic));
    return interested.length === 0 ? [] : Array.from({ length: count }, (_, partition) => ({ topic, partition, interested, bearers: 0 }));
  });
  keep(places, { bearers: bearers.length });
  for (const place of places) {
    const to = place.bearers === 0 ? least(place.interested, ({ load }) => load) : undefined;
    if (to) give(to, place);
  }
  for (const bearer of bearers) {
    const wanted = bearer.load === 0 ? places.filter(({ topic }) => bearer.of.topics.has(topic)) : [];
    const place = least(wanted, (one) => one.bearers);
    if (place) give(bearer, place);
  }
  return new Map(bearers.map(({ of, has }) => [of.id, has]));
};

/** Members keep what they had, up to an even share. */
const keep = (places: readonly Place[], all: { readonly bearers: number }): void => {
  const placesEach = Math.ceil(places.length / Math.max(1, all.bearers));
  const bearersEach = Math.ceil(all.bearers / Math.max(1, places.length));
  for (const place of places)
    for (const bearer of place.interested) {
      const had = bearer.of.before.get(place.topic)?.has(place.partition) ?? false;
      if (had && bearer.load < placesEach && place.bearers < bearersEach) give(bearer, place);
    }
};
