// Groups that change their protocol while they are used: members of both in one group.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Assignment } from "../../../src/broker/groups/assignors.ts";
import type { JoinAnswer, JoinAsked } from "../../../src/broker/groups/classic-terms.ts";
import type { Beaten } from "../../../src/broker/groups/consumer-group.ts";
import type { Beat } from "../../../src/broker/groups/consumer-member.ts";
import { consumerAssignment, consumerSubscription } from "../../../src/kafka/wire/api/consumer-protocol.ts";
import { decodeVersioned, encodeVersioned } from "../../../src/kafka/wire/api/versioned.ts";
import type { KafkaErrorName } from "../../../src/kafka/wire/errors.ts";
import { there, turn, World } from "./world.ts";

const VERSION = 1;
const REBALANCE_MS = 30_000;
const SESSION_MS = 10_000;

const digitsOf = (partitions: readonly number[]): string => [...partitions].sort().join("");
const numbers = (digits: string): number[] => [...digits].map(Number);
const wants = (owned: string): Uint8Array => {
  const ownedPartitions = owned === "" ? [] : [{ topic: "t", partitions: numbers(owned) }];
  return encodeVersioned(consumerSubscription, { topics: ["t"], userData: null, ownedPartitions, generationId: -1, rackId: null }, VERSION);
};
const gives = (digits: string): Uint8Array =>
  encodeVersioned(consumerAssignment, { assignedPartitions: [{ topic: "t", partitions: numbers(digits) }], userData: null }, VERSION);
const owned = (digits: string): Assignment => new Map(digits === "" ? [] : [["T", new Set(numbers(digits))]]);
const plain = ({ assignment }: Beaten): string => digitsOf([...(assignment?.get("T") ?? [])]);

/** As a classic member, with what it has. */
const comes = async (world: World, memberId: string, more: Partial<JoinAsked> & { readonly has?: string } = {}): Promise<JoinAnswer> => {
  const { has = "", ...asked } = more;
  const protocols = [
    { name: "cooperative-sticky", metadata: wants(has) },
    { name: "range", metadata: wants(has) },
  ];
  const held = await world.join({ memberId, protocols, sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: REBALANCE_MS, ...asked });
  await world.pass(0); // The first one of a classic group waits for others.
  return there(held.answer);
};

/** What a classic member is given, or why not. */
const given = async (world: World, { memberId, generation }: JoinAnswer, all: Readonly<Record<string, string>> = {}): Promise<string> => {
  const assignments = new Map(Object.entries(all).map(([id, digits]) => [id, gives(digits)]));
  const asked = { memberId, instanceId: null, generation, protocolType: null, protocol: null, assignments };
  const { error, assignment } = await world.groups.sync("g", asked);
  return error === "NONE"
    ? digitsOf(decodeVersioned(consumerAssignment, assignment).assignedPartitions.flatMap((of) => of.partitions))
    : error;
};

const beat = (world: World, [memberId, epoch]: readonly [string, number], more: Partial<Beat> = {}): Promise<Beaten> => {
  const joins = epoch === 0 ? { rebalanceTimeoutMs: REBALANCE_MS, topics: ["t"], owned: owned("") } : {};
  const said: Beat = {
    ...{ memberId, epoch, instanceId: null, rackId: null, clientId: "c", clientHost: "/h" },
    ...{ rebalanceTimeoutMs: undefined, topics: undefined, regex: undefined, assignor: undefined, owned: undefined },
    ...joins,
    ...more,
  };
  return world.groups.beat("g", said, () => true);
};

const consumersOf = (world: World) => there(world.groups.consumers.get("g"));

/** A classic member `old` that has everything, at generation 1; then `new`, of the consumer protocol, has joined it. */
const upgraded = async (): Promise<{ world: World; old: JoinAnswer }> => {
  const world = new World();
  const old = await comes(world, "");
  assert.equal(await given(world, old, { [old.memberId]: "0123" }), "0123");
  assert.deepEqual([(await beat(world, ["new", 0])).epoch, world.groups.get("g")], [2, undefined]);
  return { world, old };
};

