// The three APIs of access rules: what is kept, what filters find, and what is refused.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeAcls } from "../../../src/broker/29-describe-acls.ts";
import { createAcls } from "../../../src/broker/30-create-acls.ts";
import { deleteAcls } from "../../../src/broker/31-delete-acls.ts";
import { Acls, DELETIONS_MAX } from "../../../src/broker/acl/acls.ts";
import { operationCode, patternTypeCode, permissionCode, resourceTypeCode } from "../../../src/broker/acl/codes.ts";
import { ScramUsers } from "../../../src/broker/sasl/scram-users.ts";
import { ErrorCode } from "../../../src/kafka/wire/errors.ts";
import { contextOf } from "../asking.ts";
import { type FakeMemory, fakeMemory } from "../memory.ts";

const TOPIC = resourceTypeCode("topic");
const READ = operationCode("read");
const ALLOW = permissionCode("allow");
const LITERAL = patternTypeCode("literal");
const PREFIXED = patternTypeCode("prefixed");
const ANY = 1;
const MATCH = 2;

const creation = (resourceName: string, of: Partial<Parameters<typeof createAcls.handle>[0]["creations"][number]> = {}) => ({
  resourceType: TOPIC,
  resourceName,
  resourcePatternType: LITERAL,
  principal: "User:alice",
  host: "*",
  operation: READ,
  permissionType: ALLOW,
  ...of,
});
const filter = (of: Partial<Parameters<typeof describeAcls.handle>[0]> = {}) => ({
  resourceTypeFilter: ANY,
  resourceNameFilter: null,
  patternTypeFilter: ANY,
  principalFilter: null,
  hostFilter: null,
  operation: ANY,
  permissionType: ANY,
  ...of,
});

const stage = ({ memory = fakeMemory() as FakeMemory, allowed = true, rules = true } = {}) => {
  const acls = new Acls(memory);
  const security = { mechanisms: [], passwords: new Map(), scram: new ScramUsers(fakeMemory()), ...(rules ? { acls } : {}) };
  const context = contextOf({ security, allowed });
  return {
    acls,
    memory,
    create: async (...creations: readonly ReturnType<typeof creation>[]) => createAcls.handle({ creations }, context),
    find: async (of: Partial<ReturnType<typeof filter>> = {}) => describeAcls.handle(filter(of), context),
    remove: async (...filters: readonly ReturnType<typeof filter>[]) => deleteAcls.handle({ filters }, context),
  };
};

describe("CreateAcls", () => {
  const REFUSED = {
    "a cluster of another name": [creation("other", { resourceType: resourceTypeCode("cluster") }), /only valid name for the CLUSTER/],
    "an empty name": [creation(""), /empty resource name/],
    "any resource": [creation("a", { resourceType: ANY }), /Invalid resourceType any/],
    "an unknown resource": [creation("a", { resourceType: 99 }), /Invalid resourceType unknown/],
    "a pattern of filters": [creation("a", { resourcePatternType: MATCH }), /Invalid patternType match/],
    "any operation": [creation("a", { operation: ANY }), /Invalid operation any/],
    "an unknown operation": [creation("a", { operation: -1 }), /Invalid operation unknown/],
    "any permission": [creation("a", { permissionType: ANY }), /Invalid permissionType any/],
    "a principal without a kind": [creation("a", { principal: "alice" }), /Invalid principal alice/],
  } as const;
  for (const [name, [one, message]] of Object.entries(REFUSED))
    it(`refuses ${name}, and keeps the rule beside it`, async () => {
      const { create, acls } = stage();
      const results = (await create(one, creation("right")))?.results ?? [];
      assert.deepEqual(
        results.map(({ errorCode }) => errorCode),
        [ErrorCode.INVALID_REQUEST, 0],
      );
      assert.match(results[0]?.errorMessage ?? "", message);
      assert.equal(acls.index.size, 1);
    });

  it("keeps a rule once, also for the next start", async () => {
    const { create, memory } = stage();
    await create(creation("a"), creation("a"));
    await create(creation("a"), creation("b"));
    assert.equal(memory.kept.size, 2);
    const again = stage({ memory });
    assert.deepEqual(
      [...again.acls.index.all()].map(({ resourceName }) => resourceName),
      ["a", "b"],
    );
  });

  it("changes nothing that cannot be kept", async () => {
    const { create, memory, acls } = stage();
    memory.fail();
    await assert.rejects(create(creation("a")), { name: "KAFKA_STORAGE_ERROR" });
    assert.equal(acls.index.size, 0);
  });
});

