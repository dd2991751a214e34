import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Member, Members, NOWHERE, Registry } from "../../src/core/members.ts";

test("members are those that were added and not deleted, whatever the order", () => {
  const step = fc.record({ member: fc.nat(9), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const all: Member[] = Array.from({ length: 10 }, () => ({ place: NOWHERE }));
      const model = new Set<Member>();
      const members = new Members<Member>();
      for (const { member, leaves } of steps) {
        const one = all[member]!;
        if (leaves) assert.equal(members.delete(one), model.delete(one));
        else if (!model.has(one)) {
          model.add(one);
          members.add(one);
        }
        assert.deepEqual([members.size, new Set(members.all())], [model.size, model]);
      }
    }),
  );
});

test("one of another set is not deleted here", () => {
  const [mine, other] = [new Members<Member>(), new Members<Member>()];
  const one = { place: NOWHERE };
  other.add(one);
  mine.add({ place: NOWHERE });
  assert.equal(mine.delete(one), false);
  assert.deepEqual([mine.size, other.size], [1, 1]);
});

test("a registry answers as a map does", () => {
  const step = fc.record({ key: fc.constantFrom("a", "b", "c", "d"), value: fc.option(fc.nat(99), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model = new Map<string, number>();
      const registry = new Registry<string, number>();
      for (const { key, value } of steps) {
        if (value === undefined) assert.equal(registry.delete(key), model.delete(key));
        else {
          model.set(key, value);
          registry.set(key, value);
        }
        for (const name of "abcd") assert.equal(registry.get(name), model.get(name));
        assert.deepEqual([registry.size, registry.values().sort()], [model.size, [...model.values()].sort()]);
      }
    }),
  );
});
