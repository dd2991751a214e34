import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { offsetCommit } from "../../../src/broker/08-offset-commit.ts";
import { offsetFetch } from "../../../src/broker/09-offset-fetch.ts";
import { findCoordinator } from "../../../src/broker/10-find-coordinator.ts";
import { joinGroup } from "../../../src/broker/11-join-group.ts";
import { heartbeat } from "../../../src/broker/12-heartbeat.ts";
import { leaveGroup } from "../../../src/broker/13-leave-group.ts";
import { syncGroup } from "../../../src/broker/14-sync-group.ts";
import { describeGroups } from "../../../src/broker/15-describe-groups.ts";
import { listGroups } from "../../../src/broker/16-list-groups.ts";
import { deleteGroups } from "../../../src/broker/42-delete-groups.ts";
import { offsetDelete } from "../../../src/broker/47-offset-delete.ts";
import { type Access, OPEN_ACCESS } from "../../../src/broker/access.ts";
import type { BrokerApi } from "../../../src/broker/api.ts";
import { ErrorCode, type KafkaErrorName } from "../../../src/kafka/wire/errors.ts";
import { ask, NOTHING, TOPIC, versionsOf } from "./asking.ts";
import { SESSION_MS, subscription, there, World } from "./world.ts";

const OTHER_ID = "22222222-2222-2222-2222-222222222222";
const { NONE } = ErrorCode;

describe("a member's life, in every version", () => {
  const joining = { groupId: "g", sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: SESSION_MS, protocolType: "consumer" };
  const protocols = [{ name: "range", metadata: subscription("t") }];

  /** From the oldest versions to the newest; APIs with fewer versions stay at their newest. */
  for (const version of versionsOf(joinGroup))
    test(`it joins (version ${version}), syncs, lives, commits, and leaves`, async () => {
      const world = new World();
      const at = <Of extends { versions: { min: number; max: number } }>(of: Of) => ({
        of,
        version: Math.min(Math.max(version, of.versions.min), of.versions.max),
      });
      let joined = await ask(world, { of: joinGroup, version }, { ...joining, protocols });
      if (version >= 4) {
        assert.equal(joined.errorCode, ErrorCode.MEMBER_ID_REQUIRED);
        joined = await ask(world, { of: joinGroup, version }, { ...joining, protocols, memberId: joined.memberId });
      }
      const { memberId, generationId } = joined;
      assert.deepEqual([joined.errorCode, generationId, joined.leader, joined.protocolName], [NONE, 1, memberId, "range"]);
      const assignments = [{ memberId, assignment: Uint8Array.of(1, 2) }];
      const claim = { groupId: "g", memberId, generationId };
      const synced = await ask(world, at(syncGroup), { ...claim, protocolType: "consumer", protocolName: "range", assignments });
      assert.deepEqual([synced.errorCode, [...synced.assignment]], [NONE, [1, 2]]);
      assert.equal((await ask(world, at(heartbeat), claim)).errorCode, NONE);
      const partitions = [{ partitionIndex: 0, committedOffset: 4, committedLeaderEpoch: 2, committedMetadata: "m" }];
      const topics = [{ name: "t", topicId: TOPIC.id, partitions }];
      const commit = { groupId: "g", memberId, generationIdOrMemberEpoch: generationId, topics };
      const committed = await ask(world, at(offsetCommit), commit);
      assert.deepEqual(committed.topics[0]?.partitions, [{ partitionIndex: 0, errorCode: NONE }]);
      const members = [{ memberId, groupInstanceId: null, reason: null }];
      const left = await ask(world, at(leaveGroup), { groupId: "g", memberId, members });
      assert.deepEqual([left.errorCode, left.members[0]?.errorCode ?? NONE, world.state], [NONE, NONE, "Empty"]);
    });

  for (const version of versionsOf(offsetFetch))
    test(`its offsets are fetched (version ${version})`, async () => {
      const world = new World();
      await world.commit();
      const topics = [{ name: "t", topicId: TOPIC.id, partitionIndexes: [0, 1] }];
      const groups = [{ groupId: "g", memberId: null, memberEpoch: -1, topics }];
      const answer = await ask(world, { of: offsetFetch, version }, { groupId: "g", topics, groups });
      const told = version >= 8 ? answer.groups[0]?.topics : answer.topics;
      assert.deepEqual(
        told?.[0]?.partitions.map(({ partitionIndex, committedOffset, errorCode }) => [partitionIndex, committedOffset, errorCode]),
        [
          [0, 5, NONE],
          [1, -1, NONE],
        ],
      );
      if (version < 2) return;
      const all = await ask(
        world,
        { of: offsetFetch, version },
        { groupId: "g", topics: null, groups: [{ ...there(groups[0]), topics: null }] },
      );
      const allTold = version >= 8 ? all.groups[0]?.topics : all.topics;
      assert.deepEqual(
        allTold?.map(({ partitions }) => partitions.length),
        [1],
      );
    });
});