describe("DescribeAcls and DeleteAcls", () => {
  const FOUND: Readonly<Record<string, readonly [Partial<ReturnType<typeof filter>>, string]>> = {
    everything: [{}, "a ab abc cluster everything"],
    "one name, with any pattern": [{ resourceNameFilter: "ab" }, "ab"],
    "one literal name": [{ resourceNameFilter: "abc", patternTypeFilter: LITERAL }, "abc"],
    "one prefixed name": [{ resourceNameFilter: "abc", patternTypeFilter: PREFIXED }, ""],
    "what concerns a name": [{ resourceTypeFilter: TOPIC, resourceNameFilter: "abcd", patternTypeFilter: MATCH }, "ab everything"],
    "all prefixes": [{ patternTypeFilter: PREFIXED }, "ab"],
    "a kind of resource": [{ resourceTypeFilter: resourceTypeCode("cluster") }, "cluster"],
    "a principal": [{ principalFilter: "User:bob" }, "a"],
    "a host": [{ hostFilter: "10.0.0.1" }, "abc"],
    "an operation": [{ operation: operationCode("alter") }, "cluster"],
    "a permission": [{ permissionType: permissionCode("deny") }, "a"],
  };
  const filled = async (of: Parameters<typeof stage>[0] = {}) => {
    const made = stage(of);
    await made.create(
      creation("a", { principal: "User:bob", permissionType: permissionCode("deny") }),
      creation("ab", { resourcePatternType: PREFIXED }),
      creation("abc", { host: "10.0.0.1" }),
      creation("*"),
      creation("kafka-cluster", { resourceType: resourceTypeCode("cluster"), operation: operationCode("alter") }),
    );
    return made;
  };
  const short = (names: readonly string[]): string =>
    names
      .map((name) => (name === "*" ? "everything" : name.replace("kafka-", "")))
      .sort()
      .join(" ");

  for (const [name, [of, found]] of Object.entries(FOUND)) {
    it(`find ${name}`, async () => {
      const { find } = await filled();
      assert.equal(short((await find(of))?.resources.map(({ resourceName }) => resourceName) ?? []), found);
    });
    it(`delete ${name}`, async () => {
      const { remove, acls, memory } = await filled();
      const gone = (await remove(filter(of)))?.filterResults[0]?.matchingAcls ?? [];
      assert.equal(short(gone.map(({ resourceName }) => resourceName)), found);
      assert.deepEqual([acls.index.size, memory.kept.size], [5 - gone.length, 5 - gone.length]);
    });
  }

  it("tell rules of one resource together", async () => {
    const { create, find } = stage();
    await create(creation("a"), creation("a", { principal: "User:bob" }), creation("a", { resourcePatternType: PREFIXED }));
    assert.deepEqual(
      (await find())?.resources.map(({ patternType, acls }) => [patternType, acls.map(({ principal }) => principal)]),
      [
        [LITERAL, ["User:alice", "User:bob"]],
        [PREFIXED, ["User:alice"]],
      ],
    );
  });

  it("tell a rule to each filter that finds it, and why another filter cannot", async () => {
    const { remove } = await filled();
    const results = (await remove(filter(), filter({ operation: 99 }), filter({ resourceNameFilter: "a" })))?.filterResults ?? [];
    assert.deepEqual(
      results.map(({ errorCode, matchingAcls }) => [errorCode, matchingAcls.length]),
      [
        [0, 5],
        [ErrorCode.INVALID_REQUEST, 0],
        [0, 1],
      ],
    );
  });

  it("refuse words that are not known, and more deletions than are allowed", async () => {
    const { find, create, remove, acls } = stage();
    await assert.rejects(find({ permissionType: 0 }), { name: "INVALID_REQUEST" });
    await create(...Array.from({ length: DELETIONS_MAX + 1 }, (_, index) => creation(`t${index}`)));
    await assert.rejects(remove(filter()), { name: "INVALID_REQUEST" });
    assert.equal(acls.index.size, DELETIONS_MAX + 1);
  });

  it("delete nothing that cannot be forgotten", async () => {
    const { remove, acls, memory } = await filled();
    memory.fail();
    await assert.rejects(remove(filter()), { name: "KAFKA_STORAGE_ERROR" });
    assert.equal(acls.index.size, 5);
  });

  it("are disabled without rules, and not for everybody", async () => {
    await assert.rejects(stage({ rules: false }).find(), { name: "SECURITY_DISABLED" });
    await assert.rejects(stage({ rules: false }).create(creation("a")), { name: "SECURITY_DISABLED" });
    const { find, create, remove } = stage({ allowed: false });
    for (const call of [find(), create(creation("a")), remove(filter())])
      await assert.rejects(call, { name: "CLUSTER_AUTHORIZATION_FAILED" });
  });
});
