import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrokerError } from "../../../src/broker/broker-error.ts";
import type { Change } from "../../../src/broker/groups/ledger.ts";
import type { ShareBeat, ShareBeaten } from "../../../src/broker/share/share-group.ts";
import { ShareGroups } from "../../../src/broker/share/share-groups.ts";
import { assignSimply } from "../../../src/broker/share/simple-assignor.ts";
import type { ShareTerms } from "../../../src/broker/share/terms.ts";
import { silentLog } from "../../../src/core/log.ts";
import type { KafkaErrorName } from "../../../src/kafka/wire/errors.ts";
import { ManualClock } from "../../kit/clock.ts";

const SESSION_MS = 45_000;
const TERMS: ShareTerms = {
  ...{ sessionMs: SESSION_MS, heartbeatMs: 5_000, lockMs: 30_000, deliveriesMax: 5, inFlightMax: 2_000 },
  ...{ reset: "earliest", isolation: "uncommitted", renews: true },
};

class World {
  readonly clock = new ManualClock();
  readonly entries = new Map<string, Uint8Array>();
  isFull = false;
  topics = [{ id: "T", name: "t", partitions: 2 }];
  groups = this.restart();

  restart(): ShareGroups {
    this.groups?.close();
    const on = {
      ...{ clock: this.clock, log: silentLog, store: this, terms: () => TERMS, topics: () => this.topics, size: () => 3 },
      isOther: (id: string) => id === "other",
    };
    this.groups = new ShareGroups(on, new Map(this.entries));
    return this.groups;
  }
  async apply(changes: readonly Change[]): Promise<void> {
    if (this.isFull) throw new BrokerError("KAFKA_STORAGE_ERROR");
    for (const { key, value } of changes) value ? this.entries.set(key, value) : this.entries.delete(key);
  }
  beat(memberId: string, epoch: number, more: Partial<ShareBeat> = {}): Promise<ShareBeaten> {
    return this.groups.beat("g", { ...{ memberId, epoch, rackId: null, clientId: "c", clientHost: "/h", topics: undefined }, ...more });
  }
  join(memberId: string, topics: readonly string[] = ["t"]): Promise<ShareBeaten> {
    return this.beat(memberId, 0, { topics });
  }
}

const plain = ({ assignment }: ShareBeaten): string =>
  [...(assignment ?? [])].map(([topic, partitions]) => `${topic}${[...partitions].sort().join("")}`).join(" ");
const refused = (work: Promise<unknown>, name: KafkaErrorName): Promise<void> => assert.rejects(work, { name });

describe("members of a share group", () => {
  test("have all partitions when alone, and share them with others at once", async () => {
    const world = new World();
    const first = await world.join("a");
    assert.deepEqual([first.epoch, plain(first)], [1, "T01"]);
    const second = await world.join("b");
    assert.deepEqual([second.epoch, plain(second).length], [2, 2]);
    const told = await world.beat("a", 1);
    assert.deepEqual([told.epoch, new Set([plain(told), plain(second)])], [2, new Set(["T0", "T1"])]);
    assert.equal((await world.beat("a", 2)).assignment, undefined);
    assert.equal((await world.join("c")).assignment?.get("T")?.size, 1);
  });

  test("are fenced at another epoch than theirs and the one before", async () => {
    const world = new World();
    await world.join("a");
    await world.join("b");
    await refused(world.beat("a", 2), "FENCED_MEMBER_EPOCH");
    await world.beat("a", 1);
    assert.equal((await world.beat("a", 1)).epoch, 2);
    await refused(world.beat("z", 2), "UNKNOWN_MEMBER_ID");
    await refused(
      world.groups.beat("none", { memberId: "a", epoch: 1, rackId: null, clientId: "", clientHost: "", topics: [] }),
      "GROUP_ID_NOT_FOUND",
    );
    await refused(
      world.groups.beat("other", { memberId: "a", epoch: 0, rackId: null, clientId: "", clientHost: "", topics: [] }),
      "GROUP_ID_NOT_FOUND",
    );
  });

  test("are out when they leave, or are silent for a session", async () => {
    const world = new World();
    await world.join("a");
    await world.join("b");
    assert.equal((await world.beat("b", -1)).epoch, -1);
    assert.equal(plain(await world.beat("a", 1)), "T01");
    world.clock.advance(SESSION_MS);
    await refused(world.beat("a", 3), "UNKNOWN_MEMBER_ID");
    assert.equal(world.groups.get("g")?.state, "Empty");
  });

  test("are not more than a group may have", async () => {
    const world = new World();
    for (const id of ["a", "b", "c"]) await world.join(id);
    await refused(world.join("d"), "GROUP_MAX_SIZE_REACHED");
  });

  test("hear of topics and partitions that came later", async () => {
    const world = new World();
    await world.join("a", ["t", "u"]);
    world.topics = [...world.topics, { id: "U", name: "u", partitions: 1 }];
    const told = await world.beat("a", 1);
    assert.deepEqual([plain(told), told.epoch, world.groups.states.all("g").length], ["T01 U0", 2, 3]);
  });

  test("are there after a restart", async () => {
    const world = new World();
    await world.join("a");
    world.restart();
    assert.equal((await world.beat("a", 1)).epoch, 1);
    assert.equal(world.groups.states.all("g").length, 2);
  });

  test("hear when what they changed could not be kept", async () => {
    const world = new World();
    world.isFull = true;
    await refused(world.join("a"), "COORDINATOR_NOT_AVAILABLE");
    world.isFull = false;
    await world.beat("a", 1);
    assert.ok([...world.entries.keys()].some((key) => key.includes("group")));
  });
});

