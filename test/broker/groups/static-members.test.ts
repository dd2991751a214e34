import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { text } from "../../../src/core/bytes.ts";
import { REBALANCE_MS, SESSION_MS, there, turn, World } from "./world.ts";

describe("static members", () => {
  test("one that comes back without its id has what it had, nobody gathers, and who it was is fenced", async () => {
    const world = new World();
    const told = await world.stable(2, { instanceId: "i" });
    const generation = world.generation;
    const old = there(world.groups.get("g")?.roster.idOf("i1"));
    const back = there((await world.join({ instanceId: "i1" })).answer);
    assert.deepEqual([back.error, back.generation, world.state], ["NONE", generation, "Stable"]);
    assert.notEqual(back.memberId, old);
    assert.equal(world.heartbeat(old, generation, "i1"), "FENCED_INSTANCE_ID");
    assert.equal(world.heartbeat(back.memberId, generation, "i1"), "NONE");
    const kept = there(world.groups.get("g")?.roster.get(back.memberId));
    assert.equal(text(kept.assignment), String(told.findIndex(({ memberId }) => memberId === old)));
  });

  test("a leader that comes back leads, and hears that nothing is to be shared out", async () => {
    const world = new World();
    await world.stable(2, { instanceId: "i" });
    const leader = there(world.groups.get("g")?.roster.leader);
    const instanceId = there(world.groups.get("g")?.roster.get(leader)).instanceId;
    const back = there((await world.join({ instanceId })).answer);
    assert.deepEqual([back.leader, back.skipAssignment, back.members.length], [back.memberId, true, 2]);
    const older = there((await world.join({ instanceId, maySkip: false })).answer);
    assert.deepEqual([older.leader, older.skipAssignment, older.members.length], [back.memberId, false, 0]);
  });

  test("when the change cannot be kept it is taken back", async () => {
    const world = new World();
    await world.stable(1, { instanceId: "i" });
    const old = there(world.groups.get("g")?.roster.idOf("i0"));
    world.store.mode = "full";
    const back = await world.join({ instanceId: "i0" });
    assert.deepEqual([there(back.answer).error, world.heartbeat(old, world.generation, "i0")], ["NOT_COORDINATOR", "NONE"]);
  });

  test("one that is silent while the group gathers is not taken out before its session ends", async () => {
    const world = new World();
    await world.stable(2, { instanceId: "i", sessionTimeoutMs: 60_000 });
    const leader = there(world.groups.get("g")?.roster.leader);
    const instanceId = there(world.groups.get("g")?.roster.get(leader)).instanceId;
    const rejoined = await world.join({ memberId: leader, instanceId, sessionTimeoutMs: 60_000 });
    await world.pass(REBALANCE_MS);
    assert.equal(there(rejoined.answer).members.length, 2);
  });
});

describe("a restart", () => {
  test("members go on in their generation, with what they have, if they are heard of within a session", async () => {
    const world = new World();
    const [leader, other] = await world.stable(2);
    const generation = world.generation;
    world.restart();
    assert.deepEqual([world.state, world.generation], ["Stable", generation]);
    await world.pass(SESSION_MS - 1);
    assert.equal(world.heartbeat(there(leader).memberId), "NONE");
    await world.pass(1);
    assert.equal(world.heartbeat(there(other).memberId), "UNKNOWN_MEMBER_ID");
  });

  test("an empty group keeps its generation", async () => {
    const world = new World();
    const [only] = await world.stable(1);
    world.groups.leave("g", [{ memberId: there(only).memberId, instanceId: null }]);
    await turn();
    const generation = world.generation;
    world.restart();
    assert.deepEqual([world.state, world.generation], ["Empty", generation]);
  });
});
