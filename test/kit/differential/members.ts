// Steps of members of groups, of both protocols. A group has one member at a time, so that nobody waits and all that it gets is determined;
// it wants topics of its own, which stay as they are.
import { setTimeout as delay } from "node:timers/promises";
import { utf8 } from "../../../src/core/bytes.ts";
import { offsetCommit } from "../../../src/kafka/wire/api/08-offset-commit.ts";
import { joinGroup } from "../../../src/kafka/wire/api/11-join-group.ts";
import { heartbeat } from "../../../src/kafka/wire/api/12-heartbeat.ts";
import { leaveGroup } from "../../../src/kafka/wire/api/13-leave-group.ts";
import { syncGroup } from "../../../src/kafka/wire/api/14-sync-group.ts";
import { type ConsumerGroupHeartbeatRequest, consumerGroupHeartbeat } from "../../../src/kafka/wire/api/68-consumer-group-heartbeat.ts";
import { consumerGroupDescribe } from "../../../src/kafka/wire/api/69-consumer-group-describe.ts";
import { consumerSubscription } from "../../../src/kafka/wire/api/consumer-protocol.ts";
import { encodeVersioned } from "../../../src/kafka/wire/api/versioned.ts";
import type { Side } from "./twins.ts";
import type { Owned, World } from "./world.ts";

const NO_ID = "00000000-0000-0000-0000-000000000000";
/** Nobody is to be gone for being silent. */
const SESSION_MS = 600_000;
const REBALANCE_MS = 60_000;
const ID_REQUIRED = 79;
const SINGLE_LEAVES_TO = 2;
/** Regular expressions are looked at after the answer. */
const RESOLVED_MS = 60;

const subscription = (world: World): Uint8Array => {
  const topics = world.dice.oneOf([[world.steady[0] ?? ""], [...world.steady], []]);
  return encodeVersioned(consumerSubscription, { topics, userData: null, ownedPartitions: [], generationId: -1, rackId: null }, 1);
};

const NOBODY: readonly [string, string] = ["", ""];

/** Mostly what the member is; sometimes somebody else, or of another generation. */
const claimOf = ({ dice, classic }: World) => {
  const ids = classic && dice.chance(0.9) ? classic.ids : (["stranger", "stranger"] as const);
  const generation = (classic?.generation ?? 1) + (dice.chance(0.1) ? 1 : 0);
  return (side: Side) => ({ memberId: ids[side], generationId: generation, groupInstanceId: null });
};

export const joinClassic = async (world: World): Promise<void> => {
  const { dice, twins } = world;
  const version = dice.between(2, 9);
  const protocolType = dice.oneOf(["consumer", "consumer", "consumer", "", "other"]);
  const metadata = subscription(world);
  const protocols = [{ name: "range", metadata }];
  const ask = (ids: readonly [string, string]) =>
    twins.ask(
      {
        api: joinGroup,
        version,
        request: (side: Side) => ({
          ...{ groupId: world.memberGroup, sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: REBALANCE_MS },
          ...{ memberId: ids[side], groupInstanceId: null, protocolType, protocols, reason: null },
        }),
      },
      `${world.memberGroup} ${protocolType}`,
    );
  let answers = await ask(world.classic?.ids ?? NOBODY);
  if (answers[0].errorCode === ID_REQUIRED) answers = await ask([answers[0].memberId, answers[1].memberId]);
  const [{ errorCode, memberId, generationId }, second] = answers;
  if (errorCode === 0) world.classic = { ids: [memberId, second.memberId], generation: generationId };
};

export const syncClassic = async (world: World): Promise<void> => {
  const claim = claimOf(world);
  const protocol = world.dice.oneOf(["range", "range", "range", "other"]);
  const version = world.dice.between(0, 5);
  const assignment = utf8(`assignment ${world.dice.between(0, 9)}`);
  const request = (side: Side) => ({
    ...{ groupId: world.memberGroup, ...claim(side), protocolType: "consumer", protocolName: protocol },
    assignments: [{ memberId: claim(side).memberId, assignment }],
  });
  await world.twins.ask({ api: syncGroup, version, request }, `${world.memberGroup} ${protocol}`);
};

export const beatClassic = async (world: World): Promise<void> => {
  const claim = claimOf(world);
  const request = (side: Side) => ({ groupId: world.memberGroup, ...claim(side) });
  await world.twins.ask({ api: heartbeat, version: world.dice.between(0, 4), request }, world.memberGroup);
};

export const commitAsMember = async (world: World): Promise<void> => {
  const claim = claimOf(world);
  const partitions = [{ partitionIndex: 0, committedOffset: world.dice.between(0, 9), committedLeaderEpoch: -1, committedMetadata: "" }];
  const topics = [{ name: world.dice.oneOf(world.steady), topicId: NO_ID, partitions }];
  const request = (side: Side) => {
    const { memberId, generationId, groupInstanceId } = claim(side);
    return { groupId: world.memberGroup, generationIdOrMemberEpoch: generationId, memberId, groupInstanceId, retentionTimeMs: -1, topics };
  };
  await world.twins.ask({ api: offsetCommit, version: world.dice.between(2, 8), request }, world.memberGroup);
};

