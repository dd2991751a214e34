// Steps about access rules: made, described and deleted, right and wrong ones; they are of names that nothing else in the game has.
import { setTimeout as delay } from "node:timers/promises";
import { describeAcls } from "../../../src/kafka/wire/api/29-describe-acls.ts";
import { createAcls } from "../../../src/kafka/wire/api/30-create-acls.ts";
import { deleteAcls } from "../../../src/kafka/wire/api/31-delete-acls.ts";
import type { World } from "./world.ts";

/** Apache Kafka's broker hears of a change from its controller. */
const HEARD_MS = 150;
const [ANY, MATCH, LITERAL, PREFIXED] = [1, 2, 3, 4];

const nameOf = (world: World): string => `${world.prefix}-rule-${world.dice.oneOf(["a", "ab", "b"])}`;
const principalOf = (world: World): string => `User:${world.prefix}-${world.dice.oneOf(["alice", "bob"])}`;

/** No kinds that are none: Apache Kafka answers them with UNKNOWN_SERVER_ERROR, or not at all. */
const creation = (world: World) => {
  const { dice } = world;
  return {
    resourceType: dice.oneOf([2, 2, 3, 5, 4]),
    resourceName: dice.chance(0.95) ? nameOf(world) : "",
    resourcePatternType: dice.oneOf([LITERAL, LITERAL, PREFIXED]),
    principal: dice.chance(0.95) ? principalOf(world) : "nobody",
    host: dice.oneOf(["*", "127.0.0.1"]),
    operation: dice.oneOf([2, 3, 4, 8, 7, 9]),
    permissionType: dice.oneOf([2, 3, 3]),
  };
};

/** Only rules of this game are asked for: by their principals, or by their names. */
const filter = (world: World) => {
  const { dice } = world;
  const byName = dice.chance(0.5);
  return {
    resourceTypeFilter: dice.oneOf([ANY, ANY, 2, 3, 5]),
    resourceNameFilter: byName ? nameOf(world) : null,
    patternTypeFilter: dice.oneOf([ANY, MATCH, LITERAL, PREFIXED]),
    principalFilter: byName ? null : principalOf(world),
    hostFilter: dice.oneOf([null, null, "*"]),
    operation: dice.oneOf([ANY, ANY, 3]),
    permissionType: dice.oneOf([ANY, ANY, 3]),
  };
};

export const createRules = async (world: World): Promise<void> => {
  const creations = [creation(world), ...(world.dice.chance(0.3) ? [creation(world)] : [])];
  const version = world.dice.between(1, 3);
  await world.twins.ask({ api: createAcls, version, request: () => ({ creations }) }, JSON.stringify(creations));
  await delay(HEARD_MS);
};

export const describeRules = async (world: World): Promise<void> => {
  const asked = filter(world);
  await world.twins.ask({ api: describeAcls, version: world.dice.between(1, 3), request: () => asked }, JSON.stringify(asked));
};

export const deleteRules = async (world: World): Promise<void> => {
  const filters = [filter(world)];
  await world.twins.ask({ api: deleteAcls, version: world.dice.between(1, 3), request: () => ({ filters }) }, JSON.stringify(filters));
  await delay(HEARD_MS);
};