describe("offsets of a share group", () => {
  const place = { group: "g", topicId: "T", partition: 1 };

  test("are set and forgotten while nobody is in it", async () => {
    const world = new World();
    await world.groups.setStarts("g", [{ topicId: "T", partition: 1, start: 7 }]);
    assert.deepEqual([world.groups.states.get(place)?.start, world.groups.get("g")?.epoch], [7, 1]);
    world.restart();
    assert.deepEqual([world.groups.states.get(place)?.start, world.groups.get("g")?.state], [7, "Empty"]);
    await world.join("a");
    await refused(world.groups.setStarts("g", []), "NON_EMPTY_GROUP");
    await refused(world.groups.forgetTopics("g", new Set(["T"])), "NON_EMPTY_GROUP");
    await refused(world.groups.delete("g"), "NON_EMPTY_GROUP");
    await world.beat("a", -1);
    await world.groups.forgetTopics("g", new Set(["T"]));
    assert.deepEqual(world.groups.states.all("g"), []);
    await world.groups.delete("g");
    assert.equal(world.entries.size, 0);
    await refused(world.groups.delete("g"), "GROUP_ID_NOT_FOUND");
  });

  test("go with their topic", async () => {
    const world = new World();
    await world.join("a");
    await world.groups.topicDeleted("T");
    assert.deepEqual(world.groups.states.all("g"), []);
  });
});

describe("the assignment of a share group", () => {
  const subscriber = (id: string, topics: readonly string[], before: Readonly<Record<string, readonly number[]>> = {}) => ({
    id,
    topics: new Set(topics),
    before: new Map(Object.entries(before).map(([topic, partitions]) => [topic, new Set(partitions)])),
  });
  const assigned = (...of: Parameters<typeof assignSimply>) =>
    Object.fromEntries(
      [...assignSimply(...of)].map(([id, has]) => [id, [...has].map(([topic, all]) => `${topic}${[...all].sort().join("")}`).join(" ")]),
    );

  test("gives each partition to somebody, and something to everybody who wants it", () => {
    const four = ["a", "b", "c", "d"].map((id) => subscriber(id, ["T"]));
    const of = assigned(four, new Map([["T", 3]]));
    assert.deepEqual(new Set(Object.values(of)), new Set(["T0", "T1", "T2"]));
    assert.deepEqual(
      assigned(
        [subscriber("a", ["T"]), subscriber("b", ["U"])],
        new Map([
          ["T", 2],
          ["U", 1],
        ]),
      ),
      { a: "T01", b: "U0" },
    );
    assert.deepEqual(assigned([subscriber("a", [])], new Map([["T", 2]])), { a: "" });
  });

  test("leaves what can stay", () => {
    const before = [subscriber("a", ["T"], { T: [0, 1] }), subscriber("b", ["T"], { T: [2] }), subscriber("c", ["T"])];
    assert.deepEqual(assigned(before, new Map([["T", 4]])), { a: "T01", b: "T2", c: "T3" });
    const many = [subscriber("a", ["T"], { T: [1] }), subscriber("b", ["T"], { T: [0] }), subscriber("c", ["T"], { T: [0] })];
    assert.deepEqual(assigned(many, new Map([["T", 2]])), { a: "T1", b: "T0", c: "T0" });
  });
});
