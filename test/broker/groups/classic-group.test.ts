import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Verdict } from "../../../src/broker/groups/classic-terms.ts";
import { text, utf8 } from "../../../src/core/bytes.ts";
import { REBALANCE_MS, SESSION_MS, subscription, there, turn, World } from "./world.ts";

describe("a group gathers", () => {
  test("a new member is given an id, and is one when it comes back with it", async () => {
    const world = new World();
    const first = there((await world.join({ idRequired: true })).answer);
    assert.equal(first.error, "MEMBER_ID_REQUIRED");
    assert.match(first.memberId, /^c-/);
    assert.equal(world.heartbeat(first.memberId, 0), "UNKNOWN_MEMBER_ID");
    const again = await world.join({ memberId: first.memberId, idRequired: true });
    await world.pass(0);
    const { error, generation, leader, protocol } = there(again.answer);
    assert.deepEqual([error, generation, leader, protocol], ["NONE", 1, first.memberId, "range"]);
  });

  test("an id that nobody comes back with is forgotten after a session", async () => {
    const world = new World();
    const { memberId } = there((await world.join({ idRequired: true })).answer);
    await world.pass(SESSION_MS);
    assert.equal(there((await world.join({ memberId })).answer).error, "UNKNOWN_MEMBER_ID");
  });

  test("a newcomer makes the others come back, and the leader hears of everybody", async () => {
    const world = new World();
    const [leader] = await world.stable(1);
    const newcomer = await world.join();
    assert.ok(newcomer.waits);
    assert.equal(world.heartbeat(there(leader).memberId), "REBALANCE_IN_PROGRESS");
    const rejoined = await world.join({ memberId: there(leader).memberId });
    assert.deepEqual(
      there(rejoined.answer).members.map(({ id }) => id),
      [there(leader).memberId, there(newcomer.answer).memberId],
    );
    assert.deepEqual(there(newcomer.answer).members, []);
    assert.equal(world.generation, 2);
  });

  test("whoever does not come back within the rebalance timeout is out", async () => {
    const world = new World();
    const [leader, other] = (await world.stable(2, { sessionTimeoutMs: 60_000 })).map(({ memberId }) => memberId);
    const rejoined = await world.join({ memberId: there(leader), sessionTimeoutMs: 60_000 });
    await world.pass(REBALANCE_MS - 1);
    assert.ok(rejoined.waits);
    await world.pass(1);
    assert.deepEqual(
      there(rejoined.answer).members.map(({ id }) => id),
      [leader],
    );
    assert.equal(world.heartbeat(there(other)), "UNKNOWN_MEMBER_ID");
  });

  test("the first gathering is put off while members come, at most for the rebalance timeout", async () => {
    const world = new World({ initialDelayMs: 3_000 });
    const first = await world.join();
    await world.pass(2_000);
    const second = await world.join();
    await world.pass(1_000);
    assert.ok(first.waits);
    await world.pass(3_000);
    assert.equal(there(first.answer).members.length, 2);
    assert.equal(there(second.answer).generation, 1);
  });

  test("what all speak and most like best is spoken", async () => {
    const world = new World({ initialDelayMs: 1_000 });
    const like = (...names: string[]) => ({ protocols: names.map((name) => ({ name, metadata: utf8(name) })) });
    const joined = await world.join(like("a", "b", "c"));
    await world.join(like("c", "b"));
    await world.join(like("b", "c", "d"));
    await world.pass(3_000);
    assert.equal(there(joined.answer).protocol, "b");
    assert.deepEqual(
      there(joined.answer).members.map(({ metadata }) => text(metadata)),
      ["b", "b", "b"],
    );
  });

  test("a member that speaks nothing that the others speak is refused", async () => {
    const world = new World();
    await world.stable(1);
    const other = { protocols: [{ name: "other", metadata: utf8("") }] };
    assert.equal(there((await world.join(other)).answer).error, "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(there((await world.join({ protocolType: "connect" })).answer).error, "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(world.state, "Stable");
  });

  test("a group that is full takes nobody more", async () => {
    const world = new World();
    await world.stable(3);
    assert.equal(there((await world.join()).answer).error, "GROUP_MAX_SIZE_REACHED");
    assert.equal(world.state, "Stable");
  });

  test("a follower that says the same again is told the same; a leader makes all gather", async () => {
    const world = new World();
    const [leader, follower] = (await world.stable(2)).map(({ memberId }) => memberId);
    assert.equal(there((await world.join({ memberId: there(follower) })).answer).generation, world.generation);
    assert.equal(world.state, "Stable");
    const rejoined = await world.join({ memberId: there(leader) });
    assert.deepEqual([rejoined.waits, world.state], [true, "PreparingRebalance"]);
  });

  test("a follower that subscribes to something else makes all gather", async () => {
    const world = new World();
    const [, follower] = await world.stable(2);
    await world.join({ memberId: there(follower).memberId, protocols: [{ name: "range", metadata: subscription("t", "u") }] });
    assert.equal(world.state, "PreparingRebalance");
  });

  test("a group is told apart from what it may not be joined as", async () => {
    const world = new World();
    const refused = async (asked: Parameters<World["join"]>[0], error: Verdict): Promise<void> =>
      assert.equal(there((await world.join(asked)).answer).error, error);
    await refused({ memberId: "nobody" }, "UNKNOWN_MEMBER_ID");
    await refused({ sessionTimeoutMs: 5_999 }, "INVALID_SESSION_TIMEOUT");
    await refused({ sessionTimeoutMs: 60_001 }, "INVALID_SESSION_TIMEOUT");
    await refused({ protocols: [] }, "INCONSISTENT_GROUP_PROTOCOL");
    await refused({ protocolType: "" }, "INCONSISTENT_GROUP_PROTOCOL");
  });
});

describe("the leader shares out", () => {
  test("followers wait for it, and nobody is told before it is durable", async () => {
    const world = new World({ initialDelayMs: 1_000 });
    const joins = [await world.join(), await world.join()];
    await world.pass(2_000);
    const [leader, follower] = joins.map(({ answer }) => there(answer));
    const waiting = await world.sync(there(follower));
    world.store.mode = "held";
    const leading = await world.sync(there(leader), { [there(leader).memberId]: "mine", [there(follower).memberId]: "yours" });
    assert.deepEqual([waiting.waits, leading.waits, world.state], [true, true, "CompletingRebalance"]);
    world.store.release();
    await turn();
    assert.deepEqual([text(there(leading.answer).assignment), text(there(waiting.answer).assignment)], ["mine", "yours"]);
    assert.equal(world.state, "Stable");
    assert.equal(text(there((await world.sync(there(follower))).answer).assignment), "yours");
  });

  test("when it cannot be kept, members look for the coordinator, and gather anew", async () => {
    const world = new World();
    const joined = await world.join();
    await world.pass(0);
    world.store.mode = "full";
    const leading = await world.sync(there(joined.answer), { [there(joined.answer).memberId]: "x" });
    assert.deepEqual([there(leading.answer).error, world.state], ["NOT_COORDINATOR", "PreparingRebalance"]);
  });

  test("whoever does not ask for its assignment is out", async () => {
    const world = new World({ initialDelayMs: 1_000 });
    const joins = [await world.join({ sessionTimeoutMs: 60_000 }), await world.join({ sessionTimeoutMs: 60_000 })];
    await world.pass(2_000);
    const [leader, follower] = joins.map(({ answer }) => there(answer));
    await world.sync(there(leader), {});
    assert.equal(world.state, "Stable");
    await world.pass(REBALANCE_MS);
    assert.deepEqual([world.state, world.heartbeat(there(leader).memberId)], ["PreparingRebalance", "REBALANCE_IN_PROGRESS"]);
    assert.equal(world.heartbeat(there(follower).memberId), "UNKNOWN_MEMBER_ID");
  });

  const REFUSED: readonly [string, object, Verdict][] = [
    ["an unknown member", { memberId: "nobody" }, "UNKNOWN_MEMBER_ID"],
    ["another generation", { generation: 7 }, "ILLEGAL_GENERATION"],
    ["another protocol", { protocol: "other" }, "INCONSISTENT_GROUP_PROTOCOL"],
    ["another type of protocol", { protocolType: "other" }, "INCONSISTENT_GROUP_PROTOCOL"],
  ];
  for (const [what, change, error] of REFUSED)
    test(`${what} is refused`, async () => {
      const world = new World();
      const [leader] = await world.stable(1);
      assert.equal(there((await world.sync({ ...there(leader), ...change })).answer).error, error);
    });
});

describe("members come and go", () => {
  test("a member that is silent for its session is out, and the others gather", async () => {
    const world = new World();
    const [leader, silent] = (await world.stable(2)).map(({ memberId }) => memberId);
    await world.pass(SESSION_MS - 1);
    assert.equal(world.heartbeat(there(leader)), "NONE");
    await world.pass(1);
    assert.equal(world.heartbeat(there(silent)), "UNKNOWN_MEMBER_ID");
    assert.equal(world.heartbeat(there(leader)), "REBALANCE_IN_PROGRESS");
  });

  test("a member that waits for the others is not silent", async () => {
    const world = new World();
    const [leader, other] = (await world.stable(2)).map(({ memberId }) => memberId);
    const waiting = await world.join({ memberId: there(leader) });
    await world.pass(SESSION_MS - 1);
    world.heartbeat(there(other));
    await world.pass(2);
    assert.ok(waiting.waits);
    await world.join({ memberId: there(other) });
    assert.equal(there(waiting.answer).members.length, 2);
  });

  test("when the last one leaves the group is empty, with a generation of its own", async () => {
    const world = new World();
    const [only] = await world.stable(1);
    const generation = world.generation;
    assert.deepEqual(world.groups.leave("g", [{ memberId: there(only).memberId, instanceId: null }]), { each: ["NONE"] });
    assert.deepEqual([world.state, world.generation], ["Empty", generation + 1]);
    assert.equal(world.heartbeat(there(only).memberId), "UNKNOWN_MEMBER_ID");
  });

  test("several leave at once, static ones by their instance, and each is answered", async () => {
    const world = new World();
    const [leader] = await world.stable(3, { instanceId: "i" });
    const answer = world.groups.leave("g", [
      { memberId: "", instanceId: "i1" },
      { memberId: "somebody", instanceId: "i2" },
      { memberId: "", instanceId: "i9" },
      { memberId: "nobody", instanceId: null },
    ]);
    assert.deepEqual(answer, { each: ["NONE", "FENCED_INSTANCE_ID", "UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID"] });
    assert.deepEqual(world.groups.leave("no such group", [{ memberId: "nobody", instanceId: null }]), { each: ["UNKNOWN_MEMBER_ID"] });
    assert.equal(world.heartbeat(there(leader).memberId, world.generation, "i0"), "REBALANCE_IN_PROGRESS");
  });

  const SAID: readonly [string, readonly [string, number], Verdict][] = [
    ["a member of the generation lives", ["", 0], "NONE"],
    ["an older generation is over", ["", -1], "ILLEGAL_GENERATION"],
    ["a newer generation is none", ["", 1], "ILLEGAL_GENERATION"],
    ["nobody is no member", ["nobody", 0], "UNKNOWN_MEMBER_ID"],
  ];
  for (const [what, [id, more], verdict] of SAID)
    test(what, async () => {
      const world = new World();
      const [leader] = await world.stable(1);
      assert.equal(world.heartbeat(id || there(leader).memberId, world.generation + more), verdict);
    });
});