/** The classic member has let go, the other has what is free. */
const settled = async (): Promise<{ world: World; old: JoinAnswer }> => {
  const { world, old } = await upgraded();
  await given(world, await comes(world, old.memberId, { has: "0123" }));
  const again = await comes(world, old.memberId, { has: "01" });
  assert.equal(await given(world, again), "01");
  assert.equal(plain(await beat(world, ["new", 2])), "23");
  assert.equal(consumersOf(world).state, "Stable");
  return { world, old: again };
};

describe("a classic group that a member of the consumer protocol joins", () => {
  test("becomes a consumer group, whose classic members go on with what they have", async () => {
    const { world, old } = await upgraded();
    const kept = there(consumersOf(world).get(old.memberId));
    assert.deepEqual([kept.epoch, digitsOf([...there(kept.assigned.get("T"))])], [1, "0123"]);
    assert.deepEqual(await world.commit({ memberId: old.memberId, generation: 1 }), { each: ["NONE"] });
    assert.deepEqual(await world.commit({ memberId: old.memberId, generation: 7 }), { all: "ILLEGAL_GENERATION" });
  });

  test("calls its classic members, who let go of what is another's", async () => {
    const { world, old } = await upgraded();
    assert.equal(world.heartbeat(old.memberId, 1), "REBALANCE_IN_PROGRESS");
    assert.equal(await given(world, old), "REBALANCE_IN_PROGRESS");
    const again = await comes(world, old.memberId, { has: "0123" });
    assert.deepEqual([again.generation, again.leader, await given(world, again)], [1, "", "01"]);
    assert.equal(world.heartbeat(old.memberId, 1), "REBALANCE_IN_PROGRESS");
    const last = await comes(world, old.memberId, { has: "01" });
    assert.deepEqual([last.generation, await given(world, last), world.heartbeat(old.memberId, 2)], [2, "01", "NONE"]);
    assert.equal(world.heartbeat(old.memberId, 1), "ILLEGAL_GENERATION");
  });

  test("tells those who were gathering to begin anew", async () => {
    const world = new World();
    const old = await comes(world, "");
    await given(world, old, { [old.memberId]: "0123" });
    const waiting = await world.join({ protocols: [{ name: "range", metadata: wants("") }] });
    assert.equal(waiting.waits, true);
    await beat(world, ["new", 0]);
    await turn();
    assert.equal(waiting.answer?.error, "REBALANCE_IN_PROGRESS");
  });

  test("stays as it is when its members are not understood, or it may not change", async () => {
    const refusal = async (world: World): Promise<void> => assert.rejects(beat(world, ["new", 0]), { name: "GROUP_ID_NOT_FOUND" });
    const strange = new World();
    await comes(strange, "", { protocols: [{ name: "range", metadata: new Uint8Array(1) }] });
    await refusal(strange);
    const connect = new World();
    await comes(connect, "", { protocolType: "connect" });
    await refusal(connect);
    const fixed = new World({ migration: "downgrade" });
    await comes(fixed, "");
    await refusal(fixed);
    assert.equal(fixed.groups.consumers.get("g"), undefined);
  });
});

