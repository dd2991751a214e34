// What a member of the consumer protocol has of what the coordinator gives it: topics come by their ids and are used by their names, and a
// partition that is to go stays the member's until it has let it go.
import type { TopicPartition } from "../../ports/kafka.ts";
import type { TopicShare } from "./group-calls.ts";

/** A partition of one topic and not of another that has its name later. */
export interface HeldPartition extends TopicPartition {
  readonly topicId: string;
}

/** What is to be done, in this order. */
export interface AssignmentStep {
  /** Their topic is not there any more: another has its name. */
  readonly lost: readonly HeldPartition[];
  readonly added: readonly HeldPartition[];
  /** To be let go; they count as the member's until `released` says that they are. */
  readonly revoked: readonly HeldPartition[];
  /** Something was given of a topic whose name is not known yet. */
  readonly isUnknown: boolean;
}

const keyOf = ({ topicId, partition }: { readonly topicId: string; readonly partition: number }): string => `${topicId} ${partition}`;
const placeOf = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;

export class MemberAssignment {
  readonly #held = new Map<string, HeldPartition>();
  readonly #leaving = new Set<string>();
  #given: readonly { readonly topicId: string; readonly partition: number }[] = [];

  /** All of what the member shall have. */
  give(assignment: readonly TopicShare[]): void {
    this.#given = assignment.flatMap(({ topicId, partitions }) => partitions.map((partition) => ({ topicId, partition })));
  }

  /** One step nearer to what was given, as far as the names of topics are known: `names` by id. */
  step(names: ReadonlyMap<string, string>): AssignmentStep {
    const missing = this.#given.filter((one) => !this.#held.has(keyOf(one)));
    const added = missing.flatMap(({ topicId, partition }): HeldPartition[] => {
      const topic = names.get(topicId);
      return topic === undefined ? [] : [{ topic, topicId, partition }];
    });
    const lost = this.#replaced(names, added);
    for (const one of lost) this.#forget(one);
    const given = new Set(this.#given.map(keyOf));
    const revoked = [...this.#held].flatMap(([key, one]) => (given.has(key) || this.#leaving.has(key) ? [] : [one]));
    for (const one of revoked) this.#leaving.add(keyOf(one));
    for (const one of added) this.#held.set(keyOf(one), one);
    return { lost, added, revoked, isUnknown: added.length < missing.length };
  }

  released(partitions: readonly HeldPartition[]): void {
    for (const one of partitions) this.#forget(one);
  }

  /** It is no member any more; what it had. */
  clear(): readonly HeldPartition[] {
    const held = [...this.#held.values()];
    this.#held.clear();
    this.#leaving.clear();
    this.#given = [];
    return held;
  }

  /** What the member has, as the coordinator is told. */
  get owned(): readonly TopicShare[] {
    const topics = new Map<string, number[]>();
    for (const { topicId, partition } of this.#held.values()) topics.set(topicId, [...(topics.get(topicId) ?? []), partition]);
    const sorted = [...topics].sort(([one], [other]) => (one < other ? -1 : 1));
    return sorted.map(([topicId, partitions]) => ({ topicId, partitions: partitions.toSorted((a, b) => a - b) }));
  }

  /** In the place of something new, or of a topic that is not given any more and whose name another topic has. */
  #replaced(names: ReadonlyMap<string, string>, added: readonly HeldPartition[]): readonly HeldPartition[] {
    const places = new Set(added.map(placeOf));
    const given = new Set(this.#given.map(keyOf));
    const current = new Set(names.values());
    return [...this.#held].flatMap(([key, one]) => {
      const isOther = current.has(one.topic) && !names.has(one.topicId);
      return places.has(placeOf(one)) || (isOther && !given.has(key)) ? [one] : [];
    });
  }

  #forget(one: HeldPartition): void {
    this.#held.delete(keyOf(one));
    this.#leaving.delete(keyOf(one));
  }
}
