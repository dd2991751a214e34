import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Beat } from "../../../src/broker/groups/consumer-member.ts";
import { beat, group, join, owned, plain, REBALANCE_MS, refused } from "./consumers.ts";
import { commitOf, offsetOf, there, turn, World } from "./world.ts";

const SESSION_MS = 45_000;

/** `a` has 0 and 1, `b` has 2 and 3, at epoch 2. */
const two = async (world: World, more: Partial<Beat> = {}): Promise<void> => {
  await join(world, "a", { ...more, instanceId: more.instanceId == null ? null : `${more.instanceId}a` });
  const instanceId = more.instanceId == null ? null : `${more.instanceId}b`;
  await join(world, "b", { ...more, instanceId });
  const a = { instanceId: more.instanceId == null ? null : `${more.instanceId}a` };
  await beat(world, ["a", 1], { ...a, owned: owned("0123") });
  await beat(world, ["a", 1], { ...a, owned: owned("01") });
  await beat(world, ["b", 2], { instanceId, owned: owned("") });
  assert.equal(group(world).state, "Stable");
};

describe("the coordinator shares out", () => {
  test("all to the first member, and what it lets go of to the next one", async () => {
    const world = new World();
    const first = await join(world, "a");
    assert.deepEqual([first.epoch, plain(first.assignment)], [1, "0123"]);
    const second = await join(world, "b");
    assert.deepEqual([second.epoch, plain(second.assignment), group(world).state], [2, "", "Reconciling"]);
    const told = await beat(world, ["a", 1], { owned: owned("0123") });
    assert.deepEqual([told.epoch, plain(told.assignment)], [1, "01"]);
    assert.equal((await beat(world, ["b", 2])).assignment, undefined);
    assert.equal((await beat(world, ["a", 1], { owned: owned("01") })).epoch, 2);
    assert.equal(plain((await beat(world, ["b", 2])).assignment), "23");
    assert.equal(group(world).state, "Stable");
  });

  test("what a member leaves behind goes to the others", async () => {
    const world = new World();
    await two(world);
    assert.equal((await beat(world, ["b", -1])).epoch, -1);
    const told = await beat(world, ["a", 2]);
    assert.deepEqual([told.epoch, plain(told.assignment)], [3, "0123"]);
    await beat(world, ["a", -1]);
    assert.equal(group(world).state, "Empty");
  });

  test("partitions that are new, and topics that are made, are shared out", async () => {
    const world = new World();
    world.topics = [];
    assert.equal(plain((await join(world, "a")).assignment), "");
    world.topics = [{ id: "T", name: "t", partitions: 2 }];
    assert.equal(plain((await beat(world, ["a", 1])).assignment), "01");
    world.topics = [{ id: "T", name: "t", partitions: 3 }];
    assert.equal(plain((await beat(world, ["a", 2])).assignment), "012");
  });

  test("a member that wants something else gets that", async () => {
    const world = new World();
    world.topics = [...world.topics, { id: "U", name: "u", partitions: 1 }];
    await join(world, "a");
    const letGo = await beat(world, ["a", 1], { topics: ["u"], owned: owned("") });
    assert.deepEqual([...there(letGo.assignment)], [["U", new Set([0])]]);
  });

  test("one that still lets go of something lets go at once of what it does not want any more", async () => {
    const world = new World();
    world.topics = [...world.topics, { id: "U", name: "u", partitions: 1 }];
    await join(world, "a", { topics: ["t", "u"] });
    const first = await beat(world, ["a", 1], { topics: ["u"] });
    assert.deepEqual([...(first.assignment?.keys() ?? [])], ["U"]);
    assert.equal((await beat(world, ["a", 1], { topics: [] })).assignment?.size, 0);
    assert.equal((await beat(world, ["a", 1], { owned: owned("") })).epoch, 3);
  });

  test("by range when most members ask for it", async () => {
    const world = new World();
    world.topics = [{ id: "T", name: "t", partitions: 5 }];
    await join(world, "a", { assignor: "range" });
    await join(world, "b", { assignor: "range" });
    assert.equal(group(world).assignor, "range");
    assert.deepEqual([plain(group(world).targetOf("a")), plain(group(world).targetOf("b"))], ["012", "34"]);
  });
});

