// How the coordinator shares out partitions among the members of a consumer group (KIP-848): by range, or evenly with as few moves as
// there can be.

/** Partitions by topic id. */
export type Assignment = ReadonlyMap<string, ReadonlySet<number>>;

export interface Subscriber {
  readonly id: string;
  /** Static members are put in order by their instance, so that a new id moves nothing. */
  readonly instanceId: string | null;
  /** Ids of topics. */
  readonly topics: ReadonlySet<string>;
  /** What it was to have before. */
  readonly before: Assignment;
}

/** How many partitions topics have, by id. */
export type PartitionCounts = ReadonlyMap<string, number>;

type Shared = Map<string, Map<string, Set<number>>>;

const give = (to: Map<string, Set<number>>, topic: string, partition: number): void => {
  const partitions = to.get(topic) ?? new Set();
  to.set(topic, partitions.add(partition));
};

const order = (some: Subscriber, other: Subscriber): number => {
  const [one, two] = [some.instanceId ?? some.id, other.instanceId ?? other.id];
  if (one === two) return 0;
  return one < two ? -1 : 1;
};

/** Consecutive partitions of each topic for each of its subscribers, the first ones having one more where it does not come out even. */
const range = (subscribers: readonly Subscriber[], counts: PartitionCounts): Shared => {
  const sorted = [...subscribers].sort(order);
  const shared: Shared = new Map(sorted.map(({ id }) => [id, new Map()]));
  for (const [topic, count] of counts) {
    const interested = sorted.filter(({ topics }) => topics.has(topic));
    const least = Math.floor(count / interested.length);
    const more = count % interested.length;
    let partition = 0;
    for (const [at, { id }] of interested.entries())
      for (let left = least + (at < more ? 1 : 0); left > 0; left--) give(shared.get(id) ?? new Map(), topic, partition++);
  }
  return shared;
};

/** A subscriber with what it gets. */
interface Bearer {
  readonly of: Subscriber;
  readonly has: Map<string, Set<number>>;
  load: number;
}

const lightest = (bearers: readonly Bearer[]): Bearer | undefined =>
  bearers.reduce<Bearer | undefined>((best, one) => (best === undefined || one.load < best.load ? one : best), undefined);

/** Everybody keeps what it had; what is free goes to the lightest; then single partitions move from heavier members to lighter ones. */
const uniform = (subscribers: readonly Subscriber[], counts: PartitionCounts): Shared => {
  const bearers: readonly Bearer[] = [...subscribers].sort(order).map((of) => ({ of, has: new Map(), load: 0 }));
  for (const [topic, count] of counts) {
    const interested = bearers.filter(({ of }) => of.topics.has(topic));
    for (let partition = 0; partition < count; partition++) {
      const owner = interested.find(({ of }) => of.before.get(topic)?.has(partition)) ?? undefined;
      if (owner) take(owner, topic, partition);
    }
  }
  for (const [topic, count] of counts) {
    const interested = bearers.filter(({ of }) => of.topics.has(topic));
    for (let partition = 0; partition < count; partition++) {
      const isFree = !interested.some(({ has }) => has.get(topic)?.has(partition));
      const to = isFree ? lightest(interested) : undefined;
      if (to) take(to, topic, partition);
    }
  }
  while (moveOne(bearers, counts));
  return new Map(bearers.map(({ of, has }) => [of.id, has]));
};

const take = (bearer: Bearer, topic: string, partition: number): void => {
  give(bearer.has, topic, partition);
  bearer.load += 1;
};

/** Moves a partition to somebody who has at least two fewer; each move makes the loads more even, so there is an end. */
const moveOne = (bearers: readonly Bearer[], counts: PartitionCounts): boolean => {
  for (const topic of counts.keys()) {
    const interested = bearers.filter(({ of }) => of.topics.has(topic));
    const to = lightest(interested);
    const from = interested.filter(({ has }) => (has.get(topic)?.size ?? 0) > 0).sort((one, other) => other.load - one.load)[0];
    const partitions = from?.has.get(topic);
    if (!to || !from || !partitions || from.load - to.load < 2) continue;
    const partition = Math.max(...partitions);
    partitions.delete(partition);
    if (partitions.size === 0) from.has.delete(topic);
    from.load -= 1;
    take(to, topic, partition);
    return true;
  }
  return false;
};

/** By name; the first is taken when members do not ask for one. */
export const ASSIGNORS: Readonly<Record<string, (subscribers: readonly Subscriber[], counts: PartitionCounts) => Shared>> = {
  uniform,
  range,
};
