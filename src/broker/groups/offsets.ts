// The committed offsets of all groups, and those of transactions that have not ended: what is there, and which changes of the durable map
// make it so. Changes are applied here once they are durable.
import { type Key, keyOf, type OffsetPlace, type OffsetRecord, offsetKey, offsetRecordOf } from "./records.ts";

/** Topic, then partition. */
type ByPartition<T> = Map<string, Map<number, T>>;

/** An offset of a group, in a place. */
export interface Placed {
  readonly place: OffsetPlace;
  readonly record: OffsetRecord;
}

const within = <K, T>(map: Map<string, Map<K, T>>, key: string): Map<K, T> => {
  const found = map.get(key) ?? new Map<K, T>();
  map.set(key, found);
  return found;
};

export class Offsets {
  readonly #committed = new Map<string, ByPartition<OffsetRecord>>();
  /** By group, then by key. */
  readonly #pending = new Map<string, Map<string, Placed & { readonly producerId: number }>>();

  /** Null: it is taken out. Keys of other things are passed over. */
  apply(key: string, value: Uint8Array | null): void {
    const of = keyOf(key);
    if (of?.kind === "offset") this.#commit(of, value && offsetRecordOf(value));
    else if (of?.kind === "pending") this.#pend(key, of, value && offsetRecordOf(value));
  }

  get(place: OffsetPlace): OffsetRecord | undefined {
    return this.#committed.get(place.group)?.get(place.topic)?.get(place.partition);
  }

  /** Whether a transaction that has not ended committed there. */
  isPending({ group, topic, partition }: OffsetPlace): boolean {
    for (const { place } of this.#pending.get(group)?.values() ?? [])
      if (place.topic === topic && place.partition === partition) return true;
    return false;
  }

  hasPending(group: string): boolean {
    return (this.#pending.get(group)?.size ?? 0) > 0;
  }

  /** Of a group, by topic and partition. */
  all(group: string): readonly Placed[] {
    const placed: Placed[] = [];
    for (const [topic, partitions] of this.#committed.get(group) ?? [])
      for (const [partition, record] of partitions) placed.push({ place: { group, topic, partition }, record });
    return placed;
  }

  groups(): ReadonlySet<string> {
    return new Set([...this.#committed.keys(), ...this.#pending.keys()]);
  }

  /** The keys of a topic in all groups. */
  keysOfTopic(topic: string): readonly string[] {
    const places = [...this.groups()].flatMap((group) => this.all(group)).filter(({ place }) => place.topic === topic);
    const pending = [...this.#pending.values()].flatMap((of) => [...of]).filter(([, { place }]) => place.topic === topic);
    return [...places.map(({ place }) => offsetKey(place)), ...pending.map(([key]) => key)];
  }

  /** The keys of a place: of what was committed there, and of what transactions that have not ended committed there. */
  keysAt(place: OffsetPlace): readonly string[] {
    const { group, topic, partition } = place;
    const pending = [...(this.#pending.get(group) ?? [])].filter(([, of]) => of.place.topic === topic && of.place.partition === partition);
    return [...(this.get(place) === undefined ? [] : [offsetKey(place)]), ...pending.map(([key]) => key)];
  }

  /** All keys of a group. */
  keysOf(group: string): readonly string[] {
    return [...this.all(group).map(({ place }) => offsetKey(place)), ...(this.#pending.get(group)?.keys() ?? [])];
  }

  /** What a producer committed in a group and has not ended. */
  pendingOf(group: string, producerId: number): readonly Placed[] {
    return [...(this.#pending.get(group)?.values() ?? [])].filter((pending) => pending.producerId === producerId);
  }

  #commit({ group, topic, partition }: OffsetPlace, record: OffsetRecord | null): void {
    const topics = within(this.#committed, group);
    const partitions = within(topics, topic);
    if (record) partitions.set(partition, record);
    else partitions.delete(partition);
    if (partitions.size === 0) topics.delete(topic);
    if (topics.size === 0) this.#committed.delete(group);
  }

  #pend(key: string, of: Extract<Key, { kind: "pending" }>, record: OffsetRecord | null): void {
    const { group, topic, partition, producerId } = of;
    const pending = within(this.#pending, group);
    if (record) pending.set(key, { place: { group, topic, partition }, record, producerId });
    else pending.delete(key);
    if (pending.size === 0) this.#pending.delete(group);
  }
}