describe("members are fenced", () => {
  test("at another epoch than theirs; but for one that did not hear of the last step", async () => {
    const world = new World();
    await two(world);
    await refused(beat(world, ["a", 3]), "FENCED_MEMBER_EPOCH");
    await refused(beat(world, ["a", 1]), "FENCED_MEMBER_EPOCH");
    await refused(beat(world, ["a", 1], { owned: owned("0123") }), "FENCED_MEMBER_EPOCH");
    assert.equal((await beat(world, ["a", 1], { owned: owned("01") })).epoch, 2);
    // One that has given up what it had may join again under its id.
    for (const again of [await join(world, "a"), await join(world, "a")])
      assert.deepEqual([again.epoch, plain(again.assignment)], [2, "01"]);
  });

  test("when they are not known, or the group is not", async () => {
    const world = new World();
    await refused(beat(world, ["a", 1]), "GROUP_ID_NOT_FOUND");
    await join(world, "a");
    await refused(beat(world, ["b", 1]), "UNKNOWN_MEMBER_ID");
    await refused(beat(world, ["b", -1]), "UNKNOWN_MEMBER_ID");
  });

  test("when they are silent for a session", async () => {
    const world = new World();
    await two(world);
    await world.pass(SESSION_MS - 1);
    await beat(world, ["a", 2]);
    await world.pass(1);
    await refused(beat(world, ["b", 2]), "UNKNOWN_MEMBER_ID");
    assert.equal(plain((await beat(world, ["a", 2])).assignment), "0123");
  });

  test("when they do not let go in time", async () => {
    const world = new World();
    await join(world, "a");
    await join(world, "b");
    await beat(world, ["a", 1], { owned: owned("0123") });
    await world.pass(REBALANCE_MS - 1);
    await beat(world, ["a", 1], { owned: owned("0123") });
    await world.pass(1);
    await refused(beat(world, ["a", 1]), "UNKNOWN_MEMBER_ID");
    assert.equal(plain((await beat(world, ["b", 2])).assignment), "0123");
  });
});

describe("static members", () => {
  test("one that leaves for now comes back under another id to what it had", async () => {
    const world = new World();
    await two(world, { instanceId: "i" });
    const epoch = group(world).epoch;
    assert.equal((await beat(world, ["b", -2], { instanceId: "ib" })).epoch, -2);
    const back = await join(world, "c", { instanceId: "ib" });
    assert.deepEqual([plain(back.assignment), back.epoch, group(world).epoch], ["23", epoch, epoch]);
    await refused(beat(world, ["b", 2], { instanceId: "ib" }), "FENCED_INSTANCE_ID");
  });

  test("nobody takes the place of one that is there", async () => {
    const world = new World();
    await two(world, { instanceId: "i" });
    await refused(join(world, "c", { instanceId: "ib" }), "UNRELEASED_INSTANCE_ID");
  });
});

describe("consumer groups beside everything else", () => {
  test("are as they were after a restart", async () => {
    const world = new World();
    await two(world);
    world.restart();
    assert.deepEqual([group(world).state, group(world).epoch], ["Stable", 2]);
    assert.deepEqual([(await beat(world, ["a", 2])).epoch, (await beat(world, ["b", 2])).epoch], [2, 2]);
    await world.pass(SESSION_MS);
    assert.equal(group(world).state, "Empty");
  });

  test("a heartbeat is answered when what it changed is durable", async () => {
    const world = new World();
    world.store.mode = "held";
    let answered = false;
    const joined = join(world, "a").then(() => {
      answered = true;
    });
    await turn();
    assert.equal(answered, false);
    world.store.release();
    await joined;
    world.store.mode = "full";
    await refused(join(world, "b"), "COORDINATOR_NOT_AVAILABLE");
  });

  test("offsets are committed by members of the epoch, and by nobody else while there are members", async () => {
    const world = new World();
    await join(world, "a");
    const commit = (memberId: string, generation: number) => world.commit({ memberId, generation });
    assert.deepEqual(await commit("a", 1), { each: ["NONE"] });
    assert.deepEqual(await commit("a", 2), { all: "STALE_MEMBER_EPOCH" });
    assert.deepEqual(await commit("b", 1), { all: "UNKNOWN_MEMBER_ID" });
    assert.deepEqual(await commit("", -1), { all: "UNKNOWN_MEMBER_ID" });
    assert.deepEqual(await world.groups.beginTxnOffsets(7, commitOf()), { each: ["NONE"] });
    await world.groups.completeTxnOffsets("g", { producerId: 7, outcome: "abort" });
    assert.deepEqual(await world.groups.deleteOffsets("g", [{ group: "g", topic: "t", partition: 0 }]), {
      each: ["GROUP_SUBSCRIBED_TO_TOPIC"],
    });
    assert.equal(await world.groups.delete("g"), "NON_EMPTY_GROUP");
    await beat(world, ["a", -1]);
    assert.deepEqual(await world.commit(commitOf({ offsets: [offsetOf(9)] })), { each: ["NONE"] });
    assert.equal(await world.groups.delete("g"), "NONE");
    assert.equal(world.store.entries.size, 0);
  });

  test("an empty group takes on the protocol of whoever joins it, with its offsets; one whose members it cannot be understood by does not", async () => {
    const world = new World();
    const [only] = await world.stable(1);
    await world.commit({ memberId: there(only).memberId, generation: 1 });
    await refused(join(world, "a"), "GROUP_ID_NOT_FOUND");
    world.groups.leave("g", [{ memberId: there(only).memberId, instanceId: null }]);
    assert.equal((await join(world, "a")).epoch, 1);
    assert.equal(there((await world.join({ protocolType: "connect" })).answer).error, "INCONSISTENT_GROUP_PROTOCOL");
    world.restart();
    assert.deepEqual([world.groups.get("g"), group(world).state], [undefined, "Stable"]);
    await beat(world, ["a", -1]);
    await world.stable(1);
    world.restart();
    assert.deepEqual([world.groups.consumers.get("g"), world.state], [undefined, "Stable"]);
    assert.equal(world.groups.offset({ group: "g", topic: "t", partition: 0 })?.offset, 5);
  });
});
