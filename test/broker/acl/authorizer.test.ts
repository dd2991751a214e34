// Decisions as a table, and thousands more against the plainest judge that can be written.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Acl, concerns, WILDCARD } from "../../../src/broker/acl/acl.ts";
import { AclIndex } from "../../../src/broker/acl/acl-index.ts";
import { Authorizer, hostOf, type What, type Who } from "../../../src/broker/acl/authorizer.ts";
import type { Operation } from "../../../src/broker/acl/codes.ts";

const ALICE: Who = { principal: "User:alice", host: "10.0.0.1" };
const rule = (of: Partial<Acl>): Acl => ({
  resourceType: "topic",
  resourceName: "orders",
  patternType: "literal",
  principal: "User:alice",
  host: WILDCARD,
  operation: "read",
  permission: "allow",
  ...of,
});
const read: What = { operation: "read", resourceType: "topic", resourceName: "orders" };

const judgeOf = (rules: readonly Acl[], allowEveryoneIfNoAclFound = false): Authorizer => {
  const index = new AclIndex();
  for (const acl of rules) index.add(acl);
  return new Authorizer(index, { superUsers: new Set(["User:root"]), allowEveryoneIfNoAclFound });
};

interface Case {
  readonly rules: readonly Partial<Acl>[];
  readonly what?: Partial<What>;
  readonly who?: Partial<Who>;
  readonly allowed: boolean;
}

const prefixed = { patternType: "prefixed", resourceName: "ord" } as const;
const CASES: Readonly<Record<string, Case>> = {
  "nothing is allowed without rules": { rules: [], allowed: false },
  "a rule for the name": { rules: [{}], allowed: true },
  "a rule for another name": { rules: [{ resourceName: "order" }], allowed: false },
  "a rule for every name": { rules: [{ resourceName: "*" }], allowed: true },
  "a rule for a prefix": { rules: [prefixed], allowed: true },
  "a prefix that is the whole name": { rules: [{ ...prefixed, resourceName: "orders" }], allowed: true },
  "a prefix that is longer than the name": { rules: [{ ...prefixed, resourceName: "orders2" }], allowed: false },
  "a star is no wildcard as a prefix": { rules: [{ ...prefixed, resourceName: "*" }], allowed: false },
  "a rule for another kind of resource": { rules: [{ resourceType: "group" }], allowed: false },
  "a rule for somebody else": { rules: [{ principal: "User:bob" }], allowed: false },
  "a rule for everybody": { rules: [{ principal: "User:*" }], allowed: true },
  "a rule for everybody is for those who are not known too": {
    rules: [{ principal: "User:*" }],
    who: { principal: "User:ANONYMOUS" },
    allowed: true,
  },
  "a rule for the host": { rules: [{ host: "10.0.0.1" }], allowed: true },
  "a rule for another host": { rules: [{ host: "10.0.0.2" }], allowed: false },
  "a rule for all operations": { rules: [{ operation: "all" }], allowed: true },
  "a rule for another operation": { rules: [{ operation: "write" }], allowed: false },
  "reading implies describing": { rules: [{}], what: { operation: "describe" }, allowed: true },
  "describing does not imply reading": { rules: [{ operation: "describe" }], allowed: false },
  "creating does not imply describing": { rules: [{ operation: "create" }], what: { operation: "describe" }, allowed: false },
  "altering settings implies describing them": {
    rules: [{ operation: "alterConfigs" }],
    what: { operation: "describeConfigs" },
    allowed: true,
  },
  "denying to read does not deny to describe": {
    rules: [{ permission: "deny" }, { operation: "describe" }],
    what: { operation: "describe" },
    allowed: true,
  },
  "denying is stronger than allowing": { rules: [{}, { permission: "deny" }], allowed: false },
  "denying every name is stronger than allowing one": { rules: [{}, { permission: "deny", resourceName: "*" }], allowed: false },
  "denying a prefix is stronger than allowing the name": { rules: [{}, { ...prefixed, permission: "deny" }], allowed: false },
  "denying all is stronger than allowing one": { rules: [{}, { permission: "deny", operation: "all" }], allowed: false },
  "denying somebody else changes nothing": { rules: [{}, { permission: "deny", principal: "User:bob" }], allowed: true },
  "super users are not judged": { rules: [{ permission: "deny", principal: "User:*" }], who: { principal: "User:root" }, allowed: true },
};

