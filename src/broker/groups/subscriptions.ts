// Which topics the members of a consumer group want: those that they name, and those that their regular expressions matched when these
// were last looked at.
import type { Assignment, PartitionCounts, Subscriber } from "./assignors.ts";
import { type ConsumerMember, NOTHING } from "./consumer-member.ts";

/** A topic that there is. */
export interface KnownTopic {
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
}

/** A regular expression with the names that it matched, in order. */
export type ResolvedRegex = readonly [regex: string, topics: readonly string[]];

type Wishes = Pick<ConsumerMember, "topics" | "regex">;

export class Subscriptions {
  readonly #resolved = new Map<string, ReadonlySet<string>>();

  wants(wishes: Wishes, topic: string): boolean {
    return wishes.topics.includes(topic) || (this.#resolved.get(wishes.regex)?.has(topic) ?? false);
  }

  wantsId(wishes: Wishes, id: string, known: readonly KnownTopic[]): boolean {
    return known.some((topic) => topic.id === id && this.wants(wishes, topic.name));
  }

  /** The partitions of what members want, as far as it is there. */
  counts(members: readonly ConsumerMember[], known: readonly KnownTopic[]): PartitionCounts {
    const wanted = known.filter(({ name }) => members.some((member) => this.wants(member, name)));
    return new Map(wanted.map(({ id, partitions }) => [id, partitions]));
  }

  /** Members as assignors see them. `before`: what they were to have. */
  subscribers(
    members: readonly ConsumerMember[],
    known: readonly KnownTopic[],
    before: ReadonlyMap<string, Assignment>,
  ): readonly Subscriber[] {
    return members.map((member) => {
      const { id, instanceId } = member;
      const wanted = known.filter(({ name }) => this.wants(member, name));
      return { id, instanceId, topics: new Set(wanted.map((topic) => topic.id)), before: before.get(id) ?? NOTHING };
    });
  }

  /** Whether that is another wish; what an expression matches that was never looked at is not known yet. */
  differ(before: Wishes, now: Wishes): boolean {
    if ([...before.topics].sort().join() !== [...now.topics].sort().join()) return true;
    return before.regex !== now.regex && (now.regex === "" || this.isResolved(now.regex));
  }

  isResolved(regex: string): boolean {
    return this.#resolved.has(regex);
  }

  /** Whether that is anything new. */
  resolve(regex: string, topics: readonly string[]): boolean {
    const before = this.#resolved.get(regex);
    this.#resolved.set(regex, new Set(topics));
    return topics.length !== (before?.size ?? 0) || topics.some((topic) => !before?.has(topic));
  }

  /** What no member wants any more is forgotten. */
  keepOnly(regexes: ReadonlySet<string>): void {
    for (const regex of this.#resolved.keys()) if (!regexes.has(regex)) this.#resolved.delete(regex);
  }

  all(): readonly ResolvedRegex[] {
    return [...this.#resolved].map(([regex, topics]) => [regex, [...topics]]);
  }
}
