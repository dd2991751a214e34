import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Verdict } from "../../../src/broker/groups/classic-terms.ts";
import { commitOf, offsetOf, there, turn, World } from "./world.ts";

const AT = { group: "g", topic: "t", partition: 0 };
const committed = (world: World): number | undefined => world.groups.offset(AT)?.offset;
const EMPTY_SINCE_MS = 3_600_000;

/** A group with one member that has left. */
const left = async (world: World): Promise<void> => {
  const [only] = await world.stable(1);
  await world.commit({ memberId: there(only).memberId, generation: world.generation });
  world.groups.leave("g", [{ memberId: there(only).memberId, instanceId: null }]);
  await turn();
};

describe("offsets are committed", () => {
  test("by nobody who is a member, in a group that there was not; and are there after a restart", async () => {
    const world = new World();
    const offsets = [offsetOf(5, { leaderEpoch: 3, metadata: "m" }), offsetOf(7, { partition: 1 })];
    assert.deepEqual(await world.commit({ offsets }), { each: ["NONE", "NONE"] });
    world.restart();
    assert.equal(world.state, "Empty");
    assert.partialDeepStrictEqual(world.groups.offset(AT), { offset: 5, leaderEpoch: 3, metadata: "m" });
    assert.equal(world.groups.offset({ ...AT, partition: 1 })?.metadata, "");
  });

  test("and answered when they are durable, not before they can be seen", async () => {
    const world = new World();
    world.store.mode = "held";
    let answered = false;
    const commit = world.commit().then(() => {
      answered = true;
    });
    await turn();
    assert.deepEqual([answered, committed(world)], [false, undefined]);
    world.store.release();
    await commit;
    assert.equal(committed(world), 5);
  });

  test("but not when they cannot be kept", async () => {
    const world = new World();
    world.store.mode = "full";
    assert.deepEqual(await world.commit(), { all: "NOT_COORDINATOR" });
    assert.equal(committed(world), undefined);
  });

  test("metadata that is too long is refused for its partition alone", async () => {
    const world = new World();
    const offsets = [offsetOf(1, { metadata: "123456789" }), offsetOf(2, { partition: 1, metadata: "12345678" })];
    assert.deepEqual(await world.commit({ offsets }), { each: ["OFFSET_METADATA_TOO_LARGE", "NONE"] });
    assert.deepEqual([committed(world), world.groups.offset({ ...AT, partition: 1 })?.offset], [undefined, 2]);
  });

  const CLAIMS: readonly [string, { readonly memberId?: string; readonly more?: number; readonly nobody?: true }, Verdict | undefined][] = [
    ["a member of the generation may", {}, undefined],
    ["one of an older generation may not", { more: -1 }, "ILLEGAL_GENERATION"],
    ["one that is not known may not", { memberId: "nobody" }, "UNKNOWN_MEMBER_ID"],
    ["nobody may while there are members", { nobody: true }, "UNKNOWN_MEMBER_ID"],
  ];
  for (const [what, { memberId, more = 0, nobody }, refused] of CLAIMS)
    test(what, async () => {
      const world = new World();
      const [leader] = await world.stable(1);
      const claim = nobody ? {} : { memberId: memberId ?? there(leader).memberId, generation: world.generation + more };
      assert.deepEqual(await world.commit(claim), refused ? { all: refused } : { each: ["NONE"] });
    });

  test("a member that knows the generation and not yet its assignment is told to wait", async () => {
    const world = new World();
    const joined = await world.join();
    await world.pass(0);
    const { memberId, generation } = there(joined.answer);
    assert.deepEqual(await world.commit({ memberId, generation }), { all: "REBALANCE_IN_PROGRESS" });
  });

  test("a generation of a group that there is not is none", async () => {
    assert.deepEqual(await new World().commit({ generation: 1, memberId: "m" }), { all: "ILLEGAL_GENERATION" });
  });
});