describe("what is allowed", () => {
  for (const [name, { rules, what = {}, who = {}, allowed }] of Object.entries(CASES))
    it(`${name}: ${allowed ? "yes" : "no"}`, () => {
      assert.equal(judgeOf(rules.map(rule)).isAllowed({ ...ALICE, ...who }, { ...read, ...what }), allowed);
    });

  it("everything that no rule concerns, where the setting says so, and nothing that one does", () => {
    const judge = judgeOf([rule({ principal: "User:bob" })], true);
    assert.equal(judge.isAllowed(ALICE, { ...read, resourceName: "other" }), true);
    assert.equal(judge.isAllowed(ALICE, read), false);
  });
});

describe("whether it is allowed somewhere", () => {
  const SOMEWHERE: Readonly<Record<string, Omit<Case, "what">>> = {
    "nothing without rules": { rules: [], allowed: false },
    "one name": { rules: [{}], allowed: true },
    "a prefix": { rules: [prefixed], allowed: true },
    "every name": { rules: [{ resourceName: "*" }], allowed: true },
    "every name, but everything is denied": { rules: [{ resourceName: "*" }, { resourceName: "*", permission: "deny" }], allowed: false },
    "every name, but one is denied": { rules: [{ resourceName: "*" }, { permission: "deny" }], allowed: true },
    "one name, which is denied": { rules: [{}, { permission: "deny" }], allowed: false },
    "a prefix, of which one name is denied": { rules: [prefixed, { permission: "deny", resourceName: "ord" }], allowed: true },
    "a prefix that lies in a denied one": { rules: [prefixed, { ...prefixed, permission: "deny", resourceName: "o" }], allowed: false },
    "a prefix, of which a longer one is denied": {
      rules: [prefixed, { ...prefixed, permission: "deny", resourceName: "orde" }],
      allowed: true,
    },
    "one name for somebody else": { rules: [{ principal: "User:bob" }], allowed: false },
    "super users": { rules: [{ resourceName: "*", permission: "deny" }], who: { principal: "User:root" }, allowed: true },
  };
  for (const [name, { rules, who = {}, allowed }] of Object.entries(SOMEWHERE))
    it(`${name}: ${allowed ? "yes" : "no"}`, () => {
      assert.equal(judgeOf(rules.map(rule)).isAllowedSomewhere({ ...ALICE, ...who }, "read", "topic"), allowed);
    });
});

describe("the index", () => {
  const OPERATIONS: readonly Operation[] = ["all", "read", "describe"];
  const names = fc.constantFrom("a", "ab", "abc", "b", "*", "");
  const rules = fc.array(
    fc.record({
      resourceType: fc.constantFrom("topic" as const, "group" as const),
      resourceName: names.filter((name) => name !== ""),
      patternType: fc.constantFrom("literal" as const, "prefixed" as const),
      principal: fc.constantFrom("User:alice", "User:*"),
      host: fc.constantFrom("*", "10.0.0.1"),
      operation: fc.constantFrom(...OPERATIONS),
      permission: fc.constantFrom("allow" as const, "deny" as const),
    }),
    { maxLength: 12 },
  );

  it("finds every rule that concerns a name, whatever was added and removed before", () => {
    fc.assert(
      fc.property(rules, fc.array(fc.nat(11)), names, (all, removed, name) => {
        const index = new AclIndex();
        const left = new Map<string, Acl>();
        for (const acl of all) {
          assert.equal(index.add(acl), !left.has(JSON.stringify(acl)));
          left.set(JSON.stringify(acl), acl);
        }
        for (const at of removed) {
          const acl = all[at];
          if (acl) assert.equal(index.remove(acl), left.delete(JSON.stringify(acl)));
        }
        const wanted = [...left.values()].filter((acl) => acl.resourceType === "topic" && concerns(acl, name));
        const sorted = (acls: Iterable<Acl>): readonly string[] => [...acls].map((acl) => JSON.stringify(acl)).sort();
        assert.deepEqual(sorted(index.concerning("topic", name)), sorted(wanted));
        assert.deepEqual([index.size, sorted(index.all())], [left.size, sorted(left.values())]);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe("a host", () => {
  const HOSTS = {
    "127.0.0.1": "127.0.0.1",
    "::ffff:127.0.0.1": "127.0.0.1",
    "::1": "0:0:0:0:0:0:0:1",
    "::": "0:0:0:0:0:0:0:0",
    "FE80::2:0:1": "fe80:0:0:0:0:2:0:1",
    "2001:db8::": "2001:db8:0:0:0:0:0:0",
    "1:2:3:4:5:6:7:8": "1:2:3:4:5:6:7:8",
  };
  for (const [address, host] of Object.entries(HOSTS))
    it(`${address} is ${host} in rules`, () => {
      assert.equal(hostOf(address), host);
    });
});
