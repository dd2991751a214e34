// Members of consumer groups in a world: how they join and live, and what they hear.
import assert from "node:assert/strict";
import type { Assignment } from "../../../src/broker/groups/assignors.ts";
import type { Beaten, ConsumerGroup } from "../../../src/broker/groups/consumer-group.ts";
import type { Beat } from "../../../src/broker/groups/consumer-member.ts";
import type { KafkaErrorName } from "../../../src/kafka/wire/errors.ts";
import { there, type World } from "./world.ts";

export const REBALANCE_MS = 20_000;

export const plain = (assignment: Assignment | undefined): string => [...(assignment?.get("T") ?? [])].sort().join("");
export const owned = (digits: string): Assignment => new Map(digits === "" ? [] : [["T", new Set([...digits].map(Number))]]);

export const beat = (world: World, [memberId, epoch]: readonly [string, number], more: Partial<Beat> = {}): Promise<Beaten> =>
  world.groups.beat(
    "g",
    {
      ...{ memberId, epoch, instanceId: null, rackId: null, clientId: "c", clientHost: "/h" },
      ...{ rebalanceTimeoutMs: undefined, topics: undefined, regex: undefined, assignor: undefined, owned: undefined },
      ...more,
    },
    (topic) => topic !== "secret",
  );
export const join = (world: World, memberId: string, more: Partial<Beat> = {}): Promise<Beaten> =>
  beat(world, [memberId, 0], { rebalanceTimeoutMs: REBALANCE_MS, topics: ["t"], owned: owned(""), ...more });
export const refused = (work: Promise<unknown>, name: KafkaErrorName): Promise<void> => assert.rejects(work, { name });
export const group = (world: World): ConsumerGroup => there(world.groups.consumers.get("g"));