describe("classic members of a consumer group", () => {
  test("join, and are called when what they are to have is free", async () => {
    const { world } = await settled();
    const first = await comes(world, "", { idRequired: true });
    assert.equal(first.error, "MEMBER_ID_REQUIRED");
    const third = await comes(world, first.memberId);
    assert.deepEqual([third.error, third.generation, await given(world, third)], ["NONE", 3, ""]);
    assert.equal(world.heartbeat(third.memberId, 3), "NONE");
    const holder = there(
      consumersOf(world)
        .members()
        .find(
          ({ id, assigned }) =>
            id !== third.memberId && there(assigned.get("T")).size > there(consumersOf(world).targetOf(id).get("T")).size,
        ),
    );
    const target = digitsOf([...there(consumersOf(world).targetOf(holder.id).get("T"))]);
    if (holder.classic) {
      await given(world, await comes(world, holder.id, { has: digitsOf([...there(holder.assigned.get("T"))]) }));
      await comes(world, holder.id, { has: target });
    } else {
      await beat(world, [holder.id, holder.epoch], { owned: holder.assigned });
      await beat(world, [holder.id, holder.epoch], { owned: owned(target) });
    }
    assert.equal(world.heartbeat(third.memberId, 3), "REBALANCE_IN_PROGRESS");
    assert.equal((await given(world, await comes(world, third.memberId))).length, 1);
  });

  test("are refused when the others do not understand them, or they are not known", async () => {
    const { world, old } = await settled();
    const refused = async (more: Partial<JoinAsked>): Promise<KafkaErrorName> => (await comes(world, "", more)).error;
    assert.equal(await refused({ protocolType: "connect" }), "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(await refused({ protocols: [{ name: "other", metadata: wants("") }] }), "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(await refused({ protocols: [{ name: "range", metadata: new Uint8Array(1) }] }), "INCONSISTENT_GROUP_PROTOCOL");
    await comes(world, "third");
    assert.equal(await refused({}), "GROUP_MAX_SIZE_REACHED");
    assert.deepEqual([world.heartbeat("new", 2), world.heartbeat("nobody", 2)], ["UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID"]);
    assert.equal(await given(world, { ...old, generation: 9 }), "ILLEGAL_GENERATION");
    assert.equal(world.groups.has("g"), true);
  });

  test("are out when they are silent, or do not come when they are called", async () => {
    const { world, old } = await settled();
    await beat(world, ["new", 2], { topics: ["t", "u"] });
    for (let passedMs = 0; passedMs < REBALANCE_MS; passedMs += SESSION_MS / 2) {
      assert.equal(world.heartbeat(old.memberId, 2), "REBALANCE_IN_PROGRESS");
      await world.pass(SESSION_MS / 2);
    }
    assert.equal(world.heartbeat(old.memberId, 2), "UNKNOWN_MEMBER_ID");
    const other = await comes(world, "");
    await given(world, other);
    await world.pass(SESSION_MS);
    assert.deepEqual(
      consumersOf(world)
        .members()
        .map(({ id }) => id),
      ["new"],
    );
  });

  test("are there after a restart, with all that they speak", async () => {
    const { world, old } = await settled();
    world.restart();
    assert.deepEqual([world.groups.get("g"), world.heartbeat(old.memberId, 2)], [undefined, "NONE"]);
    const names = consumersOf(world)
      .get(old.memberId)
      ?.classic?.protocols.map(({ name }) => name);
    assert.deepEqual(names, ["cooperative-sticky", "range"]);
  });
});

describe("a consumer group whose last member of the consumer protocol has gone", () => {
  test("is a classic group again, whose members gather", async () => {
    const { world, old } = await settled();
    await beat(world, ["new", -1]);
    assert.deepEqual([world.groups.consumers.get("g"), world.state], [undefined, "PreparingRebalance"]);
    assert.equal(world.heartbeat(old.memberId, world.generation), "REBALANCE_IN_PROGRESS");
    const again = await comes(world, old.memberId, { has: "01" });
    assert.deepEqual([again.leader, await given(world, again, { [old.memberId]: "0123" })], [old.memberId, "0123"]);
    world.restart();
    assert.deepEqual([world.groups.consumers.get("g"), world.state], [undefined, "Stable"]);
  });

  test("is one too when that was silent, or left by an operator", async () => {
    const silent = await settled();
    for (let passedMs = 0; passedMs < 45_000; passedMs += SESSION_MS / 2) {
      await silent.world.pass(SESSION_MS / 2);
      silent.world.heartbeat(silent.old.memberId, silent.world.groups.get("g") ? silent.world.generation : 2);
    }
    assert.equal(silent.world.groups.consumers.get("g"), undefined);
    const left = await settled();
    assert.deepEqual(left.world.groups.leave("g", [{ memberId: "new", instanceId: null }]), { each: ["NONE"] });
    assert.equal(left.world.state, "PreparingRebalance");
  });

  test("stays a consumer group where groups may not change back", async () => {
    const world = new World({ migration: "upgrade" });
    const old = await comes(world, "");
    await given(world, old, { [old.memberId]: "0123" });
    await beat(world, ["new", 0]);
    await beat(world, ["new", -1]);
    assert.deepEqual([consumersOf(world).members().length, world.groups.get("g")], [1, undefined]);
  });
});
