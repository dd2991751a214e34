// Who reads which partition: shared out evenly, with as few moves as possible, and never handed to a new owner before the old one has let
// go (KIP-429, cooperative-sticky). Pure: every member that leads a group comes to the same result.
import type { TopicPartition } from "../../ports/kafka.ts";
import type { Subscription } from "./consumer-protocol.ts";

export interface AssignorMember extends Subscription {
  readonly id: string;
}

export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

interface Share {
  readonly id: string;
  readonly topics: ReadonlySet<string>;
  readonly partitions: TopicPartition[];
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;
const inOrder = (a: TopicPartition, b: TopicPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;

/** `counts`: how many partitions each topic has; topics that are not there have none. */
export const assign = (members: readonly AssignorMember[], counts: ReadonlyMap<string, number>): Assignment => {
  const shares: Share[] = members
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, topics }) => ({ id, topics: new Set(topics), partitions: [] }));
  const claims = claimsOf(members, counts);
  for (const partition of partitionsOf(shares, counts)) {
    const owner = claims.owners.get(nameOf(partition));
    const keeper = shares.find(({ id }) => id === owner);
    if (keeper) keeper.partitions.push(partition);
  }
  for (const partition of partitionsOf(shares, counts)) {
    if (claims.owners.has(nameOf(partition))) continue;
    leastLoaded(shares, partition.topic)?.partitions.push(partition);
  }
  balance(shares);
  return new Map(
    shares.map(({ id, partitions }) => [id, partitions.filter((partition) => claims.mayHave(id, partition)).toSorted(inOrder)]),
  );
};

interface Claims {
  /** Member by partition's name. */
  readonly owners: ReadonlyMap<string, string>;
  /** Nobody else has it at present. */
  mayHave(id: string, partition: TopicPartition): boolean;
}

/** Of two that claim a partition, the one of the newer generation has it; of the same generation, neither, until both have let go. */
const claimsOf = (members: readonly AssignorMember[], counts: ReadonlyMap<string, number>): Claims => {
  const best = new Map<string, { generation: number; ids: string[] }>();
  for (const { id, topics, owned, generation } of members) {
    for (const partition of owned) {
      if (!topics.includes(partition.topic) || partition.partition >= (counts.get(partition.topic) ?? 0)) continue;
      const known = best.get(nameOf(partition));
      if (!known || generation > known.generation) best.set(nameOf(partition), { generation, ids: [id] });
      else if (generation === known.generation) known.ids.push(id);
    }
  }
  const owners = new Map<string, string>();
  for (const [name, { ids }] of best) if (ids.length === 1) owners.set(name, ids[0]!);
  return { owners, mayHave: (id, partition) => best.get(nameOf(partition))?.ids.every((other) => other === id) ?? true };
};

const partitionsOf = (shares: readonly Share[], counts: ReadonlyMap<string, number>): readonly TopicPartition[] => {
  const topics = new Set(shares.flatMap((share) => [...share.topics]));
  return [...topics]
    .flatMap((topic) => Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })))
    .toSorted(inOrder);
};

const leastLoaded = (shares: readonly Share[], topic: string): Share | undefined => {
  let least: Share | undefined;
  for (const share of shares) {
    if (share.topics.has(topic) && (least === undefined || share.partitions.length < least.partitions.length)) least = share;
  }
  return least;
};

/** Moves one at a time from who has more to who has at least two fewer and may have it; each move makes the shares more even, so it ends. */
const balance = (shares: readonly Share[]): void => {
  for (;;) {
    const move = findMove(shares);
    if (!move) return;
    const { from, to, at } = move;
    to.partitions.push(...from.partitions.splice(at, 1));
  }
};

const findMove = (shares: readonly Share[]): { readonly from: Share; readonly to: Share; readonly at: number } | undefined => {
  const most = shares.toSorted((a, b) => b.partitions.length - a.partitions.length);
  for (const from of most) {
    for (const to of most.toReversed()) {
      if (to.partitions.length + 2 > from.partitions.length) break;
      const at = from.partitions.findLastIndex(({ topic }) => to.topics.has(topic));
      if (at >= 0) return { from, to, at };
    }
  }
  return undefined;
};
