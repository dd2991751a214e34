// SCRAM users as they are kept, and the two APIs that change and describe them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeUserScramCredentials } from "../../../src/broker/50-describe-user-scram-credentials.ts";
import { alterUserScramCredentials } from "../../../src/broker/51-alter-user-scram-credentials.ts";
import type { ScramMechanism } from "../../../src/broker/sasl/exchange.ts";
import { ScramUsers } from "../../../src/broker/sasl/scram-users.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { ErrorCode, type KafkaErrorName } from "../../../src/kafka/wire/errors.ts";
import { contextOf } from "../asking.ts";
import { type FakeMemory, fakeMemory } from "../memory.ts";

const stage = (memory: FakeMemory = fakeMemory(), allowed = true) => {
  const scram = new ScramUsers(memory);
  const context = contextOf({ security: { mechanisms: [], passwords: new Map(), scram }, allowed });
  return {
    scram,
    memory,
    alter: async (request: Parameters<typeof alterUserScramCredentials.handle>[0]) => alterUserScramCredentials.handle(request, context),
    describe: async (...names: readonly string[]) =>
      describeUserScramCredentials.handle({ users: names.length === 0 ? null : names.map((name) => ({ name })) }, context),
  };
};

const upsertion = (
  name: string,
  of: { readonly mechanism?: number; readonly iterations?: number; readonly saltedPassword?: Uint8Array } = {},
) => ({
  name,
  mechanism: 1,
  iterations: 4_096,
  salt: utf8("salt"),
  saltedPassword: utf8("salted password"),
  ...of,
});
const outcome = (user: string, name: KafkaErrorName = "NONE", errorMessage: string | null = null) => ({
  user,
  errorCode: ErrorCode[name],
  errorMessage,
});
const MECHANISM: ScramMechanism = "SCRAM-SHA-256";

describe("AlterUserScramCredentials", () => {
  it("keeps keys, never what they are made of, also for the next start", async () => {
    const { alter, memory } = stage();
    await alter({ deletions: [], upsertions: [upsertion("alice")] });
    const again = new ScramUsers(memory);
    assert.equal(again.find(MECHANISM, "alice")?.storedKey.length, 32);
    assert.deepEqual(again.users(), ["alice"]);
    const kept = JSON.stringify([...memory.kept]);
    for (const secret of ["salted password", Buffer.from("salted password").toString("base64")]) assert.ok(!kept.includes(secret));
  });

  it("judges each user alone", async () => {
    const { alter, scram } = stage();
    await alter({ deletions: [], upsertions: [upsertion("old"), upsertion("gone")] });
    const response = await alter({
      deletions: [
        { name: "old", mechanism: 1 },
        { name: "nobody", mechanism: 1 },
        { name: "gone", mechanism: 1 },
      ],
      upsertions: [
        upsertion("new"),
        upsertion("gone"),
        upsertion("nobody"),
        upsertion("twice"),
        upsertion("twice"),
        upsertion("few", { iterations: 4_095 }),
        upsertion("many", { iterations: 16_385 }),
        upsertion("odd", { mechanism: 3 }),
        upsertion("empty", { saltedPassword: new Uint8Array(0) }),
        upsertion(""),
      ],
    });
    assert.deepEqual(response?.results, [
      outcome("old"),
      outcome("nobody", "RESOURCE_NOT_FOUND", "Attempt to delete a user credential that does not exist"),
      outcome("gone", "DUPLICATE_RESOURCE", "A user credential cannot be altered twice in the same request"),
      outcome("new"),
      outcome("twice", "DUPLICATE_RESOURCE", "A user credential cannot be altered twice in the same request"),
      outcome("few", "UNACCEPTABLE_CREDENTIAL", "Too few iterations"),
      outcome("many", "UNACCEPTABLE_CREDENTIAL", "Too many iterations"),
      outcome("odd", "UNSUPPORTED_SASL_MECHANISM", "Unknown SCRAM mechanism"),
      outcome("empty", "UNACCEPTABLE_CREDENTIAL", "Salted password must not be empty"),
      outcome("", "UNACCEPTABLE_CREDENTIAL", "Username must not be empty"),
    ]);
    assert.deepEqual(scram.users(), ["gone", "new"]);
  });

  it("changes nothing that cannot be kept", async () => {
    const { alter, scram, memory } = stage();
    memory.fail();
    await assert.rejects(alter({ deletions: [], upsertions: [upsertion("alice")] }), { name: "KAFKA_STORAGE_ERROR" });
    assert.deepEqual(scram.users(), []);
  });

  it("is not for those who may not alter the cluster", async () => {
    const { alter } = stage(fakeMemory(), false);
    const request = { deletions: [{ name: "a", mechanism: 1 }], upsertions: [upsertion("b"), upsertion("a")] };
    await assert.rejects(alter(request), { name: "CLUSTER_AUTHORIZATION_FAILED" });
    const refusal = alterUserScramCredentials.refuse(request, { code: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, message: "no" });
    assert.deepEqual(
      refusal.results.map(({ user }) => user),
      ["a", "b"],
    );
  });
});

describe("DescribeUserScramCredentials", () => {
  it("tells of all users, or of those that are asked for, once each", async () => {
    const { alter, describe } = stage();
    await alter({ deletions: [], upsertions: [upsertion("alice"), upsertion("bob", { mechanism: 2, iterations: 8_192 })] });
    await alter({ deletions: [], upsertions: [upsertion("alice", { mechanism: 2 })] });
    const alice = {
      ...outcome("alice", "NONE", ""),
      credentialInfos: [
        { mechanism: 1, iterations: 4_096 },
        { mechanism: 2, iterations: 4_096 },
      ],
    };
    const bob = { ...outcome("bob", "NONE", ""), credentialInfos: [{ mechanism: 2, iterations: 8_192 }] };
    assert.deepEqual((await describe())?.results, [alice, bob]);
    assert.deepEqual((await describe("bob"))?.results, [bob]);
    assert.deepEqual((await describe("carol", "bob", "bob"))?.results, [
      {
        ...outcome("carol", "RESOURCE_NOT_FOUND", "Attempt to describe a user credential that does not exist: carol"),
        credentialInfos: [],
      },
      {
        ...outcome("bob", "DUPLICATE_RESOURCE", "Cannot describe SCRAM credentials for the same user twice in a single request: bob"),
        credentialInfos: [],
      },
    ]);
  });

  it("is not for those who may not describe the cluster", async () => {
    await assert.rejects(stage(fakeMemory(), false).describe(), { name: "CLUSTER_AUTHORIZATION_FAILED" });
  });
});
