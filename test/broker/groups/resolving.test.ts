// Members of consumer groups that want topics by regular expressions.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Beaten } from "../../../src/broker/groups/consumer-group.ts";
import { resolveRegexes } from "../../../src/broker/groups/resolving.ts";
import { beat, group, join, refused } from "./consumers.ts";
import { turn, World } from "./world.ts";

describe("regular expressions", () => {
  const topic = (name: string, id: string) => ({ id, name, partitions: 1 });
  const named = (beaten: Beaten): string => [...(beaten.assignment?.keys() ?? [])].sort().join("");
  /** A world with a group whose one member wants that, and has heard what it gets. */
  const wanting = async (regex: string, topics: readonly string[] = []): Promise<World> => {
    const world = new World();
    world.topics = [topic("a", "A"), topic("ab", "B"), topic("secret", "S")];
    await join(world, "a", { topics, regex });
    await looked();
    return world;
  };
  const looked = async (): Promise<void> => {
    for (let left = 3; left > 0; left--) await turn();
  };

  test("a member hears with its next heartbeat what its expression matches, but for what it may not see", async () => {
    const world = await wanting("a.*|secret");
    const told = await beat(world, ["a", 1]);
    assert.deepEqual([named(told), told.epoch], ["AB", 2]);
  });

  test("what it names and what its expression matches are its topics together", async () => {
    const world = await wanting("ab", ["a"]);
    assert.equal(named(await beat(world, ["a", 1])), "AB");
    await beat(world, ["a", 2], { regex: "" });
    assert.deepEqual([...group(world).targetOf("a").keys()], ["A"]);
  });

  test("topics that are made later are looked at, but not with every heartbeat", async () => {
    const world = await wanting("a.*");
    await beat(world, ["a", 1]);
    world.topics = [...world.topics, topic("abc", "C")];
    world.topicsVersion += 1;
    await beat(world, ["a", 2]);
    await looked();
    assert.equal((await beat(world, ["a", 2])).epoch, 2);
    await world.pass(1_000);
    await beat(world, ["a", 2]);
    await looked();
    assert.equal(named(await beat(world, ["a", 2])), "ABC");
  });

  test("a member whose expression was looked at for another shares at once", async () => {
    const world = await wanting("a.*");
    await beat(world, ["a", 1]);
    await join(world, "b", { topics: undefined, regex: "a.*" });
    assert.deepEqual([group(world).targetOf("a").size, group(world).targetOf("b").size], [1, 1]);
  });

  test("what one matched that nobody has any more is forgotten", async () => {
    const world = await wanting("a.*");
    await beat(world, ["a", 1]);
    await beat(world, ["a", 2], { regex: "" });
    assert.deepEqual(group(world).record().regexes, []);
    await beat(world, ["a", 2], { regex: "a.*" });
    assert.deepEqual([group(world).regexes().hasNew, group(world).subscribes("ab")], [true, false]);
  });

  test("one that cannot be read is refused, and changes nothing", async () => {
    const world = await wanting("a.*");
    await refused(beat(world, ["a", 1], { regex: "(a" }), "INVALID_REGULAR_EXPRESSION");
    assert.equal(group(world).get("a")?.regex, "a.*");
  });

  test("what they matched is kept", async () => {
    const world = await wanting("a.*");
    await looked();
    world.restart();
    assert.deepEqual(group(world).regexes(), { all: ["a.*"], hasNew: false });
    assert.equal(group(world).subscribes("ab"), true);
    assert.equal(named(await beat(world, ["a", 1])), "AB");
  });

  test("many topics and a costly expression leave turns to others", async () => {
    const many = Array.from({ length: 100 }, (_, at) => `${"a".repeat(40)}${at}`);
    const work = resolveRegexes(["(a?){100}b", "a+7"], many);
    let turns = 0;
    let isOver = false;
    const resolved = work.finally(() => {
      isOver = true;
    });
    for (; !isOver; turns++) await turn();
    assert.ok(turns > 10, `${turns} turns`);
    assert.deepEqual(await resolved, [
      ["(a?){100}b", []],
      ["a+7", [many[7]]],
    ]);
  });
});