describe("offsets over the wire", () => {
  const partitions = [{ partitionIndex: 0, committedOffset: 4, committedLeaderEpoch: -1, committedMetadata: null }];
  const commit = async (name: string, { version = 10, topicId = TOPIC.id, access = OPEN_ACCESS } = {}): Promise<number | undefined> => {
    const request = { groupId: "g", generationIdOrMemberEpoch: -1, topics: [{ name, topicId, partitions }] };
    return (await ask(new World(), { of: offsetCommit, version, access }, request)).topics[0]?.partitions[0]?.errorCode;
  };

  test("of topics that there are not, or that are not allowed, are refused", async () => {
    assert.equal(await commit("t", { version: 9 }), NONE);
    assert.equal(await commit("u", { version: 9 }), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assert.equal(await commit("", { topicId: OTHER_ID }), ErrorCode.UNKNOWN_TOPIC_ID);
    assert.equal(await commit("t", { access: NOTHING }), ErrorCode.GROUP_AUTHORIZATION_FAILED);
    const groupsOnly: Access = { ...NOTHING, allows: (_client, _operation, { type }) => type === "group" };
    assert.equal(await commit("t", { version: 9, access: groupsOnly }), ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  });

  test("in an open transaction make the client ask again, if it wants stable ones", async () => {
    const world = new World();
    await world.groups.beginTxnOffsets(9, {
      group: "g",
      memberId: "",
      instanceId: null,
      generation: -1,
      retentionMs: -1,
      offsets: [{ topic: "t", partition: 0, offset: 1, leaderEpoch: -1, metadata: null }],
    });
    const topics = [{ name: "t", topicId: TOPIC.id, partitionIndexes: [0] }];
    const codeOf = async (requireStable: boolean): Promise<number | undefined> =>
      (await ask(world, { of: offsetFetch, version: 7 }, { groupId: "g", topics, requireStable })).topics[0]?.partitions[0]?.errorCode;
    assert.deepEqual([await codeOf(true), await codeOf(false)], [ErrorCode.UNSTABLE_OFFSET_COMMIT, NONE]);
  });

  test("the newest commits hear that a group is not there, older ones that the generation is none", async () => {
    const codeOf = async (version: number): Promise<number | undefined> => {
      const request = { groupId: "g", memberId: "m", generationIdOrMemberEpoch: 3, topics: [{ name: "t", topicId: TOPIC.id, partitions }] };
      return (await ask(new World(), { of: offsetCommit, version }, request)).topics[0]?.partitions[0]?.errorCode;
    };
    assert.deepEqual([await codeOf(8), await codeOf(9)], [ErrorCode.ILLEGAL_GENERATION, ErrorCode.GROUP_ID_NOT_FOUND]);
  });

  test("are deleted", async () => {
    const world = new World();
    await world.commit();
    const topics = ["t", "u"].map((name) => ({ name, partitions: [{ partitionIndex: 0 }] }));
    const answer = await ask(world, { of: offsetDelete, version: 0 }, { groupId: "g", topics });
    assert.deepEqual(
      answer.topics.map(({ partitions: told }) => told[0]?.errorCode),
      [NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    );
    assert.deepEqual(world.groups.offsets("g"), []);
    assert.equal((await ask(world, { of: offsetDelete, version: 0 }, { groupId: "h", topics })).errorCode, ErrorCode.GROUP_ID_NOT_FOUND);
  });
});

describe("groups are looked at", () => {
  for (const version of versionsOf(describeGroups))
    test(`one by one (version ${version})`, async () => {
      const world = new World();
      const [only] = await world.stable(1);
      const answer = await ask(world, { of: describeGroups, version }, { groups: ["g", "h"], includeAuthorizedOperations: true });
      const [known, missing] = answer.groups;
      const member = there(known?.members[0]);
      assert.deepEqual([known?.groupState, known?.protocolData, member.memberId], ["Stable", "range", there(only).memberId]);
      assert.deepEqual(member.memberMetadata, Buffer.from(subscription("t")));
      assert.deepEqual([missing?.groupState, missing?.errorCode], ["Dead", version >= 6 ? ErrorCode.GROUP_ID_NOT_FOUND : NONE]);
      assert.equal(known?.authorizedOperations, version >= 3 ? (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11) : -(2 ** 31));
    });

  test("what members said is told of a stable group alone", async () => {
    const world = new World();
    await world.stable(1);
    await world.join();
    const [group] = (await ask(world, { of: describeGroups, version: 5 }, { groups: ["g"] })).groups;
    assert.deepEqual([group?.groupState, group?.protocolData, group?.members[0]?.memberMetadata.length], ["PreparingRebalance", "", 0]);
  });

  const FILTERS: readonly [{ statesFilter?: string[]; typesFilter?: string[] }, readonly string[]][] = [
    [{}, ["g", "simple"]],
    [{ statesFilter: ["stable"] }, ["g"]],
    [{ statesFilter: ["Empty", "Dead"] }, ["simple"]],
    [{ statesFilter: ["none such"] }, []],
    [{ typesFilter: ["Classic"] }, ["g", "simple"]],
    [{ typesFilter: ["consumer"] }, []],
  ];
  for (const [filter, names] of FILTERS)
    test(`all of ${JSON.stringify(filter)}`, async () => {
      const world = new World();
      await world.stable(1);
      await world.commit({ group: "simple" });
      const { groups } = await ask(world, { of: listGroups, version: 5 }, filter);
      assert.deepEqual(
        groups.map(({ groupId }) => groupId),
        names,
      );
    });

  test("and only those that the client may see", async () => {
    const world = new World();
    await world.commit({ group: "a" });
    await world.commit({ group: "b" });
    const access: Access = { ...NOTHING, allows: (_client, _operation, { name }) => name === "b" };
    const { groups } = await ask(world, { of: listGroups, version: 0, access }, {});
    assert.deepEqual(
      groups.map(({ groupId }) => groupId),
      ["b"],
    );
  });

  test("those that are empty are deleted, others not", async () => {
    const world = new World();
    await world.stable(1);
    await world.commit({ group: "simple" });
    const { results } = await ask(world, { of: deleteGroups, version: 2 }, { groupsNames: ["g", "simple", "none", "g"] });
    assert.deepEqual(
      results.map(({ groupId, errorCode }) => [groupId, errorCode]),
      [
        ["g", ErrorCode.NON_EMPTY_GROUP],
        ["simple", NONE],
        ["none", ErrorCode.GROUP_ID_NOT_FOUND],
      ],
    );
  });
});

describe("the coordinator is found", () => {
  const KEYS: readonly [string, number, string, number, KafkaErrorName][] = [
    ["of a group", 0, "g", 4, "NONE"],
    ["of a transaction", 1, "tx", 4, "NONE"],
    ["of a share group", 2, "g:AAAAAAAAAAAAAAAAAAAAAA:0", 6, "NONE"],
    ["not of a share group by a client that cannot know of it", 2, "g:AAAAAAAAAAAAAAAAAAAAAA:0", 5, "INVALID_REQUEST"],
    ["not of half of a share key", 2, "g:0", 6, "INVALID_REQUEST"],
    ["not of something else", 3, "g", 6, "INVALID_REQUEST"],
  ];
  for (const [what, keyType, key, version, error] of KEYS)
    test(what, async () => {
      const { coordinators } = await ask(new World(), { of: findCoordinator, version }, { keyType, coordinatorKeys: [key] });
      const [{ nodeId, port, errorCode } = { nodeId: 0, port: 0, errorCode: 0 }] = coordinators;
      assert.deepEqual([errorCode, nodeId, port], error === "NONE" ? [NONE, 1, 9092] : [ErrorCode[error], -1, -1]);
    });

  for (const version of [0, 1, 2, 3])
    test(`of a single key (version ${version})`, async () => {
      const { nodeId, host, port, errorCode } = await ask(new World(), { of: findCoordinator, version }, { key: "g" });
      assert.deepEqual([errorCode, nodeId, host, port], [NONE, 1, "here", 9092]);
    });

  test("by those who may know", async () => {
    const answer = await ask(new World(), { of: findCoordinator, version: 4, access: NOTHING }, { keyType: 1, coordinatorKeys: ["tx"] });
    assert.equal(answer.coordinators[0]?.errorCode, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  });
});

describe("whoever may not use a group hears so in every version", () => {
  const { GROUP_AUTHORIZATION_FAILED } = ErrorCode;
  type Refusing = BrokerApi<object, { readonly errorCode: number }>;
  const refusing = [joinGroup, heartbeat, leaveGroup, syncGroup, offsetDelete] as unknown as readonly Refusing[]; // All have these.
  for (const api of refusing)
    for (const version of versionsOf(api))
      test(`${api.api.name} ${version}`, async () => {
        const request = { groupId: "g", protocolType: "consumer", protocolName: "range" };
        const { errorCode } = await ask(new World(), { of: api, version, access: NOTHING }, request);
        assert.equal(errorCode, GROUP_AUTHORIZATION_FAILED);
      });
});
