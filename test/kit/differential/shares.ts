// Steps of a share group with one member: records of a topic of its own are fetched and acknowledged in every way.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { incrementalAlterConfigs } from "../../../src/kafka/wire/api/44-incremental-alter-configs.ts";
import { shareGroupHeartbeat } from "../../../src/kafka/wire/api/76-share-group-heartbeat.ts";
import { shareFetch } from "../../../src/kafka/wire/api/78-share-fetch.ts";
import { shareAcknowledge } from "../../../src/kafka/wire/api/79-share-acknowledge.ts";
import { describeShareGroupOffsets } from "../../../src/kafka/wire/api/90-describe-share-group-offsets.ts";
import { write } from "./records.ts";
import { idsOf } from "./topics.ts";
import type { Side } from "./twins.ts";
import type { ShareTwin, World } from "./world.ts";

const GROUP_RESOURCE = 32;
const RELEASE = 2;
const NEVER_GIVEN = 1_000_000;
const MEMBER = "AAAAAAAAAAAAAAAAAAAAAQ";
/** Apache Kafka does not look at once; where nothing can come, nobody asks. */
const WAIT_MS = 500;
const TRIES = 100;
const PAUSE_MS = 50;

/** A member that has joined, and is to read from the beginning; Apache Kafka takes a while for that. */
export const beginShare = async (world: World): Promise<void> => {
  const configs = [
    { name: "share.auto.offset.reset", configOperation: 0, value: "earliest" },
    { name: "share.record.lock.duration.ms", configOperation: 0, value: "60000" },
  ];
  const resources = [{ resourceType: GROUP_RESOURCE, resourceName: world.shareGroup, configs }];
  await world.twins.each({ api: incrementalAlterConfigs, version: 1, request: () => ({ resources, validateOnly: false }) });
  const of = { groupId: world.shareGroup, memberId: MEMBER, rackId: null };
  const joins = { ...of, memberEpoch: 0, subscribedTopicNames: [world.shareTopic] };
  await world.twins.until(
    { api: shareGroupHeartbeat, version: 1, request: () => joins },
    ({ assignment }) => (assignment?.topicPartitions.length ?? 0) > 0,
  );
  world.share = { topicIds: await idsOf(world, world.shareTopic), epoch: 0, held: [], left: 0, released: -1 };
  await writeToShare(world);
  const hasSome = [false, false];
  for (let left = TRIES; left > 0 && hasSome.includes(false); left--) {
    const answers = await world.twins.each(fetching(world, world.share, { recordsMax: 1, cut: 1 }));
    for (const [side, { responses }] of answers.entries())
      if ((responses[0]?.partitions[0]?.acquiredRecords.length ?? 0) > 0) hasSome[side] = true;
    await delay(PAUSE_MS);
  }
  assert.ok(!hasSome.includes(false), "a share group does not begin to read");
  world.share.epoch = 1;
  world.share.held.push(0);
};

interface Acks {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly acknowledgeTypes: readonly number[];
}

const fetching = (
  world: World,
  { topicIds, epoch }: ShareTwin,
  of: { readonly acks?: readonly Acks[]; readonly recordsMax?: number; readonly cut?: number },
) => ({
  api: shareFetch,
  version: 2,
  request: (side: Side) => ({
    ...{
      groupId: world.shareGroup,
      memberId: MEMBER,
      shareSessionEpoch: epoch,
      maxWaitMs: of.recordsMax === undefined ? 0 : WAIT_MS,
      minBytes: 1,
      maxBytes: 1 << 20,
    },
    ...{ maxRecords: of.recordsMax ?? 0, batchSize: 100, shareAcquireMode: of.cut ?? 0, isRenewAck: false },
    topics: [{ topicId: topicIds[side], partitions: [{ partitionIndex: 0, acknowledgementBatches: of.acks ?? [] }] }],
    forgottenTopicsData: [],
  }),
});