describe("offsets of a transaction", () => {
  test("count when it is committed, also by a broker that was restarted", async () => {
    const world = new World();
    assert.deepEqual(await world.groups.beginTxnOffsets(9, commitOf()), { each: ["NONE"] });
    world.restart();
    assert.deepEqual([committed(world), world.groups.isPending(AT)], [undefined, true]);
    await world.groups.completeTxnOffsets("g", { producerId: 9, outcome: "commit" });
    assert.deepEqual([committed(world), world.groups.isPending(AT)], [5, false]);
    world.restart();
    assert.deepEqual([committed(world), world.groups.isPending(AT)], [5, false]);
  });

  test("are as if they had not been when it is aborted", async () => {
    const world = new World();
    await world.commit({ offsets: [offsetOf(1)] });
    await world.groups.beginTxnOffsets(9, commitOf());
    await world.groups.completeTxnOffsets("g", { producerId: 9, outcome: "abort" });
    world.restart();
    assert.deepEqual([committed(world), world.groups.isPending(AT)], [1, false]);
  });

  test("of another producer stay as they are", async () => {
    const world = new World();
    await world.groups.beginTxnOffsets(9, commitOf());
    await world.groups.completeTxnOffsets("g", { producerId: 8, outcome: "commit" });
    assert.deepEqual([committed(world), world.groups.isPending(AT)], [undefined, true]);
  });

  test("do not take back what was committed after them", async () => {
    const world = new World();
    await world.groups.beginTxnOffsets(9, commitOf({ offsets: [offsetOf(2)] }));
    await world.pass(1);
    await world.commit({ offsets: [offsetOf(8)] });
    await world.groups.completeTxnOffsets("g", { producerId: 9, outcome: "commit" });
    assert.equal(committed(world), 8);
  });

  test("are gone when the offset is deleted before the end, whatever the end", async () => {
    const world = new World();
    await world.commit({ offsets: [offsetOf(1)] });
    await world.groups.beginTxnOffsets(9, commitOf());
    assert.deepEqual(await world.groups.deleteOffsets("g", [AT]), { each: ["NONE"] });
    await world.groups.completeTxnOffsets("g", { producerId: 9, outcome: "commit" });
    assert.deepEqual([committed(world), world.groups.isPending(AT)], [undefined, false]);
  });

  test("one that ends while they are being kept waits for them", async () => {
    const world = new World();
    world.store.mode = "held";
    const begun = world.groups.beginTxnOffsets(9, commitOf());
    const ended = world.groups.completeTxnOffsets("g", { producerId: 9, outcome: "commit" });
    world.store.release();
    await Promise.all([begun, ended]);
    assert.deepEqual([committed(world), world.groups.isPending(AT)], [5, false]);
  });

  test("a member that is fenced may not commit, and one that says nothing of itself may", async () => {
    const world = new World();
    const [leader] = await world.stable(1);
    const { memberId } = there(leader);
    assert.deepEqual(await world.groups.beginTxnOffsets(9, commitOf({ memberId, generation: 0 })), { all: "ILLEGAL_GENERATION" });
    assert.deepEqual(await world.groups.beginTxnOffsets(9, commitOf({ memberId: "nobody", generation: 1 })), { all: "UNKNOWN_MEMBER_ID" });
    assert.deepEqual(await world.groups.beginTxnOffsets(9, commitOf()), { each: ["NONE"] });
  });
});