export const leaveClassic = async (world: World): Promise<void> => {
  const claim = claimOf(world);
  const version = world.dice.between(0, 5);
  const request = (side: Side) => {
    const { memberId } = claim(side);
    return { groupId: world.memberGroup, memberId, members: [{ memberId, groupInstanceId: null, reason: null }] };
  };
  const [{ errorCode, members }] = await world.twins.ask({ api: leaveGroup, version, request }, world.memberGroup);
  const code = version > SINGLE_LEAVES_TO ? (members[0]?.errorCode ?? errorCode) : errorCode;
  if (code === 0) world.classic = undefined;
};

const NOTHING: Owned = [];

/** One of them in a game: Apache Kafka looks at another one only ten seconds later. */
const regexes = ({ prefix }: World): readonly string[] => [`${prefix}-steady.*`, `${prefix}-stead[a-z]-1`, "none"];

/** What the consumer protocol's member says: mostly what is so. */
const consumerBeat = (world: World): ((side: Side) => ConsumerGroupHeartbeatRequest) => {
  const { dice, consumer } = world;
  const joins = consumer === undefined || dice.chance(0.1);
  const epoch = joins ? 0 : (consumer?.epoch ?? 0) + (dice.chance(0.1) ? 1 : 0);
  const says = joins || dice.chance(0.5);
  const changes = joins || dice.chance(0.2);
  const regex = dice.oneOf([null, null, "", "[", "(?=a)", ...(world.hadRegex ? [] : regexes(world))]);
  const names = dice.oneOf([[], [...world.steady], world.steady.slice(0, 1)]);
  return (side) => ({
    ...{ groupId: world.consumerGroup, memberId: "member", memberEpoch: epoch, instanceId: null, rackId: null },
    rebalanceTimeoutMs: joins ? REBALANCE_MS : -1,
    subscribedTopicNames: changes ? names : null,
    subscribedTopicRegex: changes ? regex : null,
    serverAssignor: joins ? "range" : null,
    topicPartitions: joins ? NOTHING : says ? (consumer?.owned[side] ?? NOTHING) : null,
  });
};

export const beatConsumer = async (world: World): Promise<void> => {
  const request = consumerBeat(world);
  const { subscribedTopicRegex, subscribedTopicNames, memberEpoch } = request(0);
  const what = `epoch ${memberEpoch} names ${JSON.stringify(subscribedTopicNames)} regex ${subscribedTopicRegex}`;
  const [first, second] = await world.twins.ask({ api: consumerGroupHeartbeat, version: 1, request }, what);
  if (first.errorCode !== 0) return;
  if (subscribedTopicRegex) await delay(RESOLVED_MS);
  if ((subscribedTopicRegex ?? "") !== "") world.hadRegex = true;
  const before = world.consumer?.owned ?? [NOTHING, NOTHING];
  world.consumer = {
    epoch: first.memberEpoch,
    owned: [first.assignment?.topicPartitions ?? before[0], second.assignment?.topicPartitions ?? before[1]],
  };
};

/** The group is made by a member that wants nothing: Apache Kafka counts one epoch more for one that is made by somebody who does. */
export const beginConsumer = async (world: World): Promise<void> => {
  const request = (): ConsumerGroupHeartbeatRequest => ({
    ...{
      groupId: world.consumerGroup,
      memberId: "member",
      memberEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: REBALANCE_MS,
    },
    ...{ subscribedTopicNames: [], subscribedTopicRegex: null, serverAssignor: "range", topicPartitions: NOTHING },
  });
  const [{ memberEpoch }] = await world.twins.ask({ api: consumerGroupHeartbeat, version: 1, request }, world.consumerGroup);
  world.consumer = { epoch: memberEpoch, owned: [NOTHING, NOTHING] };
};

export const leaveConsumer = async (world: World): Promise<void> => {
  const request = (side: Side): ConsumerGroupHeartbeatRequest => ({
    ...consumerBeat(world)(side),
    ...{ memberEpoch: -1, subscribedTopicNames: null, subscribedTopicRegex: null, topicPartitions: null, rebalanceTimeoutMs: -1 },
    serverAssignor: null,
  });
  const [{ errorCode }] = await world.twins.ask({ api: consumerGroupHeartbeat, version: 1, request }, "leaves");
  if (errorCode === 0) world.consumer = undefined;
};

export const describeConsumers = async (world: World): Promise<void> => {
  const groupIds = [world.dice.oneOf([world.consumerGroup, world.memberGroup, "no-such-group"])];
  const request = () => ({ groupIds, includeAuthorizedOperations: false });
  await world.twins.ask({ api: consumerGroupDescribe, version: world.dice.between(0, 1), request }, groupIds.join());
};