/** Some of what is held, in order; sometimes what is not. */
const acksOf = (world: World, share: ShareTwin): readonly Acks[] => {
  const { dice } = world;
  const [next = NEVER_GIVEN] = share.held;
  if (dice.chance(0.1)) {
    // Nothing before the first that is held: Apache Kafka stumbles over some of that.
    const firstOffset = dice.oneOf([next, NEVER_GIVEN]);
    return [{ firstOffset, lastOffset: firstOffset + dice.between(-1, 200), acknowledgeTypes: [dice.oneOf([9, 4, -1])] }];
  }
  const first = share.held.shift();
  if (first === undefined) return [];
  let last = first;
  while (share.held[0] === last + 1 && dice.chance(0.7)) last = share.held.shift() ?? last;
  // Apache Kafka gives fewer at once of what it has given often, so nothing is released twice.
  const isNew = first > share.released;
  const types = Array.from({ length: last - first + 1 }, () => dice.oneOf(isNew ? [0, 1, 1, 1, RELEASE, RELEASE, 3] : [0, 1, 1, 3]));
  const acknowledgeTypes = dice.chance(0.5) ? types : types.slice(0, 1);
  if (acknowledgeTypes.includes(RELEASE)) {
    share.left += types.length;
    share.released = Math.max(share.released, last);
  }
  return [{ firstOffset: first, lastOffset: last, acknowledgeTypes }];
};

export const writeToShare = async (world: World): Promise<void> => {
  const { code, count } = await write(world, { topic: world.shareTopic, partition: 0, keyed: true });
  if (world.share && code === 0) world.share.left += count;
};

export const fetchShare = async (world: World): Promise<void> => {
  const { share, dice } = world;
  if (!share || share.left === 0) return;
  const acks = dice.chance(0.3) ? acksOf(world, share) : [];
  // What comes back with a request may or may not be given with its answer.
  const of = acks.length > 0 ? { acks } : { recordsMax: dice.oneOf([1, 2, 5, 100]), cut: share.released < 0 ? dice.between(0, 1) : 1 };
  const [{ errorCode, responses }] = await world.twins.ask(fetching(world, share, of), JSON.stringify(of));
  if (errorCode === 0) share.epoch += 1;
  const acquired = responses[0]?.partitions[0]?.acquiredRecords ?? [];
  for (const { firstOffset, lastOffset } of acquired)
    for (let offset = firstOffset; offset <= lastOffset; offset++) share.held.push(offset);
  const given = acquired.reduce((sum, { firstOffset, lastOffset }) => sum + lastOffset - firstOffset + 1, 0);
  if (acks.length === 0) share.left = given === 0 ? 0 : Math.max(0, share.left - given);
  share.held.sort((one, other) => one - other);
};

export const acknowledgeShare = async (world: World): Promise<void> => {
  const { share, dice } = world;
  if (!share) return;
  const isLate = dice.chance(0.05);
  const acknowledgementBatches = isLate ? [] : acksOf(world, share); // What is refused as a whole is not given back.
  const shareSessionEpoch = share.epoch + (isLate ? 1 : 0);
  const request = (side: Side) => ({
    ...{ groupId: world.shareGroup, memberId: MEMBER, shareSessionEpoch, isRenewAck: false },
    topics: [{ topicId: share.topicIds[side], partitions: [{ partitionIndex: 0, acknowledgementBatches }] }],
  });
  const [{ errorCode }] = await world.twins.ask({ api: shareAcknowledge, version: 2, request }, JSON.stringify(acknowledgementBatches));
  if (errorCode === 0) share.epoch += 1;
};

export const describeShare = async (world: World): Promise<void> => {
  const request = () => ({ groups: [{ groupId: world.shareGroup, topics: null }] });
  await world.twins.ask({ api: describeShareGroupOffsets, version: world.dice.between(0, 1), request }, world.shareGroup);
};
