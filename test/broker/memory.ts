// The broker's memory for tests: what was remembered is kept in a map, or is refused.
import type { Memory } from "../../src/broker/acl/acls.ts";
import { BrokerError } from "../../src/broker/broker-error.ts";
import type { Fact } from "../../src/broker/metadata.ts";

export interface FakeMemory extends Memory {
  /** By section and key. */
  readonly kept: Map<string, Fact>;
  /** From now on nothing can be kept. */
  fail(): void;
}

export const fakeMemory = (kept = new Map<string, Fact>()): FakeMemory => {
  let failing = false;
  let last: Promise<unknown> = Promise.resolve();
  return {
    kept,
    fail: () => {
      failing = true;
    },
    recall: (section) =>
      new Map([...kept].filter(([name]) => name.startsWith(`${section}/`)).map(([name, fact]) => [name.slice(section.length + 1), fact])),
    async remember(...changes) {
      if (failing) throw new BrokerError("KAFKA_STORAGE_ERROR");
      for (const { section, key, fact } of changes) {
        if (fact === undefined) kept.delete(`${section}/${key}`);
        else kept.set(`${section}/${key}`, JSON.parse(JSON.stringify(fact)));
      }
    },
    turn(step) {
      const done = last.then(step);
      last = done.catch(() => {});
      return done;
    },
  };
};
