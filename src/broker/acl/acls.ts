// The access rules as the broker keeps them: each change is durable before it is answered, and is followed from then on.
import { BrokerError } from "../broker-error.ts";
import type { Fact, FactChange } from "../metadata.ts";
import { type Acl, type AclFilter, aclKey, isFound, isUnknown } from "./acl.ts";
import { AclIndex } from "./acl-index.ts";

/** What is needed of the broker's own memory. */
export interface Memory {
  recall(section: string): Map<string, Fact>;
  remember(...changes: readonly FactChange[]): Promise<void>;
  turn<T>(step: () => Promise<T>): Promise<T>;
}

const SECTION = "acl";
/** More are not deleted by one request. */
export const DELETIONS_MAX = 10_000;

export class Acls {
  readonly index = new AclIndex();
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
    for (const fact of memory.recall(SECTION).values()) this.index.add(fact as unknown as Acl); // What `create` has remembered.
  }

  /** In no order. Throws a BrokerError where the filter has words that are not known. */
  find(filter: AclFilter): readonly Acl[] {
    checkFilter(filter);
    return [...this.index.all()].filter((acl) => isFound(acl, filter));
  }

  /** All of them or none; those that are there already change nothing. */
  create(acls: readonly Acl[]): Promise<void> {
    return this.#memory.turn(async () => {
      const added = [...new Map(acls.filter((acl) => !this.index.has(acl)).map((acl) => [aclKey(acl), acl])).values()];
      await this.#memory.remember(...added.map((acl) => ({ section: SECTION, key: aclKey(acl), fact: { ...acl } })));
      for (const acl of added) this.index.add(acl);
    });
  }

  /** What each filter has found, or why it cannot find; what was found by any of them is gone. */
  delete(filters: readonly AclFilter[]): Promise<readonly (readonly Acl[] | BrokerError)[]> {
    return this.#memory.turn(async () => {
      const found = filters.map((filter) => this.#found(filter));
      const gone = new Map<string, Acl>();
      for (const one of found) if (!(one instanceof BrokerError)) for (const acl of one) gone.set(aclKey(acl), acl);
      if (gone.size > DELETIONS_MAX)
        throw new BrokerError("INVALID_REQUEST", `Cannot remove more than ${DELETIONS_MAX} acls in a single delete operation.`);
      await this.#memory.remember(...[...gone.keys()].map((key) => ({ section: SECTION, key, fact: undefined })));
      for (const acl of gone.values()) this.index.remove(acl);
      return found;
    });
  }

  #found(filter: AclFilter): readonly Acl[] | BrokerError {
    try {
      return this.find(filter);
    } catch (reason) {
      if (reason instanceof BrokerError) return reason;
      throw reason;
    }
  }
}

const checkFilter = (filter: AclFilter): void => {
  if (isUnknown(filter)) throw new BrokerError("INVALID_REQUEST", "the filter has words that are not known");
};
