// All access rules, found by what they concern: a decision looks at the rules of one name, those for every name, and those of the
// prefixes that are as long as any prefix there is, however many rules there are in all.
import { type Acl, aclKey, WILDCARD } from "./acl.ts";
import type { PatternType, ResourceType } from "./codes.ts";

interface Named {
  readonly byName: Map<string, Map<string, Acl>>;
}

/** The rules of one kind of resource. */
class Section {
  readonly literal: Named = { byName: new Map() };
  readonly prefixed: Named = { byName: new Map() };
  /** How many names of that length are prefixes. */
  readonly lengths = new Map<number, number>();

  of(type: PatternType): Named {
    return type === "literal" ? this.literal : this.prefixed;
  }
}

export class AclIndex {
  readonly #sections = new Map<ResourceType, Section>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False when it was there already. */
  add(acl: Acl): boolean {
    const section = this.#sections.get(acl.resourceType) ?? new Section();
    this.#sections.set(acl.resourceType, section);
    const { byName } = section.of(acl.patternType);
    const rules = byName.get(acl.resourceName) ?? new Map<string, Acl>();
    const key = aclKey(acl);
    if (rules.has(key)) return false;
    if (rules.size === 0 && acl.patternType === "prefixed") count(section.lengths, acl.resourceName.length, 1);
    byName.set(acl.resourceName, rules.set(key, acl));
    this.#size++;
    return true;
  }

  /** False when it was not there. */
  remove(acl: Acl): boolean {
    const section = this.#sections.get(acl.resourceType);
    const byName = section?.of(acl.patternType).byName;
    const rules = byName?.get(acl.resourceName);
    if (!section || !byName || !rules?.delete(aclKey(acl))) return false;
    this.#size--;
    if (rules.size > 0) return true;
    byName.delete(acl.resourceName);
    if (acl.patternType === "prefixed") count(section.lengths, acl.resourceName.length, -1);
    return true;
  }

  has(acl: Acl): boolean {
    return this.#sections.get(acl.resourceType)?.of(acl.patternType).byName.get(acl.resourceName)?.has(aclKey(acl)) ?? false;
  }

  *all(): Generator<Acl> {
    for (const type of this.#sections.keys()) yield* this.ofType(type);
  }

  *ofType(type: ResourceType): Generator<Acl> {
    const section = this.#sections.get(type);
    if (section === undefined) return;
    for (const { byName } of [section.literal, section.prefixed]) for (const rules of byName.values()) yield* rules.values();
  }

  /** Every rule that concerns that resource. */
  *concerning(type: ResourceType, name: string): Generator<Acl> {
    const section = this.#sections.get(type);
    if (section === undefined) return;
    yield* section.literal.byName.get(name)?.values() ?? [];
    if (name !== WILDCARD) yield* section.literal.byName.get(WILDCARD)?.values() ?? [];
    for (const length of section.lengths.keys())
      if (length <= name.length) yield* section.prefixed.byName.get(name.slice(0, length))?.values() ?? [];
  }
}

const count = (lengths: Map<number, number>, length: number, by: number): void => {
  const now = (lengths.get(length) ?? 0) + by;
  if (now === 0) lengths.delete(length);
  else lengths.set(length, now);
};