describe("offsets go", () => {
  test("with their group, which must be empty", async () => {
    const world = new World();
    const [only] = await world.stable(1);
    const { memberId } = there(only);
    await world.commit({ memberId, generation: world.generation });
    assert.equal(await world.groups.delete("g"), "NON_EMPTY_GROUP");
    world.groups.leave("g", [{ memberId, instanceId: null }]);
    assert.equal(await world.groups.delete("g"), "NONE");
    assert.deepEqual([world.state, committed(world), world.store.entries.size], [undefined, undefined, 0]);
    assert.equal(await world.groups.delete("g"), "GROUP_ID_NOT_FOUND");
  });

  test("a commit that is being kept while its group is deleted leaves nothing behind", async () => {
    const world = new World();
    await world.commit();
    world.store.mode = "held";
    const commit = world.commit({ offsets: [offsetOf(6, { partition: 4 })] });
    const deleted = world.groups.delete("g");
    assert.deepEqual(await world.commit(), { all: "COORDINATOR_NOT_AVAILABLE" });
    world.store.release();
    assert.deepEqual([await commit, await deleted], [{ each: ["NONE"] }, "NONE"]);
    assert.equal(world.store.entries.size, 0);
  });

  test("a group that cannot be deleted stays, with its offsets", async () => {
    const world = new World();
    await world.commit();
    world.store.mode = "full";
    assert.equal(await world.groups.delete("g"), "NOT_COORDINATOR");
    world.store.mode = "durable";
    assert.deepEqual([committed(world), world.state, await world.commit()], [5, "Empty", { each: ["NONE"] }]);
  });

  test("one by one, but for topics that members read", async () => {
    const world = new World();
    const [only] = await world.stable(1);
    const offsets = [offsetOf(1), offsetOf(2, { topic: "other" })];
    await world.commit({ memberId: there(only).memberId, generation: world.generation, offsets });
    const places = [AT, { ...AT, topic: "other" }, { ...AT, topic: "other", partition: 9 }];
    assert.deepEqual(await world.groups.deleteOffsets("g", places), { each: ["GROUP_SUBSCRIBED_TO_TOPIC", "NONE", "NONE"] });
    assert.deepEqual([committed(world), world.groups.offset({ ...AT, topic: "other" })], [1, undefined]);
    assert.deepEqual(await world.groups.deleteOffsets("nowhere", places), { all: "GROUP_ID_NOT_FOUND" });
  });

  test("not while members are no consumers", async () => {
    const world = new World();
    await world.stable(1, { protocolType: "connect" });
    assert.deepEqual(await world.groups.deleteOffsets("g", [AT]), { all: "NON_EMPTY_GROUP" });
  });

  test("with their topic, in all groups", async () => {
    const world = new World();
    await world.commit();
    await world.commit({ group: "h", offsets: [offsetOf(1), offsetOf(2, { topic: "other" })] });
    await world.groups.beginTxnOffsets(9, commitOf());
    await world.groups.topicDeleted("t");
    world.restart();
    assert.deepEqual([committed(world), world.groups.isPending(AT), world.groups.offsets("h").length], [undefined, false, 1]);
  });
});

describe("offsets grow old", () => {
  test("since the group is empty, and the group goes with them", async () => {
    const world = new World();
    await left(world);
    await world.pass(EMPTY_SINCE_MS - 1);
    await world.groups.expire();
    assert.equal(committed(world), 5);
    await world.pass(1);
    await world.groups.expire();
    assert.deepEqual([committed(world), world.state], [undefined, undefined]);
  });

  test("since their commit where nobody ever was a member; newer ones stay", async () => {
    const world = new World();
    await world.commit();
    await world.pass(EMPTY_SINCE_MS - 1);
    await world.commit({ offsets: [offsetOf(6, { partition: 1 })] });
    await world.pass(1);
    await world.groups.expire();
    assert.deepEqual([committed(world), world.groups.offsets("g").length], [undefined, 1]);
  });

  test("when the client said so", async () => {
    const world = new World();
    await world.commit({ retentionMs: 1_000 });
    await world.pass(999);
    await world.groups.expire();
    assert.equal(committed(world), 5);
    await world.pass(1);
    await world.groups.expire();
    assert.equal(committed(world), undefined);
  });

  test("not in a group that reads their topic, and not without being looked at", async () => {
    const world = new World();
    const [only] = await world.stable(1, { sessionTimeoutMs: 60_000 });
    const { memberId } = there(only);
    await world.commit({ memberId, generation: world.generation, offsets: [offsetOf(1), offsetOf(2, { topic: "other" })] });
    for (let ms = 0; ms <= EMPTY_SINCE_MS + 600_000; ms += 30_000) {
      assert.equal(world.heartbeat(memberId), "NONE");
      await world.pass(30_000);
    }
    assert.deepEqual([committed(world), world.groups.offset({ ...AT, topic: "other" })], [1, undefined]);
  });
});
